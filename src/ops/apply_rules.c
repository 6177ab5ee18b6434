/* ops/apply_rules.c: what an optimiser does to one element.
 *
 * x is the weight, g the gradient; the other names are those of the ops'
 * inputs. Each rule is a loop over elements that a compiler can vectorise.
 */
#include "ops/apply_rules.h"

#include "base/complex.h"
#include <math.h>

/* ---- Types -------------------------------------------------------------- */

#define REAL(T, i) ((T)a->h[i])
#define COMPLEX(T, i) ((T)a->h[i] + (T)a->c[i] * (T)I)

/* A rule's loop for real types, and for complex ones too. */
#define FOR_REALS(RULE)                      \
  RULE(f32, float, REAL, sqrtf, fabsf, powf) \
  RULE(f64, double, REAL, sqrt, fabs, pow)
#define FOR_ALL(RULE)                                     \
  FOR_REALS(RULE)                                         \
  RULE(c64, float complex, COMPLEX, csqrtf, cabsf, cpowf) \
  RULE(c128, double complex, COMPLEX, csqrt, cabs, cpow)

/* The head of a loop: the weights, the gradient and the slots. */
#define LOOP(NAME, ID, T)                                  \
  static void NAME##_##ID(const firn_apply *a, size_t n) { \
    T *restrict x = a->slot[0];                            \
    const T *restrict g = a->grad;
#define SLOT(T, NAME, i) T *restrict NAME = a->slot[i];

#define REAL_RULE(NAME, SLOTS, GRAD, ATTR, FLAG) \
  const firn_apply_rule firn_rule_##NAME = {     \
      SLOTS, GRAD, ATTR, FLAG, NAME##_f32, NAME##_f64, NULL, NULL};
#define ANY_RULE(NAME, SLOTS, GRAD, ATTR, FLAG)  \
  const firn_apply_rule firn_rule_##NAME =       \
      {SLOTS,      GRAD,       ATTR,       FLAG, \
       NAME##_f32, NAME##_f64, NAME##_c64, NAME##_c128};

/* ---- Descent and momentum ----------------------------------------------- */

#define GRADIENT_DESCENT(ID, T, H, SQRT, ABS, POW)     \
  LOOP(gradient_descent, ID, T)                        \
  const T alpha = H(T, 0);                             \
  for (size_t i = 0; i < n; i++) x[i] -= g[i] * alpha; \
  }

FOR_ALL(GRADIENT_DESCENT)
ANY_RULE(gradient_descent, 1, 2, NULL, false)

#define MOMENTUM(ID, T, H, SQRT, ABS, POW)                                   \
  LOOP(momentum, ID, T)                                                      \
  SLOT(T, accum, 1)                                                          \
  const T lr = H(T, 0), momentum = H(T, 1);                                  \
  const bool nesterov = a->flag;                                             \
  for (size_t i = 0; i < n; i++) {                                           \
    accum[i] = accum[i] * momentum + g[i];                                   \
    x[i] -= nesterov ? g[i] * lr + accum[i] * momentum * lr : accum[i] * lr; \
  }                                                                          \
  }

FOR_ALL(MOMENTUM)
ANY_RULE(momentum, 2, 3, "use_nesterov", false)

#define KERAS_MOMENTUM(ID, T, H, SQRT, ABS, POW)                   \
  LOOP(keras_momentum, ID, T)                                      \
  SLOT(T, accum, 1)                                                \
  const T lr = H(T, 0), momentum = H(T, 1);                        \
  const bool nesterov = a->flag;                                   \
  for (size_t i = 0; i < n; i++) {                                 \
    accum[i] = accum[i] * momentum - g[i] * lr;                    \
    x[i] += nesterov ? accum[i] * momentum - g[i] * lr : accum[i]; \
  }                                                                \
  }

FOR_ALL(KERAS_MOMENTUM)
ANY_RULE(keras_momentum, 2, 3, "use_nesterov", false)

/* ---- Adam --------------------------------------------------------------- */

/* A NaN makes no slot larger. */

