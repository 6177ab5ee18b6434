/* ops/apply_rules.h: the optimisers' rules, for the family that lists their
 * ops.
 *
 * Threads: constant.
 */
#ifndef FIRN_OPS_APPLY_RULES_H
#define FIRN_OPS_APPLY_RULES_H

#include "ops/apply.h"

extern const firn_apply_rule firn_rule_gradient_descent, firn_rule_momentum,
    firn_rule_keras_momentum, firn_rule_adam, firn_rule_amsgrad,
    firn_rule_ada_max, firn_rule_adagrad, firn_rule_adagrad_v2,
    firn_rule_adagrad_da, firn_rule_adadelta, firn_rule_rms_prop,
    firn_rule_centered_rms_prop, firn_rule_ftrl, firn_rule_ftrl_v2,
    firn_rule_add_sign, firn_rule_power_sign, firn_rule_proximal_adagrad,
    firn_rule_proximal_gradient_descent;

/* Where TensorFlow goes over rows by another formula, which shows with NaN and
 * infinities. */
extern const firn_apply_rule firn_rule_rms_prop_rows,
    firn_rule_centered_rms_prop_rows, firn_rule_ftrl_rows,
    firn_rule_ftrl_v2_rows;

#endif
