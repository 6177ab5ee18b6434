/* ops/random_sample.c: gamma, Poisson, binomial and truncated normal numbers,
 * classes, shuffles.
 *
 * The rejection samplers follow TensorFlow's choice of algorithms and the order
 * in which it uses up random words; each sample starts at a place of its own in
 * the sequence, so the result does not depend on how the work is shared out.
 *
 *   gamma     Marsaglia and Tsang, A simple method for generating gamma
 * variables Poisson   below 10 Knuth's product of uniforms, from there
 * Hormann's transformed rejection (PTRS) binomial  below 10 expected successes
 * sums of geometric numbers, from there Hormann's BTRS
 */
#include "ops/random_sample.h"

#include <math.h>

#include "ops/infer.h"
#include "ops/special.h"

/* Integers are cut off; what does not fit becomes the nearest that does, and
 * NaN the least, as the processor has it. */
static int64_t to_integer(double value, int64_t least, int64_t most) {
  if (value >= (double)most) return most;
  return value > (double)least ? (int64_t)value : least;
}

void firn_put_f64(firn_tensor *out, size_t i, double value) {
  switch (out->dtype) {
    case FIRN_DOUBLE: ((double *)out->data)[i] = value; break;
    case FIRN_FLOAT: ((float *)out->data)[i] = (float)value; break;
    case FIRN_HALF:
      ((uint16_t *)out->data)[i] = firn_half_from_float((float)value);
      break;
    case FIRN_BFLOAT16:
      ((uint16_t *)out->data)[i] = firn_bfloat16_from_float((float)value);
      break;
    case FIRN_INT32:
      ((int32_t *)out->data)[i] =
          (int32_t)to_integer(value, INT32_MIN, INT32_MAX);
      break;
    default:
      ((int64_t *)out->data)[i] = to_integer(value, INT64_MIN, INT64_MAX);
  }
}

static float round_half(float v) {
  return firn_half_to_float(firn_half_from_float(v));
}

static double largest(firn_dtype dtype) {
  switch (dtype) {
    case FIRN_INT32: return INT32_MAX;
    case FIRN_INT64: return 9223372036854775807.0;
    case FIRN_HALF: return 65504;
    case FIRN_FLOAT: return 3.4028234663852886e38;
    default: return 1.7976931348623157e308;
  }
}

/* What the samplers that start afresh for each sample have in common. */
typedef struct job {
  firn_philox start;
  const firn_tensor *a, *b;
  const firn_shape *batch;
  size_t count, each;
  firn_tensor *out;
} job;

enum { SAMPLE_GRAIN = 64 };

static firn_philox start_at(const job *j, size_t index, uint64_t steps) {
  firn_philox p = j->start;
  firn_philox_skip(&p, steps * index);
  return p;
}

/* ---- Gamma --------------------------------------------------------------- */

static double gamma_of(firn_philox *p, double alpha) {
  firn_philox_doubles uniform = {.source = p};
  if (alpha == 1) return -log1p(-firn_philox_double(&uniform));
  const bool small = alpha < 1;
  const double d = alpha + (small ? 2.0 / 3 : -1.0 / 3);
  const double c = 1.0 / 3 / sqrt(d);
  double normal[2];
  for (int left = 0;;) {
    if (left == 0) {
      uint32_t words[4];
      firn_philox_next(p, words);
      firn_normal_doubles(words, normal);
      left = 2;
    }
    const double x = normal[--left];
    double v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    const double u = firn_philox_double(&uniform);
    if (u < 1 - 0.0331 * (x * x) * (x * x) ||
        log(u) < 0.5 * x * x + d * (1 - v + log(v))) {
      const double result = d * v;
      return small ? result * pow(firn_philox_double(&uniform), 1 / alpha)
                   : result;
    }
    if (isnan(v)) return v; /* would go on for ever */
  }
}