#define ADAM(ID, T, H, SQRT, ABS, POW)                                    \
  LOOP(adam, ID, T)                                                       \
  SLOT(T, m, 1)                                                           \
  SLOT(T, v, 2)                                                           \
  const T one = 1, beta1 = H(T, 3), beta2 = H(T, 4), epsilon = H(T, 5);   \
  const T alpha = H(T, 2) * SQRT(one - H(T, 1)) / (one - H(T, 0));        \
  const bool nesterov = a->flag;                                          \
  for (size_t i = 0; i < n; i++) {                                        \
    m[i] += (g[i] - m[i]) * (one - beta1);                                \
    v[i] += (g[i] * g[i] - v[i]) * (one - beta2);                         \
    const T step = nesterov ? g[i] * (one - beta1) + beta1 * m[i] : m[i]; \
    x[i] -= step * alpha / (SQRT(v[i]) + epsilon);                        \
  }                                                                       \
  }

FOR_ALL(ADAM)
ANY_RULE(adam, 3, 9, "use_nesterov", false)

#define AMSGRAD(ID, T, H, SQRT, ABS, POW)                               \
  LOOP(amsgrad, ID, T)                                                  \
  SLOT(T, m, 1)                                                         \
  SLOT(T, v, 2)                                                         \
  SLOT(T, vhat, 3)                                                      \
  const T one = 1, beta1 = H(T, 3), beta2 = H(T, 4), epsilon = H(T, 5); \
  const T alpha = H(T, 2) * SQRT(one - H(T, 1)) / (one - H(T, 0));      \
  for (size_t i = 0; i < n; i++) {                                      \
    m[i] += (g[i] - m[i]) * (one - beta1);                              \
    v[i] += (g[i] * g[i] - v[i]) * (one - beta2);                       \
    vhat[i] = vhat[i] < v[i] ? v[i] : vhat[i];                          \
    x[i] -= m[i] * alpha / (SQRT(vhat[i]) + epsilon);                   \
  }                                                                     \
  }

FOR_REALS(AMSGRAD)
REAL_RULE(amsgrad, 4, 10, NULL, false)

#define ADA_MAX(ID, T, H, SQRT, ABS, POW)                               \
  LOOP(ada_max, ID, T)                                                  \
  SLOT(T, m, 1)                                                         \
  SLOT(T, v, 2)                                                         \
  const T one = 1, beta1 = H(T, 2), beta2 = H(T, 3), epsilon = H(T, 4); \
  const T lr = H(T, 1) / (one - H(T, 0));                               \
  for (size_t i = 0; i < n; i++) {                                      \
    const T size = ABS(g[i]), old = beta2 * v[i];                       \
    m[i] += (g[i] - m[i]) * (one - beta1);                              \
    v[i] = old < size ? size : old;                                     \
    x[i] -= lr * (m[i] / (v[i] + epsilon));                             \
  }                                                                     \
  }

FOR_REALS(ADA_MAX)
REAL_RULE(ada_max, 3, 8, NULL, false)

/* ---- Adagrad and Adadelta ----------------------------------------------- */

#define ADAGRAD(ID, T, H, SQRT, ABS, POW) \
  LOOP(adagrad, ID, T)                    \
  SLOT(T, accum, 1)                       \
  const T lr = H(T, 0);                   \
  const bool update = a->flag;            \
  for (size_t i = 0; i < n; i++) {        \
    if (update) accum[i] += g[i] * g[i];  \
    x[i] -= g[i] * lr / SQRT(accum[i]);   \
  }                                       \
  }

FOR_ALL(ADAGRAD)
ANY_RULE(adagrad, 2, 3, "update_slots", true)

#define ADAGRAD_V2(ID, T, H, SQRT, ABS, POW)        \
  LOOP(adagrad_v2, ID, T)                           \
  SLOT(T, accum, 1)                                 \
  const T lr = H(T, 0), epsilon = H(T, 1);          \
  const bool update = a->flag;                      \
  for (size_t i = 0; i < n; i++) {                  \
    if (update) accum[i] += g[i] * g[i];            \
    x[i] -= g[i] * lr / (SQRT(accum[i]) + epsilon); \
  }                                                 \
  }

FOR_ALL(ADAGRAD_V2)
ANY_RULE(adagrad_v2, 2, 4, "update_slots", true)

#define SIGN(v) ((v) > 0 ? 1 : (v) < 0 ? -1 : 0)

