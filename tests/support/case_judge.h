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

#endif