static void gamma_range(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  for (size_t i = begin; i < end; i++) {
    const size_t b = i / j->each, s = i % j->each;
    firn_philox p = start_at(j, i, FIRN_SAMPLE_STEPS);
    firn_put_f64(j->out, s * j->count + b,
                 gamma_of(&p, firn_tensor_f64(j->a, b)));
  }
}

void firn_sample_gamma(const firn_philox *p, const firn_tensor *alpha,
                       size_t each, firn_tensor *out, firn_pool *pool) {
  job j = {
      .start = *p, .a = alpha, .count = alpha->count, .each = each, .out = out};
  firn_parallel_for(pool, alpha->count * each, SAMPLE_GRAIN, gamma_range, &j);
}

/* ---- Poisson ------------------------------------------------------------- */

static double poisson_small(firn_philox *p, double rate, double limit) {
  firn_philox_doubles uniform = {.source = p};
  const double enough = exp(-rate);
  double product = 1;
  for (double x = 0;; x += 1) {
    product *= firn_philox_double(&uniform);
    if (product <= enough && x <= limit) return x;
  }
}

static double poisson_large(firn_philox *p, double rate, double limit) {
  firn_philox_doubles uniform = {.source = p};
  const double log_rate = log(rate);
  const double b = 0.931 + 2.53 * sqrt(rate);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  for (;;) {
    const double u = firn_philox_double(&uniform) - 0.5;
    const double v = firn_philox_double(&uniform);
    const double us = 0.5 - fabs(u);
    const double k = floor((2 * a / us + b) * u + rate + 0.43);
    if (k > limit) continue;
    if (us >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2)) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const double s = log(v * inverse_alpha / (a / (us * us) + b));
    const double t = -rate + k * log_rate - firn_lgamma(k + 1);
    if (s <= t) return k;
  }
}

static void poisson_range(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const double limit = largest(j->out->dtype);
  for (size_t i = begin; i < end; i++) {
    const size_t b = i / j->each, s = i % j->each;
    const double rate = firn_tensor_f64(j->a, b);
    firn_philox p = start_at(j, i, FIRN_SAMPLE_STEPS);
    double value = rate;
    if (rate < 10)
      value = poisson_small(&p, rate, limit);
    else if (isfinite(rate) && rate <= limit)
      value = poisson_large(&p, rate, limit);
    firn_put_f64(j->out, s * j->count + b, value);
  }
}

void firn_sample_poisson(const firn_philox *p, const firn_tensor *rate,
                         size_t each, firn_tensor *out, firn_pool *pool) {
  job j = {
      .start = *p, .a = rate, .count = rate->count, .each = each, .out = out};
  firn_parallel_for(pool, rate->count * each, SAMPLE_GRAIN, poisson_range, &j);
}

/* ---- Binomial ------------------------------------------------------------ */

static double binomial_small(firn_philox *p, double count, double prob) {
  firn_philox_doubles uniform = {.source = p};
  double sum = 0;
  for (int successes = 0;; successes++) {
    sum += ceil(log(firn_philox_double(&uniform)) / log1p(-prob));
    if (!(sum <= count)) return successes;
  }
}