/* `v` drawn towards zero by `by`; NaN stays. */
#define SHRUNK(T, ABS, v, by) \
  (ABS(v) <= (by) ? 0 : (v) > 0 ? (v) - (by) : (v) + (by))

#define ADAGRAD_DA(ID, T, H, SQRT, ABS, POW)                        \
  LOOP(adagrad_da, ID, T)                                           \
  SLOT(T, sum, 1)                                                   \
  SLOT(T, squares, 2)                                               \
  const T lr = H(T, 0), l1 = H(T, 1), l2 = H(T, 2), step = H(T, 3); \
  for (size_t i = 0; i < n; i++) {                                  \
    sum[i] += g[i];                                                 \
    squares[i] += g[i] * g[i];                                      \
    const T mean = sum[i] / step;                                   \
    const T pull = l1 > 0 ? SHRUNK(T, ABS, mean, l1) : mean;        \
    x[i] = -pull / (l2 + SQRT(squares[i]) / (step * lr));           \
  }                                                                 \
  }

FOR_REALS(ADAGRAD_DA)
REAL_RULE(adagrad_da, 3, 3, NULL, false)

#define ADADELTA(ID, T, H, SQRT, ABS, POW)                            \
  LOOP(adadelta, ID, T)                                               \
  SLOT(T, accum, 1)                                                   \
  SLOT(T, updates, 2)                                                 \
  const T one = 1, lr = H(T, 0), rho = H(T, 1), epsilon = H(T, 2);    \
  for (size_t i = 0; i < n; i++) {                                    \
    accum[i] = accum[i] * rho + g[i] * g[i] * (one - rho);            \
    const T update =                                                  \
        SQRT(updates[i] + epsilon) / SQRT(accum[i] + epsilon) * g[i]; \
    x[i] -= update * lr;                                              \
    updates[i] = updates[i] * rho + update * update * (one - rho);    \
  }                                                                   \
  }

FOR_ALL(ADADELTA)
ANY_RULE(adadelta, 3, 6, NULL, false)

/* ---- RMSProp ------------------------------------------------------------ */

/* How a mean rolls on: over rows in other words, which tell where there are
 * infinities. */
#define ROLL(mean, to) mean += ((to)-mean) * (one - rho)
#define ROLL_ROW(mean, to) mean = mean * rho + (to) * (one - rho)

#define RMS_PROP_OF(NAME, ROLL, ID, T, H, SQRT)                     \
  LOOP(NAME, ID, T)                                                 \
  SLOT(T, ms, 1)                                                    \
  SLOT(T, mom, 2)                                                   \
  const T one = 1, lr = H(T, 0), rho = H(T, 1), momentum = H(T, 2); \
  const T epsilon = H(T, 3);                                        \
  for (size_t i = 0; i < n; i++) {                                  \
    ROLL(ms[i], g[i] * g[i]);                                       \
    mom[i] = mom[i] * momentum + g[i] * lr / SQRT(ms[i] + epsilon); \
    x[i] -= mom[i];                                                 \
  }                                                                 \
  }
#define RMS_PROP(ID, T, H, SQRT, ABS, POW) \
  RMS_PROP_OF(rms_prop, ROLL, ID, T, H, SQRT)
#define RMS_PROP_ROWS(ID, T, H, SQRT, ABS, POW) \
  RMS_PROP_OF(rms_prop_rows, ROLL_ROW, ID, T, H, SQRT)

FOR_ALL(RMS_PROP)
FOR_ALL(RMS_PROP_ROWS)
ANY_RULE(rms_prop, 3, 7, NULL, false)
ANY_RULE(rms_prop_rows, 3, 7, NULL, false)

#define CENTERED_OF(NAME, ROLL, ID, T, H, SQRT)                     \
  LOOP(NAME, ID, T)                                                 \
  SLOT(T, mg, 1)                                                    \
  SLOT(T, ms, 2)                                                    \
  SLOT(T, mom, 3)                                                   \
  const T one = 1, lr = H(T, 0), rho = H(T, 1), momentum = H(T, 2); \
  const T epsilon = H(T, 3);                                        \
  for (size_t i = 0; i < n; i++) {                                  \
    ROLL(ms[i], g[i] * g[i]);                                       \
    ROLL(mg[i], g[i]);                                              \
    const T spread = ms[i] - mg[i] * mg[i] + epsilon;               \
    mom[i] = mom[i] * momentum + g[i] * lr / SQRT(spread);          \
    x[i] -= mom[i];                                                 \
  }                                                                 \
  }
