/* ops/optimizer.c: the ops that train: Apply... and SparseApply... on reference
 * and resource variables. */
#include "ops/apply_rules.h"

/* ---- Types, as TensorFlow has kernels for ------------------------------- */

#define REALS FIRN_FLOATS
#define ALL (FIRN_FLOATS | FIRN_COMPLEXES)
#define WIDE (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE))
#define NO_BFLOAT (ALL & ~FIRN_BIT(FIRN_BFLOAT16))

#define KERNEL(ID, RULE, SPARSE, TYPES)                                 \
  static const firn_apply_form ID##_form = {&firn_rule_##RULE, SPARSE}; \
  static const firn_kernel ID[] = {{.types = {{"T", TYPES}},            \
                                    .drive = firn_apply_drive,          \
                                    .micro = {.table = &ID##_form}},    \
                                   {.drive = NULL}};
#define DENSE(RULE, TYPES) KERNEL(RULE, RULE, false, TYPES)
#define SPARSE(RULE, TYPES) KERNEL(sparse_##RULE, RULE, true, TYPES)

DENSE(gradient_descent, ALL)
DENSE(momentum, ALL)
DENSE(keras_momentum, ALL)
DENSE(adam, ALL)
DENSE(amsgrad, REALS)
DENSE(ada_max, REALS & ~FIRN_BIT(FIRN_BFLOAT16))
DENSE(adagrad, ALL)
DENSE(adagrad_v2, ALL)
DENSE(adagrad_da, WIDE)
DENSE(adadelta, ALL)
DENSE(rms_prop, ALL)
DENSE(centered_rms_prop, ALL)
DENSE(ftrl, REALS)
DENSE(ftrl_v2, REALS)
DENSE(add_sign, REALS)
DENSE(power_sign, REALS)
DENSE(proximal_adagrad, WIDE)
DENSE(proximal_gradient_descent, WIDE)

SPARSE(momentum, ALL)
SPARSE(keras_momentum, ALL)
SPARSE(adagrad, ALL)
SPARSE(adagrad_v2, ALL)
SPARSE(adagrad_da, WIDE)
SPARSE(adadelta, ALL)
KERNEL(sparse_rms_prop, rms_prop_rows, true, NO_BFLOAT)
KERNEL(sparse_centered_rms_prop, centered_rms_prop_rows, true, NO_BFLOAT)
KERNEL(sparse_ftrl, ftrl_rows, true, REALS)
KERNEL(sparse_ftrl_v2, ftrl_v2_rows, true, REALS)
SPARSE(proximal_adagrad, WIDE)
SPARSE(proximal_gradient_descent, WIDE)

/* ---- The family --------------------------------------------------------- */

enum { WRITES = FIRN_OP_STATEFUL | FIRN_OP_GIVES | FIRN_OP_WRITES };

#define ONE(NAME, KERNELS) \
  { NAME, firn_apply_infer, KERNELS, WRITES }
#define BOTH(NAME, KERNELS) \
  ONE("Apply" NAME, KERNELS), ONE("ResourceApply" NAME, KERNELS)
#define ONE_SPARSE(NAME, KERNELS) \
  { NAME, firn_apply_infer_sparse, KERNELS, WRITES }
#define BOTH_SPARSE(NAME, KERNELS)         \
  ONE_SPARSE("SparseApply" NAME, KERNELS), \
      ONE_SPARSE("ResourceSparseApply" NAME, KERNELS)

static const firn_op ops[] = {
    BOTH("GradientDescent", gradient_descent),
    BOTH("Momentum", momentum),
    ONE("ResourceApplyKerasMomentum", keras_momentum),
    BOTH("Adam", adam),
    ONE("ResourceApplyAdamWithAmsgrad", amsgrad),
    BOTH("AdaMax", ada_max),
    BOTH("Adagrad", adagrad),
    BOTH("AdagradV2", adagrad_v2),
    BOTH("AdagradDA", adagrad_da),
    BOTH("Adadelta", adadelta),
    BOTH("RMSProp", rms_prop),
    BOTH("CenteredRMSProp", centered_rms_prop),
    BOTH("Ftrl", ftrl),
    BOTH("FtrlV2", ftrl_v2),
    BOTH("AddSign", add_sign),
    BOTH("PowerSign", power_sign),
    BOTH("ProximalAdagrad", proximal_adagrad),
    BOTH("ProximalGradientDescent", proximal_gradient_descent),
    BOTH_SPARSE("Momentum", sparse_momentum),
    ONE_SPARSE("ResourceSparseApplyKerasMomentum", sparse_keras_momentum),
    BOTH_SPARSE("Adagrad", sparse_adagrad),
    BOTH_SPARSE("AdagradV2", sparse_adagrad_v2),
    BOTH_SPARSE("AdagradDA", sparse_adagrad_da),
    BOTH_SPARSE("Adadelta", sparse_adadelta),
    BOTH_SPARSE("RMSProp", sparse_rms_prop),
    BOTH_SPARSE("CenteredRMSProp", sparse_centered_rms_prop),
    BOTH_SPARSE("Ftrl", sparse_ftrl),
    BOTH_SPARSE("FtrlV2", sparse_ftrl_v2),
    BOTH_SPARSE("ProximalAdagrad", sparse_proximal_adagrad),
    BOTH_SPARSE("ProximalGradientDescent", sparse_proximal_gradient_descent),
};

FIRN_OP_FAMILY(optimizer, ops);
