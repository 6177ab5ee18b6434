/* support/case_judge.h: holds what came out against what TensorFlow answered.
 */
#ifndef FIRN_TEST_CASE_JUDGE_H
#define FIRN_TEST_CASE_JUDGE_H

#include "support/case_file.h"

OP_UNUSED double case_element(const firn_tensor *t, size_t i) {
  if (t->dtype == FIRN_COMPLEX64) return (double)((float *)t->data)[i];
  if (t->dtype == FIRN_COMPLEX128) return ((double *)t->data)[i];
  return firn_tensor_f64(t, i);
}

/* The largest |have - want| / max(1, |want|); infinite for NaN against number.
 */
OP_UNUSED double case_distance(const firn_tensor *have,
                               const firn_tensor *want) {
  const bool pairs =
      have->dtype == FIRN_COMPLEX64 || have->dtype == FIRN_COMPLEX128;
  double worst = 0;
  for (size_t i = 0; i < have->count * (pairs ? 2 : 1); i++) {
    const double h = case_element(have, i), w = case_element(want, i);
    if (h == w || (isnan(h) && isnan(w))) continue;
    const double d = fabs(h - w) / (fabs(w) > 1 ? fabs(w) : 1);
    if (!(d <= worst)) worst = isnan(d) ? INFINITY : d;
  }
  return worst;
}

OP_UNUSED bool case_same_exactly(const firn_tensor *have,
                                 const firn_tensor *want) {
  for (size_t i = 0; i < have->count; i++)
    if (!op_same_element(have, want, i, 0)) return false;
  return true;
}

OP_UNUSED bool case_is_float_like(firn_dtype t) {
  return op_is_float(t) || t == FIRN_COMPLEX64 || t == FIRN_COMPLEX128;
}

/* Output i of a case; `how` says under which circumstances it came out. */
OP_UNUSED bool case_output_is_right(const one_case *c, size_t i,
                                    const firn_tensor *have, const char *how) {
  const firn_tensor *want = c->want[i];
  char th[256], tw[256];
  if (have->dtype != want->dtype ||
      !firn_shape_equal(&have->shape, &want->shape)) {
    printf("FAIL %s (%s): output %zu is %s %s, not %s %s\n", c->name, how, i,
           firn_dtype_name(have->dtype), firn_shape_text(&have->shape, th),
           firn_dtype_name(want->dtype), firn_shape_text(&want->shape, tw));
    return false;
  }
  if (c->open >> i & 1) return true;
  const bool floats = case_is_float_like(have->dtype);
  const double d = floats ? case_distance(have, want) : 0;
  if (floats ? d <= c->tol : case_same_exactly(have, want)) return true;
  char *a = firn_tensor_json(have), *b = firn_tensor_json(want);
  printf(
      "FAIL %s (%s): output %zu differs by %g, may by %g\n  have %.600s\n"
      "  want %.600s\n",
      c->name, how, i, d, c->tol, a ? a : "?", b ? b : "?");
  free(a);
  free(b);
  return false;
}

/* Whether tests/conformance/left_out.txt says that the case cannot be right:
 * lines of a case's name, its op and the reason, with tabs between. */
OP_UNUSED bool case_left_out(const char *name) {
  static char lines[16384];
  if (!*lines) {
    FILE *f = fopen("tests/conformance/left_out.txt", "r");
    const size_t n = f ? fread(lines + 1, 1, sizeof lines - 2, f) : 0;
    if (f) fclose(f);
    lines[0] = '\n';
    lines[n + 1] = 0;
  }
  char line[200];
  snprintf(line, sizeof line, "\n%s\t", name);
  return strstr(lines, line) != NULL;
}

/* What TensorFlow refuses must be refused, with its code or as invalid. */
OP_UNUSED bool case_refusal_is_right(const one_case *c, firn_code code,
                                     const char *message, const char *how) {
  if (code == (firn_code)c->code || code == FIRN_INVALID_ARGUMENT) return true;
  if (code != FIRN_OK)
    printf("FAIL %s (%s): %s: %s\n", c->name, how, firn_code_name(code),
           message);
  else
    printf("FAIL %s (%s): was not refused (%s)\n", c->name, how,
           firn_code_name((firn_code)c->code));
  return false;
}

/* Runs the cases of the file that the arguments name: [-v] FILE [WORD], only
 * those with WORD in their name. `is_right` judges one; `noun` is what they are
 * called. Gives the exit status. */
OP_UNUSED int case_run_file(int argc, char **argv, const char *noun,
                            bool (*is_right)(one_case *c)) {
  const bool verbose = argc > 1 && !strcmp(argv[1], "-v");
  const char *path = argc > 1 + verbose ? argv[1 + verbose] : "";
  const char *word = argc > 2 + verbose ? argv[2 + verbose] : "";
  firn_error err = FIRN_ERROR_INIT;
  firn_file *file = NULL;
  uint8_t *own = NULL;
  case_reader r = {{NULL, 0}, false};
  size_t run = 0, failed = 0;
  if (firn_file_open(path, NULL, &file, &err) != FIRN_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 2;
  }
  if (!case_unpack(file->bytes, &r.left, &own)) {
    fprintf(stderr, "%s is no file of %s\n", path, noun);
    firn_file_close(file);
    free(own);
    return 2;
  }
  case_begin(&r);
  while (r.left.size && !r.damaged) {
    one_case c;
    case_take(&r, &c, NULL);
    if (!r.damaged && strstr(c.name, word)) {
      run++;
      if (verbose) printf("%s\n", c.name), fflush(stdout);
      const bool right = is_right(&c);
      if (right && case_left_out(c.name))
        printf("FAIL %s: is right, but listed in left_out.txt\n", c.name);
      failed += right == case_left_out(c.name);
    }
    case_end(&c);
  }
  if (r.damaged) printf("damaged file\n");
  printf("%zu %s, %zu failed\n", run, noun, failed);
  free(own);
  firn_file_close(file);
  return failed || r.damaged || !run;
}

#endif
