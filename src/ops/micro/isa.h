/* ops/micro/isa.h: what the sources of one instruction set show each other.
 *
 * Only files that are compiled once per set include this.
 */
#ifndef FIRN_OPS_MICRO_ISA_H
#define FIRN_OPS_MICRO_ISA_H

#include "ops/micro/simd.h"

/* X(rows) for each height a tile may have. */
#if defined(__AVX512F__)
#define FIRN_TILES(X) \
  X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)
#else
#define FIRN_TILES(X) X(1) X(2) X(3) X(4) X(5) X(6)
#endif

#define DECLARE_TILE(rows)                             \
  void FIRN_ISA_NAME(half_##rows)(const firn_tile *t); \
  void FIRN_ISA_NAME(full_##rows)(const firn_tile *t);
FIRN_TILES(DECLARE_TILE)
#undef DECLARE_TILE

void FIRN_ISA_NAME(row_times)(const float *a, size_t k, const float *b,
                              size_t b_stride, float *y, size_t n);
void FIRN_ISA_NAME(row_dots)(const float *a, size_t k, const float *b,
                             size_t b_stride, float *y, size_t n);

void FIRN_ISA_NAME(depthwise)(const firn_depthwise *d, size_t c, size_t row,
                              size_t row_end);
void FIRN_ISA_NAME(winograd_in)(const float *const *px, size_t channels,
                                float *v, size_t v_stride);
void FIRN_ISA_NAME(winograd_out)(const firn_winograd_out *out);
void FIRN_ISA_NAME(winograd_back)(const float *const *px, size_t channels,
                                  float *m, size_t m_stride);
void FIRN_ISA_NAME(winograd_filter)(const float *u, size_t u_stride, size_t n,
                                    float *dw, size_t dw_stride);

/* X(enumerator, name) */
#define FIRN_BINARIES(X) \
  X(FIRN_ADD, add)       \
  X(FIRN_SUB, sub)       \
  X(FIRN_MUL, mul)       \
  X(FIRN_DIV, div)       \
  X(FIRN_MAX, max)       \
  X(FIRN_MIN, min)
#define FIRN_UNARIES(X)    \
  X(FIRN_RELU, relu)       \
  X(FIRN_RELU6, relu6)     \
  X(FIRN_NEG, neg)         \
  X(FIRN_ABS, abs)         \
  X(FIRN_SQUARE, square)   \
  X(FIRN_SQRT, sqrt)       \
  X(FIRN_RSQRT, rsqrt)     \
  X(FIRN_EXP, exp)         \
  X(FIRN_LOG, log)         \
  X(FIRN_TANH, tanh)       \
  X(FIRN_SIGMOID, sigmoid) \
  X(FIRN_ERF, erf)

#define DECLARE_BINARY(id, name)                                             \
  void FIRN_ISA_NAME(name)(const float *a, const float *b, float *y,         \
                           size_t n);                                        \
  void FIRN_ISA_NAME(name##_right)(const float *a, const float *b, float *y, \
                                   size_t n);                                \
  void FIRN_ISA_NAME(name##_left)(const float *a, const float *b, float *y,  \
                                  size_t n);
#define DECLARE_UNARY(id, name) \
  void FIRN_ISA_NAME(unary_##name)(const float *x, float *y, size_t n);
FIRN_BINARIES(DECLARE_BINARY)
FIRN_UNARIES(DECLARE_UNARY)
#undef DECLARE_BINARY
#undef DECLARE_UNARY

void FIRN_ISA_NAME(clamp)(const float *x, float *y, size_t n, float min,
                          float max);
void FIRN_ISA_NAME(multiply_add)(const float *x, const float *scale,
                                 const float *shift, float *y, size_t n);
float FIRN_ISA_NAME(row_sum)(const float *x, size_t n);
float FIRN_ISA_NAME(row_max)(const float *x, size_t n);
void FIRN_ISA_NAME(softmax)(const float *x, float *y, size_t n);
void FIRN_ISA_NAME(log_softmax)(const float *x, float *y, size_t n);
void FIRN_ISA_NAME(max_window)(const firn_window *window, float *y);
void FIRN_ISA_NAME(mean_window)(const firn_window *window, float *y);

extern const firn_micro FIRN_ISA_NAME(list);

#endif
