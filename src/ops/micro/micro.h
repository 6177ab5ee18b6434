/* ops/micro/micro.h: the inner loops, as functions on plain pointers.
 *
 * Each loop has one source, compiled once per instruction set; one `firn_micro`
 * lists the functions of one set. A session picks its list once and hands it
 * down. Nothing here knows a tensor, allocates, fails or starts a thread.
 *
 *   const firn_micro *micro = firn_micro_pick(firn_cpu_features());
 *   micro->unary[FIRN_EXP](x, y, n);
 *
 * All numbers are float. Pointers need the alignment of float only. `y` may be
 * an input of the same call, but must not overlap one in any other way.
 * The bits of a result depend on the list, never on threads.
 *
 * Threads: the lists are immutable, the functions pure.
 */
#ifndef FIRN_OPS_MICRO_MICRO_H
#define FIRN_OPS_MICRO_MICRO_H

#include <stddef.h>
#include <stdint.h>

/* y = a op b. A NaN on either side gives NaN, in max and min too. */
typedef enum firn_binary {
  FIRN_ADD,
  FIRN_SUB,
  FIRN_MUL,
  FIRN_DIV,
  FIRN_MAX,
  FIRN_MIN,
  FIRN_BINARY_COUNT,
} firn_binary;

/* Which side of a binary is one number for the whole call. */
typedef enum firn_form {
  FIRN_BOTH,         /* a[i] op b[i] */
  FIRN_RIGHT_SCALAR, /* a[i] op b[0] */
  FIRN_LEFT_SCALAR,  /* a[0] op b[i] */
  FIRN_FORM_COUNT,
} firn_form;

/* y = f(x); all keep NaN. */
typedef enum firn_unary {
  FIRN_RELU,
  FIRN_RELU6,
  FIRN_NEG,
  FIRN_ABS,
  FIRN_SQUARE,
  FIRN_SQRT,
  FIRN_RSQRT,
  FIRN_EXP,
  FIRN_LOG,
  FIRN_TANH,
  FIRN_SIGMOID,
  FIRN_ERF,
  FIRN_UNARY_COUNT,
} firn_unary;

/* One tile of a matrix product: `rows` rows of a times one panel of b.
 *
 *   c[r][j] = bias[j] + residual[r][j]
 *           + sum over t, k of a[t * rows + r][k] * b[t * depth + k][j]
 *
 * clamped to [min, max]. A panel is `nr` columns wide. Without a bias the sum
 * is added to what c holds, and residual is not looked at: a deep product is a
 * sum of sums, as TensorFlow's are. */
typedef struct firn_tile {
  const float *const *a; /* taps x rows pointers */
  size_t taps, depth;
  const float *b; /* taps x depth rows of the panel, one after another */
  float *c;
  size_t c_stride; /* floats from row to row */
  const float *bias;
  const float *residual; /* or NULL */
  size_t residual_stride;
  float min, max;
} firn_tile;

typedef void (*firn_tile_fn)(const firn_tile *tile);

/* What is added and how far the results may go, at the end of a product. */
typedef struct firn_epilogue {
  const float *bias;      /* one number per output column, or NULL  */
  const float *residual;  /* added before the clamp, or NULL; may be y itself */
  size_t residual_stride; /* floats from one row of it to the next */
  float min, max;         /* -INFINITY and INFINITY: no clamp      */
} firn_epilogue;

/* A depthwise convolution of one picture. */
typedef struct firn_depthwise {
  const float *x;
  size_t ih, iw, oh, ow, channels;
  size_t kh, kw, stride_h, stride_w, dilation_h, dilation_w;
  size_t pad_top, pad_left;
  const float *w; /* [channels / lanes, rounded up][kh][kw][lanes] */
  firn_epilogue epilogue;
  float *y;
  size_t y_stride;
} firn_depthwise;