/* log(k!) less Stirling's first terms. */
static double stirling_tail(double k) {
  static const double tails[] = {0.0810614667953272,  0.0413406959554092,
                                 0.0276779256849983,  0.02079067210376509,
                                 0.0166446911898211,  0.0138761288230707,
                                 0.0118967099458917,  0.0104112652619720,
                                 0.00925546218271273, 0.00833056343336287};
  if (k <= 9) return tails[k < 0 ? 0 : (int)k];
  const double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

static double binomial_large(firn_philox *p, double count, double prob) {
  firn_philox_doubles uniform = {.source = p};
  const double deviation = sqrt(count * prob * (1 - prob));
  const double b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * prob;
  const double c = count * prob + 0.5;
  const double v_r = 0.92 - 4.2 / b;
  const double r = prob / (1 - prob);
  const double alpha = (2.83 + 5.1 / b) * deviation;
  const double m = floor((count + 1) * prob);
  for (;;) {
    const double u = firn_philox_double(&uniform) - 0.5;
    const double v = firn_philox_double(&uniform);
    const double us = 0.5 - fabs(u);
    const double k = floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= v_r) return k;
    if (!(k >= 0 && k <= count)) continue;
    const double bound = (m + 0.5) * log((m + 1) / (r * (count - m + 1))) +
                         (count + 1) * log((count - m + 1) / (count - k + 1)) +
                         (k + 0.5) * log(r * (count - k + 1) / (k + 1)) +
                         stirling_tail(m) + stirling_tail(count - m) -
                         stirling_tail(k) - stirling_tail(count - k);
    if (log(v * alpha / (a / (us * us) + b)) <= bound) return k;
  }
}

/* The parameter of batch `at` in a tensor that broadcasts to the batch shape.
 */
static size_t broadcast_at(const firn_shape *shape, const firn_shape *batch,
                           size_t at) {
  size_t index = 0, stride = 1;
  for (int k = batch->rank - 1, o = shape->rank - 1; o >= 0; k--, o--) {
    const size_t extent = (size_t)batch->dims[k];
    if (shape->dims[o] != 1) index += at % extent * stride;
    stride *= (size_t)shape->dims[o];
    at /= extent;
  }
  return index;
}

/* The choice of the algorithm is made in the parameters' own type. */
static double rounded(firn_dtype dtype, double x) {
  if (dtype == FIRN_DOUBLE) return x;
  return dtype == FIRN_HALF ? (double)round_half((float)x) : (double)(float)x;
}

static double binomial_of(const job *j, size_t i, double count, double prob) {
  enum { SMALL_STEPS = 42 };
  const bool many = prob > 0.5;
  const double q = many ? rounded(j->b->dtype, 1 - prob) : prob;
  const bool large = rounded(j->b->dtype, count * q) >= 10;
  firn_philox p = start_at(j, i, large ? FIRN_SAMPLE_STEPS : SMALL_STEPS);
  const double k =
      large ? binomial_large(&p, count, q) : binomial_small(&p, count, q);
  return many ? count - k : k;
}

static void binomial_range(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  for (size_t i = begin; i < end; i++) {
    const size_t b = i / j->each, s = i % j->each;
    const double count =
        firn_tensor_f64(j->a, broadcast_at(&j->a->shape, j->batch, b));
    const double prob =
        firn_tensor_f64(j->b, broadcast_at(&j->b->shape, j->batch, b));
    double value = NAN;
    if (count <= 0 || prob <= 0)
      value = 0;
    else if (prob >= 1)
      value = count;
    else if (!isnan(prob) && isfinite(count))
      value = binomial_of(j, i, count, prob);
    firn_put_f64(j->out, s * j->count + b, value);
  }
}

void firn_sample_binomial(const firn_philox *p, const firn_tensor *counts,
                          const firn_tensor *probs, const firn_shape *batch,
                          size_t each, firn_tensor *out, firn_pool *pool) {
  const size_t count = (size_t)firn_shape_product(batch, 0, batch->rank);
  job j = {.start = *p,
           .a = counts,
           .b = probs,
           .batch = batch,
           .count = count,
           .each = each,
           .out = out};
  firn_parallel_for(pool, count * each, SAMPLE_GRAIN, binomial_range, &j);
}

/* ---- Truncated normal ---------------------------------------------------- */

/* All arithmetic is done in the tensor's own type: every step rounds. */
static float round_bfloat16(float v) {
  return firn_bfloat16_to_float(firn_bfloat16_from_float(v));
}
#define ROUND_NOT(v) (v)

enum { TRIES = 1000 };

