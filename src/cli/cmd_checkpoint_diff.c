/* cli/cmd_checkpoint_diff.c: `firn checkpoint diff A B` says in what two
 * checkpoints differ.
 *
 * One difference a line, by name, tab between columns:
 *
 *   only-a	w	float32	[2]
 *   only-b	v	float32	[2]
 *   type	w	float32	[2]	float64	[2]
 *   shape	w	float32	[2]	float32	[3]
 *   value	w	float32	[2]	0.5	0.25	1
 *
 * Of values: the largest absolute and relative difference (to the larger of two
 * numbers), and how many elements are beyond the tolerance. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/surgery.h"

typedef struct comparison {
  const firn_args *args;
  firn_opened a, b;
  firn_tolerance tolerance;
  size_t differences;
} comparison;

/* ---- One line ----------------------------------------------------------- */

static void print_side(FILE *out, const firn_checkpoint_entry *e, bool json,
                       const char *side) {
  if (!json) {
    fprintf(out, "\t%s\t", firn_dtype_name(e->dtype));
    firn_print_shape(out, &e->shape);
    return;
  }
  fprintf(out, ",\"%sdtype\":\"%s\",\"%sshape\":", side,
          firn_dtype_name(e->dtype), side);
  firn_print_json_shape(out, &e->shape);
}

static void print_head(FILE *out, const char *what, firn_str name, bool json) {
  if (json) {
    fprintf(out, "{\"difference\":\"%s\",\"name\":", what);
    firn_print_json(out, name);
    return;
  }
  fprintf(out, "%s\t", what);
  fwrite(name.data, 1, name.size, out);
}

static void print_number(FILE *out, double value, bool json) {
  fprintf(out, json && isinf(value) ? "\"%g\"" : "%g", value);
}

static void print_only(comparison *c, FILE *out, const char *what,
                       const firn_checkpoint_entry *e) {
  c->differences++;
  print_head(out, what, e->name, c->args->json);
  print_side(out, e, c->args->json, "");
  fputs(c->args->json ? "}\n" : "\n", out);
}

static void print_other(comparison *c, FILE *out,
                        const firn_checkpoint_entry *a,
                        const firn_checkpoint_entry *b) {
  const bool json = c->args->json;
  c->differences++;
  print_head(out, a->dtype != b->dtype ? "type" : "shape", a->name, json);
  print_side(out, a, json, "a_");
  print_side(out, b, json, "b_");
  fputs(json ? "}\n" : "\n", out);
}

static void print_values(comparison *c, FILE *out,
                         const firn_checkpoint_entry *e,
                         const firn_difference *d) {
  const bool json = c->args->json, text = e->dtype == FIRN_STRING;
  c->differences++;
  print_head(out, "value", e->name, json);
  print_side(out, e, json, "");
  fputs(json ? ",\"absolute\":" : "\t", out);
  if (text)
    fputs(json ? "null" : "-", out);
  else
    print_number(out, d->absolute, json);
  fputs(json ? ",\"relative\":" : "\t", out);
  if (text)
    fputs(json ? "null" : "-", out);
  else
    print_number(out, d->relative, json);
  fprintf(out, json ? ",\"count\":%" PRIu64 "}\n" : "\t%" PRIu64 "\n",
          d->count);
}

/* ---- All of them -------------------------------------------------------- */

static int by_name(firn_str a, firn_str b) {
  const size_t n = a.size < b.size ? a.size : b.size;
  const int order = n ? memcmp(a.data, b.data, n) : 0;
  return order ? order : (a.size > b.size) - (a.size < b.size);
}

static bool same_shape(const firn_shape *a, const firn_shape *b) {
  return a->rank == b->rank &&
         (a->rank <= 0 ||
          !memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims));
}

static firn_code compare_one(comparison *c, size_t i, size_t k, FILE *out,
                             firn_error *err) {
  const firn_checkpoint_entry a = firn_checkpoint_at(c->a.ck, i);
  const firn_checkpoint_entry b = firn_checkpoint_at(c->b.ck, k);
  firn_difference d;
  if (a.dtype != b.dtype || !same_shape(&a.shape, &b.shape)) {
    print_other(c, out, &a, &b);
    return FIRN_OK;
  }
  FIRN_TRY(
      firn_checkpoint_compare(c->a.ck, i, c->b.ck, k, &c->tolerance, &d, err));
  if (d.count) print_values(c, out, &a, &d);
  return FIRN_OK;
}

/* Both are sorted, so one walk over both finds everything. */
static firn_code compare_all(comparison *c, FILE *out, firn_error *err) {
  const size_t an = firn_checkpoint_count(c->a.ck);
  const size_t bn = firn_checkpoint_count(c->b.ck);
  for (size_t i = 0, k = 0; i < an || k < bn;) {
    firn_checkpoint_entry a = {.slices = 0}, b = {.slices = 0};
    if (i < an) a = firn_checkpoint_at(c->a.ck, i);
    if (k < bn) b = firn_checkpoint_at(c->b.ck, k);
    const int order = i == an ? 1 : k == bn ? -1 : by_name(a.name, b.name);
    if (order < 0) print_only(c, out, "only-a", &a);
    if (order > 0) print_only(c, out, "only-b", &b);
    if (order == 0) FIRN_TRY(compare_one(c, i, k, out, err));
    i += order <= 0;
    k += order >= 0;
  }
  return FIRN_OK;
}

/* ---- Words -------------------------------------------------------------- */

static firn_code take_number(const firn_args *args, const char *flag,
                             double *out, firn_error *err) {
  const char *text = firn_args_get(args, flag);
  char *end = NULL;
  if (!text) return FIRN_OK;
  *out = strtod(text, &end);
  if (!*text || *end || !(*out >= 0))
    return firn_misuse(err, "'%s' wants a number from 0, not '%s'", flag, text);
  return FIRN_OK;
}

static firn_code compare(comparison *c, FILE *out, firn_error *err) {
  const firn_args *args = c->args;
  FIRN_TRY(take_number(args, "--rtol", &c->tolerance.relative, err));
  FIRN_TRY(take_number(args, "--atol", &c->tolerance.absolute, err));
  FIRN_TRY(firn_opened_open(args, args->value[0], &c->a, err));
  FIRN_TRY(firn_opened_open(args, args->value[1], &c->b, err));
  FIRN_TRY(compare_all(c, out, err));
  if (!c->differences) return FIRN_OK;
  fflush(out); /* the lines before the message */
  return firn_fail(err, FIRN_ABORTED, "%zu tensor%s differ%s", c->differences,
                   c->differences == 1 ? "" : "s",
                   c->differences == 1 ? "s" : "");
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  comparison c = {.args = args};
  const firn_code code = compare(&c, out, err);
  firn_opened_close(&c.a);
  firn_opened_close(&c.b);
  return code;
}

static const firn_flag flags[] = {
    {"--rtol", "R", "equal within R times the larger number", NULL},
    {"--atol", "A", "equal within A", NULL},
    {0},
};

const firn_command firn_cmd_checkpoint_diff = {
    .name = "checkpoint diff",
    .usage = "PREFIX PREFIX",
    .summary = "compare two checkpoints, values and all",
    .min_args = 2,
    .max_args = 2,
    .flags = flags,
    .run = run,
};
