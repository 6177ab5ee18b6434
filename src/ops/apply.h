/* ops/apply.h: optimisers, as rules of what happens to one element.
 *
 * A rule has some variables that change together (the weights and their slots),
 * a gradient and hyperparameters. The driver takes the locks, checks shapes and
 * indices, and calls the rule for runs of elements that lie one after the
 * other. Rules are written once for float, double and their complex forms; half
 * and bfloat16 are widened, and rounded once.
 *
 * Threads: rules are pure functions of what they are given.
 */
#ifndef FIRN_OPS_APPLY_H
#define FIRN_OPS_APPLY_H

#include "ops/op.h"

enum {
  FIRN_APPLY_SLOTS = 4,   /* most variables of a rule      */
  FIRN_APPLY_SCALARS = 8, /* most hyperparameters of a rule */
};

/* What a rule gets. Real hyperparameters are in `h`, in the order of the op's
 * inputs; `c` has the imaginary parts of complex ones. */
typedef struct firn_apply {
  void *slot[FIRN_APPLY_SLOTS]; /* the weights first */
  const void *grad;
  double h[FIRN_APPLY_SCALARS], c[FIRN_APPLY_SCALARS];
  bool flag; /* use_nesterov, update_slots, multiply_linear_by_lr */
} firn_apply;

typedef void (*firn_apply_fn)(const firn_apply *a, size_t n);

typedef struct firn_apply_rule {
  int slots;        /* variables: inputs 0 to slots - 1 */
  int grad;         /* the gradient's input; indices follow it */
  const char *attr; /* of the flag, or NULL */
  bool flag;        /* without the attr     */
  firn_apply_fn f32, f64, c64, c128; /* NULL: not for that type */
} firn_apply_rule;

typedef struct firn_apply_form {
  const firn_apply_rule *rule;
  bool sparse;
} firn_apply_form;

/* The kernels' drive and the ops' infer; micro.table is a firn_apply_form. */
FIRN_CHECKED firn_code firn_apply_drive(const firn_run *run, firn_error *err);
FIRN_CHECKED firn_code firn_apply_infer(firn_infer *q, firn_error *err);
FIRN_CHECKED firn_code firn_apply_infer_sparse(firn_infer *q, firn_error *err);

#endif