#define CENTERED_RMS_PROP(ID, T, H, SQRT, ABS, POW) \
  CENTERED_OF(centered_rms_prop, ROLL, ID, T, H, SQRT)
#define CENTERED_ROWS(ID, T, H, SQRT, ABS, POW) \
  CENTERED_OF(centered_rms_prop_rows, ROLL_ROW, ID, T, H, SQRT)

FOR_ALL(CENTERED_RMS_PROP)
FOR_ALL(CENTERED_ROWS)
ANY_RULE(centered_rms_prop, 4, 8, NULL, false)
ANY_RULE(centered_rms_prop_rows, 4, 8, NULL, false)

/* ---- Ftrl --------------------------------------------------------------- */

/* What of `linear` is beyond `reach`, and where it is not beyond, 0: also for
 * NaN, but not in rows. */
#define BEYOND(ABS, linear, reach) \
  (ABS(linear) > (reach) ? ((linear) > 0 ? (reach) : -(reach)) - (linear) : 0)
#define BEYOND_ROW(ABS, linear, reach) \
  (ABS(linear) <= (reach) ? 0 : ((linear) > 0 ? (reach) : -(reach)) - (linear))

/* With multiply_linear_by_lr everything that the linear slot is compared with
 * is scaled by the learning rate. */
#define FTRL_LOOP(T, ABS, ROOT, BEYOND)                             \
  for (size_t i = 0; i < n; i++) {                                  \
    const T pull = g[i] + 2 * shrinkage * x[i];                     \
    const T sum = accum[i] + g[i] * g[i];                           \
    const T old_root = ROOT(accum[i]), root = ROOT(sum);            \
    linear[i] += pull * scale - (root - old_root) * inverse * x[i]; \
    const T quadratic = root * inverse + 2 * l2 * scale;            \
    const T beyond = BEYOND(ABS, linear[i], l1 * scale);            \
    x[i] = beyond == 0 ? 0 : beyond / quadratic;                    \
    accum[i] = sum;                                                 \
  }

#define FTRL_BODY_OF(NAME, BEYOND, ID, T, H, SQRT, ABS)               \
  static void NAME##_##ID(const firn_apply *a, T shrinkage, T power,  \
                          size_t n) {                                 \
    T *restrict x = a->slot[0];                                       \
    const T *restrict g = a->grad;                                    \
    SLOT(T, accum, 1)                                                 \
    SLOT(T, linear, 2)                                                \
    const T lr = H(T, 0), l1 = H(T, 1), l2 = H(T, 2);                 \
    const T scale = a->flag ? lr : 1, inverse = a->flag ? 1 : 1 / lr; \
    if (power == (T)-0.5) {                                           \
      FTRL_LOOP(T, ABS, SQRT, BEYOND)                                 \
    } else {                                                          \
      FTRL_LOOP(T, ABS, POWER_##ID, BEYOND)                           \
    }                                                                 \
  }
#define POWER_f32(v) powf((v), -power)
#define POWER_f64(v) pow((v), -power)
#define FTRL_BODY(ID, T, H, SQRT, ABS, POW) \
  FTRL_BODY_OF(ftrl_body, BEYOND, ID, T, H, SQRT, ABS)
#define FTRL_BODY_ROWS(ID, T, H, SQRT, ABS, POW) \
  FTRL_BODY_OF(ftrl_body_rows, BEYOND_ROW, ID, T, H, SQRT, ABS)

#define FTRL(ID, T, H, SQRT, ABS, POW)                        \
  static void ftrl_##ID(const firn_apply *a, size_t n) {      \
    ftrl_body_##ID(a, 0, H(T, 3), n);                         \
  }                                                           \
  static void ftrl_rows_##ID(const firn_apply *a, size_t n) { \
    ftrl_body_rows_##ID(a, 0, H(T, 3), n);                    \
  }