/* Draws `count` numbers into out[i * stride]; false when it gives up. */
typedef bool (*truncated_fn)(firn_philox *p, double mean, double deviation,
                             double low, double high, size_t count,
                             firn_tensor *out, size_t at, size_t stride);

static void floats_of_step(firn_philox *p, bool normal, float out[4]) {
  uint32_t w[4];
  firn_philox_next(p, w);
  for (int i = 0; i < 4 && !normal; i++) out[i] = firn_uniform_float(w[i]);
  if (normal) firn_normal_floats(w[0], w[1], out);
  if (normal) firn_normal_floats(w[2], w[3], out + 2);
}

static void doubles_of_step(firn_philox *p, bool normal, double out[4]) {
  uint32_t w[4];
  firn_philox_next(p, w);
  if (normal) {
    firn_normal_doubles(w, out);
  } else {
    out[0] = firn_uniform_double(w[0], w[1]);
    out[1] = firn_uniform_double(w[2], w[3]);
  }
}

/* The bits of a uniform half are bits of the word, not a rounded float. */
static void short_uniform(firn_philox *p, int bits, float out[4]) {
  uint32_t w[4];
  firn_philox_next(p, w);
  for (int i = 0; i < 4; i++)
    out[i] = (float)(w[i] & ((1u << bits) - 1)) / (float)(1u << bits);
}

static void halves_of_step(firn_philox *p, bool normal, float out[4]) {
  if (!normal) {
    short_uniform(p, 10, out);
    return;
  }
  floats_of_step(p, true, out);
  for (int i = 0; i < 4; i++) out[i] = round_half(out[i]);
}

static void bfloat16s_of_step(firn_philox *p, bool normal, float out[4]) {
  if (!normal) {
    short_uniform(p, 7, out);
    return;
  }
  floats_of_step(p, true, out);
  for (int i = 0; i < 4; i++) out[i] = round_bfloat16(out[i]);
}

