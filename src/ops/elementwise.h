/* ops/elementwise.h: y[i] = f(x[i]) and y[i] = f(a[i], b[i]) for any type.
 *
 * A family writes a plain loop for each type in which the arithmetic differs
 * (a row) and lists the rows of an op by type:
 *
 *   FIRN_ROW2(add_f64, double, double, a + b)
 *   static const firn_rows2 add = {.micro = FIRN_MICRO(FIRN_ADD),
 *                                  .row = {[FIRN_DOUBLE] = add_f64}};
 *   static const firn_kernel add_kernels[] = {
 *       FIRN_KERNEL2(FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE), add),
 *       {.drive = NULL}};
 *
 * The drivers broadcast, share out among threads, and run half and bfloat16
 * through the row for float. Rows may write over an input.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_ELEMENTWISE_H
#define FIRN_OPS_ELEMENTWISE_H

#include "ops/infer.h"

enum { FIRN_ROW_TYPES = FIRN_UINT64 + 1 };

typedef void (*firn_row1)(const void *x, void *y, size_t n);
typedef void (*firn_row2)(const void *a, const void *b, void *y, size_t n);

/* `micro`: a firn_unary or firn_binary of ops/micro that does float, made by
 * FIRN_MICRO; 0 for none. `grain`: elements worth a thread; 0 for the usual,
 * which suits simple arithmetic. */
typedef struct firn_rows1 {
  int micro;
  size_t grain;
  firn_row1 row[FIRN_ROW_TYPES];
} firn_rows1;

typedef struct firn_rows2 {
  int micro;
  size_t grain;
  firn_code (*check)(const firn_run *run, firn_error *err); /* may be NULL */
  firn_row2 row[FIRN_ROW_TYPES];
} firn_rows2;

#define FIRN_MICRO(id) ((id) + 1)
enum { FIRN_SLOW_GRAIN = 2048 }; /* for rows that call the maths library */

firn_code firn_drive_rows1(const firn_run *run, firn_error *err);
firn_code firn_drive_rows2(const firn_run *run, firn_error *err);

#define FIRN_KERNEL1(set, rows)                                    \
  {                                                                \
    .types = {{"T", (set)}}, .drive = firn_drive_rows1, .micro = { \
      .table = &(rows)                                             \
    }                                                              \
  }
#define FIRN_KERNEL2(set, rows)                                    \
  {                                                                \
    .types = {{"T", (set)}}, .drive = firn_drive_rows2, .micro = { \
      .table = &(rows)                                             \
    }                                                              \
  }

/* A loop whose rounds do not depend on each other, though the output may be an
 * input. */
#if defined(__clang__)
#define FIRN_VECTORS _Pragma("clang loop vectorize(assume_safety)")
#else
#define FIRN_VECTORS _Pragma("GCC ivdep")
#endif

/* A row; EXPR is of x, or of a and b. `num` is the type of the input. */
#define FIRN_ROW1(NAME, T, TY, EXPR)                        \
  static void NAME(const void *from, void *to, size_t n_) { \
    typedef T num;                                          \
    const num *x_ = from;                                   \
    TY *y_ = to;                                            \
    FIRN_VECTORS for (size_t i_ = 0; i_ < n_; i_++) {       \
      const num x = x_[i_];                                 \
      y_[i_] = (TY)(EXPR);                                  \
    }                                                       \
  }
#define FIRN_ROW2(NAME, T, TY, EXPR)                                           \
  static void NAME(const void *left, const void *right, void *to, size_t n_) { \
    typedef T num;                                                             \
    const num *a_ = left, *b_ = right;                                         \
    TY *y_ = to;                                                               \
    FIRN_VECTORS for (size_t i_ = 0; i_ < n_; i_++) {                          \
      const num a = a_[i_], b = b_[i_];                                        \
      y_[i_] = (TY)(EXPR);                                                     \
    }                                                                          \
  }

/* Signed integers wrap around as TensorFlow's do; C only lets unsigned ones. */
#define FIRN_WRAP(a, OP, b) ((num)((uint64_t)(a)OP(uint64_t)(b)))

/* ROW is FIRN_ROW1 or FIRN_ROW2; the rows are ID_i8, ID_u64, ID_f32, ... */
#define FIRN_SIGNED_ROWS(ROW, ID, EXPR) \
  ROW(ID##_i8, int8_t, num, EXPR)       \
  ROW(ID##_i16, int16_t, num, EXPR)     \
  ROW(ID##_i32, int32_t, num, EXPR)     \
  ROW(ID##_i64, int64_t, num, EXPR)
#define FIRN_UNSIGNED_ROWS(ROW, ID, EXPR) \
  ROW(ID##_u8, uint8_t, num, EXPR)        \
  ROW(ID##_u16, uint16_t, num, EXPR)      \
  ROW(ID##_u32, uint32_t, num, EXPR)      \
  ROW(ID##_u64, uint64_t, num, EXPR)
#define FIRN_INT_ROWS(ROW, ID, EXPR) \
  FIRN_SIGNED_ROWS(ROW, ID, EXPR)    \
  FIRN_UNSIGNED_ROWS(ROW, ID, EXPR)
/* The maths library has a function of each name for float and for double. */
#define FIRN_FLOAT_ROWS(ROW, ID, EXPR32, EXPR64) \
  ROW(ID##_f32, float, num, EXPR32)              \
  ROW(ID##_f64, double, num, EXPR64)
#define FIRN_COMPLEX_ROWS(ROW, ID, EXPR32, EXPR64) \
  ROW(ID##_c64, float complex, num, EXPR32)        \
  ROW(ID##_c128, double complex, num, EXPR64)

#define FIRN_SIGNED_TABLE(ID)                                              \
  [FIRN_INT8] = ID##_i8, [FIRN_INT16] = ID##_i16, [FIRN_INT32] = ID##_i32, \
  [FIRN_INT64] = ID##_i64
#define FIRN_UNSIGNED_TABLE(ID)                                               \
  [FIRN_UINT8] = ID##_u8, [FIRN_UINT16] = ID##_u16, [FIRN_UINT32] = ID##_u32, \
  [FIRN_UINT64] = ID##_u64
#define FIRN_INT_TABLE(ID) FIRN_SIGNED_TABLE(ID), FIRN_UNSIGNED_TABLE(ID)
#define FIRN_FLOAT_TABLE(ID) [FIRN_FLOAT] = ID##_f32, [FIRN_DOUBLE] = ID##_f64
#define FIRN_COMPLEX_TABLE(ID) \
  [FIRN_COMPLEX64] = ID##_c64, [FIRN_COMPLEX128] = ID##_c128

#endif