#define FTRL_V2(ID, T, H, SQRT, ABS, POW)                        \
  static void ftrl_v2_##ID(const firn_apply *a, size_t n) {      \
    ftrl_body_##ID(a, H(T, 3), H(T, 4), n);                      \
  }                                                              \
  static void ftrl_v2_rows_##ID(const firn_apply *a, size_t n) { \
    ftrl_body_rows_##ID(a, H(T, 3), H(T, 4), n);                 \
  }

FOR_REALS(FTRL_BODY)
FOR_REALS(FTRL_BODY_ROWS)
FOR_REALS(FTRL)
FOR_REALS(FTRL_V2)
REAL_RULE(ftrl, 3, 3, "multiply_linear_by_lr", false)
REAL_RULE(ftrl_rows, 3, 3, "multiply_linear_by_lr", false)
REAL_RULE(ftrl_v2, 3, 3, "multiply_linear_by_lr", false)
REAL_RULE(ftrl_v2_rows, 3, 3, "multiply_linear_by_lr", false)

/* ---- By signs ----------------------------------------------------------- */

#define ADD_SIGN(ID, T, H, SQRT, ABS, POW)                         \
  LOOP(add_sign, ID, T)                                            \
  SLOT(T, m, 1)                                                    \
  const T one = 1, lr = H(T, 0), alpha = H(T, 1), decay = H(T, 2); \
  const T beta = H(T, 3);                                          \
  for (size_t i = 0; i < n; i++) {                                 \
    m[i] = m[i] * beta + g[i] * (one - beta);                      \
    const T agree = (T)(SIGN(g[i]) * SIGN(m[i]));                  \
    x[i] -= lr * (alpha + decay * agree) * g[i];                   \
  }                                                                \
  }

FOR_REALS(ADD_SIGN)
REAL_RULE(add_sign, 2, 6, NULL, false)

#define POWER_SIGN(ID, T, H, SQRT, ABS, POW)                         \
  LOOP(power_sign, ID, T)                                            \
  SLOT(T, m, 1)                                                      \
  const T one = 1, lr = H(T, 0), beta = H(T, 3);                     \
  const T reach = H(T, 1) * H(T, 2);                                 \
  const T up = (T)exp((double)reach), down = (T)exp((double)-reach); \
  for (size_t i = 0; i < n; i++) {                                   \
    m[i] = m[i] * beta + g[i] * (one - beta);                        \
    const int agree = SIGN(g[i]) * SIGN(m[i]);                       \
    x[i] -= lr * (agree > 0 ? up : agree < 0 ? down : one) * g[i];   \
  }                                                                  \
  }

FOR_REALS(POWER_SIGN)
REAL_RULE(power_sign, 2, 6, NULL, false)

/* ---- Proximal ----------------------------------------------------------- */

#define PROXIMAL_ADAGRAD(ID, T, H, SQRT, ABS, POW)                  \
  LOOP(proximal_adagrad, ID, T)                                     \
  SLOT(T, accum, 1)                                                 \
  const T one = 1, l1 = H(T, 1), l2 = H(T, 2);                      \
  for (size_t i = 0; i < n; i++) {                                  \
    accum[i] += g[i] * g[i];                                        \
    const T lr = H(T, 0) / SQRT(accum[i]);                          \
    const T near = x[i] - g[i] * lr;                                \
    const T shrunk = l1 > 0 ? SHRUNK(T, ABS, near, lr * l1) : near; \
    x[i] = shrunk / (one + l2 * lr);                                \
  }                                                                 \
  }

FOR_REALS(PROXIMAL_ADAGRAD)
REAL_RULE(proximal_adagrad, 2, 5, NULL, false)

#define PROXIMAL_DESCENT(ID, T, H, SQRT, ABS, POW)                  \
  LOOP(proximal_gradient_descent, ID, T)                            \
  const T one = 1, lr = H(T, 0), l1 = H(T, 1), l2 = H(T, 2);        \
  for (size_t i = 0; i < n; i++) {                                  \
    const T near = x[i] - g[i] * lr;                                \
    const T shrunk = l1 > 0 ? SHRUNK(T, ABS, near, lr * l1) : near; \
    x[i] = shrunk / (one + l2 * lr);                                \
  }                                                                 \
  }

FOR_REALS(PROXIMAL_DESCENT)
REAL_RULE(proximal_gradient_descent, 1, 4, NULL, false)
