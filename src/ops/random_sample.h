/* ops/random_sample.h: samplers that the seeded and the stateless random ops
 * share.
 *
 * A sampler is given a place in the random sequence and parameters that lie one
 * after the other; `each` samples are drawn for each parameter. Sample s of
 * parameter b goes to out[s * count + b]: the samples come first in the
 * output's shape.
 *
 * Threads: pure functions that may use a pool.
 */
#ifndef FIRN_OPS_RANDOM_SAMPLE_H
#define FIRN_OPS_RANDOM_SAMPLE_H

#include "ops/philox.h"

/* Steps of the generator that one sample may use up. */
enum { FIRN_SAMPLE_STEPS = 256 };

void firn_sample_gamma(const firn_philox *p, const firn_tensor *alpha,
                       size_t each, firn_tensor *out, firn_pool *pool);

void firn_sample_poisson(const firn_philox *p, const firn_tensor *rate,
                         size_t each, firn_tensor *out, firn_pool *pool);

/* `counts` and `probs` broadcast to the `batch` shape, whose parameters these
 * are. */
void firn_sample_binomial(const firn_philox *p, const firn_tensor *counts,
                          const firn_tensor *probs, const firn_shape *batch,
                          size_t each, firn_tensor *out, firn_pool *pool);

/* Normal numbers with mean, deviation, least and greatest value: parameter k of
 * batch b is params[k], element at(b). */
typedef struct firn_truncated_normal {
  const firn_tensor *params[4];
  const firn_shape *batch; /* NULL: params are scalars or vectors by batch */
  size_t batches, each;
  bool samples_first; /* out[s * batches + b], else out[b * each + s] */
} firn_truncated_normal;

FIRN_CHECKED firn_code firn_sample_truncated(const firn_philox *p,
                                             const firn_truncated_normal *t,
                                             firn_tensor *out, firn_error *err);

/* Classes by logits [batch, classes] to out [batch, samples]. `cdf` has room
 * for `classes` numbers. */
void firn_sample_classes(const firn_philox *p, const firn_tensor *logits,
                         double *cdf, firn_tensor *out);

/* The rows of `in` in random order. `order` has room for as many numbers. */
FIRN_CHECKED firn_code firn_sample_shuffle(const firn_philox *p,
                                           const firn_tensor *in, size_t *order,
                                           firn_tensor *out, firn_error *err);

/* Element i of a tensor from a double, rounded to its type. */
void firn_put_f64(firn_tensor *out, size_t i, double value);

#endif