/* One window of a pooling: rows x cols pixels of `channels` numbers. */
typedef struct firn_window {
  const float *x;
  size_t rows, cols, row_stride, col_stride; /* strides in floats */
  size_t channels;
} firn_window;

/* Results of one Winograd tile, as it is written: up to 4x4 pixels of y. */
typedef struct firn_winograd_out {
  const float *m;  /* 36 products */
  size_t m_stride; /* floats from one to the next */
  size_t channels, rows, cols;
  const float *bias;     /* channels numbers */
  const float *residual; /* or NULL */
  size_t residual_row, residual_col;
  float *y;
  size_t y_row, y_col; /* floats from row to row, from pixel to pixel */
  float min, max;
} firn_winograd_out;

enum {
  FIRN_TILE_ROWS_MAX = 12, /* of any list */
  FIRN_TILE_COLUMNS_MAX = 32,
  FIRN_DEPTHWISE_CHANNELS = 16,
};

typedef struct firn_micro {
  const char *name; /* "portable", "avx2", "avx512" */
  uint32_t needs;   /* bits of base/cpu.h */

  /* Products. A panel is nr columns, the last one may be half as wide. tile is
   * indexed by [half panel or whole][rows - 1], for 1 to mr rows. */
  size_t lanes, mr, nr;
  size_t depth_block; /* numbers of depth that go over a tile at a time */
  firn_tile_fn tile[2][FIRN_TILE_ROWS_MAX];
  /* y[0..n) = a[0..k) times b[k][n] that is not packed. */
  void (*row_times)(const float *a, size_t k, const float *b, size_t b_stride,
                    float *y, size_t n);
  /* y[j] = a . b[j], for n rows of b, both k long. */
  void (*row_dots)(const float *a, size_t k, const float *b, size_t b_stride,
                   float *y, size_t n);

  /* Rows [row, row_end) of y, FIRN_DEPTHWISE_CHANNELS channels from the c-th
   * on, which is a multiple of that. */
  void (*depthwise)(const firn_depthwise *d, size_t c, size_t row,
                    size_t row_end);
  /* v[q * v_stride + i] = transform of the 36 pixels px (NULL: zeros). */
  void (*winograd_in)(const float *const *px, size_t channels, float *v,
                      size_t v_stride);
  void (*winograd_out)(const firn_winograd_out *out);
  /* m[q * m_stride + i] = what the 16 pixels px (NULL: zeros) of y's gradient
   * are to the 36 products. */
  void (*winograd_back)(const float *const *px, size_t channels, float *m,
                        size_t m_stride);
  /* dw[t * dw_stride + i], 9 taps, from the gradients of n transformed weights
   * u[q * u_stride + i]. */
  void (*winograd_filter)(const float *u, size_t u_stride, size_t n, float *dw,
                          size_t dw_stride);

  void (*binary[FIRN_BINARY_COUNT][FIRN_FORM_COUNT])(const float *a,
                                                     const float *b, float *y,
                                                     size_t n);
  void (*unary[FIRN_UNARY_COUNT])(const float *x, float *y, size_t n);
  void (*clamp)(const float *x, float *y, size_t n, float min, float max);
  void (*multiply_add)(const float *x, const float *scale, const float *shift,
                       float *y, size_t n); /* y = x * scale + shift */

  /* Sums are taken by halves, so that the error grows with log n. The max of
   * nothing is -INFINITY; a NaN gives NaN. */
  float (*row_sum)(const float *x, size_t n);
  float (*row_max)(const float *x, size_t n);
  void (*softmax)(const float *x, float *y, size_t n);
  void (*log_softmax)(const float *x, float *y, size_t n);

  void (*max_window)(const firn_window *window, float *y);
  void (*mean_window)(const firn_window *window, float *y);
} firn_micro;

/* The best list for a CPU with these features; the portable one for 0. */
const firn_micro *firn_micro_pick(uint32_t cpu_features);

/* Every list this build has, portable first; NULL past the last. For tests. */
const firn_micro *firn_micro_at(size_t i);

#endif