#define TRUNCATED(ID, T, N, R, STEP, SQRT, EXP, LOG)                          \
  typedef struct ID##_range {                                                 \
    T mean, deviation, low, high; /* low and high in deviations */            \
  } ID##_range;                                                               \
                                                                              \
  static bool ID##_normal(firn_philox *p, const ID##_range *r, size_t count,  \
                          firn_tensor *out, size_t at, size_t stride) {       \
    size_t have = 0;                                                          \
    for (int tries = 0; have < count;) {                                      \
      T x[4];                                                                 \
      STEP(p, true, x);                                                       \
      for (int i = 0; i < N && have < count; i++) {                           \
        if (x[i] >= r->low && x[i] <= r->high) {                              \
          firn_put_f64(out, at + have++ * stride,                             \
                       (double)R(R(x[i] * r->deviation) + r->mean));          \
          tries = 0;                                                          \
        } else if (++tries > TRIES) {                                         \
          return false;                                                       \
        }                                                                     \
      }                                                                       \
    }                                                                         \
    return true;                                                              \
  }                                                                           \
                                                                              \
  static bool ID##_uniform(firn_philox *p, const ID##_range *r, size_t count, \
                           firn_tensor *out, size_t at, size_t stride) {      \
    const T width = R(r->high - r->low);                                      \
    const T plus = r->low < 0 ? 0 : R(r->low * r->low);                       \
    size_t have = 0;                                                          \
    for (int tries = 0; have < count;) {                                      \
      T x[4], u[4];                                                           \
      STEP(p, false, x);                                                      \
      STEP(p, false, u);                                                      \
      for (int i = 0; i < N && have < count; i++) {                           \
        const T z = R(R(x[i] * width) + r->low);                              \
        if (u[i] <= R(EXP(R(R(plus - R(z * z)) / 2)))) {                      \
          firn_put_f64(out, at + have++ * stride,                             \
                       (double)R(R(z * r->deviation) + r->mean));             \
          tries = 0;                                                          \
        } else if (++tries >= TRIES) {                                        \
          return false;                                                       \
        }                                                                     \
      }                                                                       \
    }                                                                         \
    return true;                                                              \
  }                                                                           \
                                                                              \
  static bool ID##_tail(firn_philox *p, const ID##_range *r, size_t count,    \
                        firn_tensor *out, size_t at, size_t stride) {         \
    const T alpha = R(R(r->low + R(SQRT(R(R(r->low * r->low) + 4)))) / 2);    \
    size_t have = 0;                                                          \
    for (int tries = 0; have < count;) {                                      \
      T x[4];                                                                 \
      STEP(p, false, x);                                                      \
      for (int i = 0; i < N && have < count; i += 2) {                        \
        const T z = R(R(-R(LOG(x[i])) / alpha) + r->low);                     \
        const T y = r->low < alpha ? R(alpha - z) : R(r->low - alpha);        \
        if (x[i + 1] <= R(EXP(R(R(-y * y) / 2))) && z < r->high) {            \
          firn_put_f64(out, at + have++ * stride,                             \
                       (double)R(R(z * r->deviation) + r->mean));             \
          tries = 0;                                                          \
        } else if (++tries >= TRIES) {                                        \
          return false;                                                       \
        }                                                                     \
      }                                                                       \
    }                                                                         \
    return true;                                                              \
  }                                                                           \
                                                                              \
  static bool truncated_##ID(firn_philox *p, double mean, double deviation,   \
                             double low, double high, size_t count,           \
                             firn_tensor *out, size_t at, size_t stride) {    \
    const T inside = R((T)1.3);                                               \
    T least = (T)low, most = (T)high;                                         \
    ID##_range r = {(T)mean, (T)deviation, 0, 0};                             \
    if ((isinf(low) && low < 0) || high < mean) {                             \
      least = (T)high;                                                        \
      most = (T)low;                                                          \
      r.deviation = -r.deviation;                                             \
    }                                                                         \
    r.low = R(R(least - r.mean) / r.deviation);                               \
    r.high = R(R(most - r.mean) / r.deviation);                               \
    const T root = R(SQRT(R(R(r.low * r.low) + 4)));                          \
    const T power = R((T)0.5 + R(R(r.low * R(r.low - root)) / 4));            \
    const T cutoff = R(R(2 * R(EXP(power))) / R(r.low + root));               \
    if ((r.low < -inside && r.high >= 0) || (r.high > inside && r.low <= 0))  \
      return ID##_normal(p, &r, count, out, at, stride);                      \
    if (R(r.high - r.low) < cutoff)                                           \
      return ID##_uniform(p, &r, count, out, at, stride);                     \
    return ID##_tail(p, &r, count, out, at, stride);                          \
  }

TRUNCATED(half, float, 4, round_half, halves_of_step, sqrtf, expf, logf)
TRUNCATED(bfloat16, float, 4, round_bfloat16, bfloat16s_of_step, sqrtf, expf,
          logf)
TRUNCATED(float, float, 4, ROUND_NOT, floats_of_step, sqrtf, expf, logf)
TRUNCATED(double, double, 2, ROUND_NOT, doubles_of_step, sqrt, exp, log)

static double parameter(const firn_truncated_normal *t, int k, size_t b) {
  const firn_tensor *x = t->params[k];
  const size_t at = t->batch       ? broadcast_at(&x->shape, t->batch, b)
                    : x->count > 1 ? b
                                   : 0;
  return firn_tensor_f64(x, at);
}

firn_code firn_sample_truncated(const firn_philox *p,
                                const firn_truncated_normal *t,
                                firn_tensor *out, firn_error *err) {
  const truncated_fn draw = out->dtype == FIRN_HALF       ? truncated_half
                            : out->dtype == FIRN_BFLOAT16 ? truncated_bfloat16
                            : out->dtype == FIRN_FLOAT    ? truncated_float
                                                          : truncated_double;
  firn_philox q = *p;
  for (size_t b = 0; b < t->batches && b * t->each < out->count; b++) {
    const double mean = parameter(t, 0, b), deviation = parameter(t, 1, b);
    const double low = parameter(t, 2, b), high = parameter(t, 3, b);
    if (!(deviation > 0 && low < high && (isfinite(low) || isfinite(high))))
      return firn_fail(
          err, FIRN_INVALID_ARGUMENT,
          "the deviation %g must be above 0, and the limits %g and "
          "%g in order and not both infinite",
          deviation, low, high);
    const size_t left = out->count - b * t->each;
    const size_t count = left < t->each ? left : t->each;
    const bool done =
        t->samples_first
            ? draw(&q, mean, deviation, low, high, count, out, b, t->batches)
            : draw(&q, mean, deviation, low, high, count, out, b * t->each, 1);
    if (!done)
      return firn_fail(err, FIRN_INTERNAL,
                       "no sample between %g and %g was accepted in %d tries",
                       low, high, TRIES);
  }
  return FIRN_OK;
}

/* ---- Classes ------------------------------------------------------------- */

/* Sums up the probabilities, not normalised; infinite logits are left out. */
static double accumulate(const firn_tensor *logits, size_t row, size_t classes,
                         double *cdf) {
  double most = -largest(logits->dtype), total = 0;
  for (size_t j = 0; j < classes; j++) {
    const double x = firn_tensor_f64(logits, row * classes + j);
    if (isfinite(x) && x > most) most = x;
  }
  for (size_t j = 0; j < classes; j++) {
    const double x = firn_tensor_f64(logits, row * classes + j);
    if (isfinite(x)) total += exp(x - most);
    cdf[j] = total;
  }
  return total;
}

/* The first class whose sum is above `x`. */
static size_t upper_bound(const double *cdf, size_t classes, double x) {
  size_t low = 0, high = classes;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (cdf[middle] > x)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

void firn_sample_classes(const firn_philox *p, const firn_tensor *logits,
                         double *cdf, firn_tensor *out) {
  const size_t classes = (size_t)logits->shape.dims[1];
  const size_t samples = (size_t)out->shape.dims[1];
  firn_philox q = *p;
  firn_philox_words words = {.source = &q, .used = 4};
  for (size_t i = 0; i < out->count; i++) {
    const size_t row = i / samples;
    if (i % samples == 0) accumulate(logits, row, classes, cdf);
    const uint32_t a = firn_philox_word(&words), b = firn_philox_word(&words);
    const double x = firn_uniform_double(a, b) * cdf[classes - 1];
    firn_put_f64(out, i, (double)upper_bound(cdf, classes, x));
  }
}

/* ---- Shuffling ----------------------------------------------------------- */

firn_code firn_sample_shuffle(const firn_philox *p, const firn_tensor *in,
                              size_t *order, firn_tensor *out,
                              firn_error *err) {
  const size_t rows = (size_t)in->shape.dims[0];
  const size_t row = (size_t)firn_shape_product(&in->shape, 1, in->shape.rank);
  const size_t bytes = row * firn_dtype_size(in->dtype);
  firn_philox q = *p;
  firn_philox_words words = {.source = &q, .used = 4};
  for (size_t i = 0; i < rows; i++) order[i] = i;
  for (size_t i = 0; i + 1 < rows; i++) {
    const uint32_t left = (uint32_t)(rows - i);
    const size_t with = i + (left ? firn_philox_word(&words) % left : 0);
    const size_t swap = order[i];
    order[i] = order[with];
    order[with] = swap;
  }
  for (size_t i = 0; i < rows; i++)
    if (!firn_elements_copy(in->dtype, (uint8_t *)out->data + i * bytes,
                            (const uint8_t *)in->data + order[i] * bytes, row))
      return firn_oom(err, bytes);
  return FIRN_OK;
}
