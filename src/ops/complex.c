/* ops/complex.c: complex numbers from parts and parts of complex numbers; and
 * the cross product. */
#include "base/complex.h"

#include "ops/elementwise.h"

FIRN_ROW2(make_f32, float, float complex, CMPLXF(a, b))
FIRN_ROW2(make_f64, double, double complex, CMPLX(a, b))

#define PART(ID, F32, F64)                       \
  FIRN_ROW1(ID##_c64, float complex, float, F32) \
  FIRN_ROW1(ID##_c128, double complex, double, F64)
PART(real, crealf(x), creal(x))
PART(imag, cimagf(x), cimag(x))
PART(angle, cargf(x), carg(x))
PART(size, cabsf(x), cabs(x))
FIRN_COMPLEX_ROWS(FIRN_ROW1, mirror, conjf(x), conj(x))

static const firn_rows2 make_rows = {.row = {FIRN_FLOAT_TABLE(make)}};
#define TABLE(ID)                     \
  {                                   \
    .row = { FIRN_COMPLEX_TABLE(ID) } \
  }
static const firn_rows1 real_rows = TABLE(real);
static const firn_rows1 imag_rows = TABLE(imag);
static const firn_rows1 angle_rows = TABLE(angle);
static const firn_rows1 size_rows = TABLE(size);
static const firn_rows1 mirror_rows = TABLE(mirror);

/* ---- Cross: three numbers by three -------------------------------------- */

static firn_code infer_cross(firn_infer *q, firn_error *err) {
  firn_shape *out = &q->out[0].shape;
  char text[256];
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "a", err));
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "b", err));
  FIRN_TRY(firn_shape_merge(&q->in[0].shape, &q->in[1].shape, out, err));
  if (out->rank > 0 &&
      !firn_dim_merge(out->dims[out->rank - 1], 3, &out->dims[out->rank - 1]))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a must have 3 numbers along its last axis, has shape %s",
                     firn_shape_text(out, text));
  return FIRN_OK;
}

/* a * b - c * d */
#define CROSS_ROW(NAME, T, TMP, GET, PUT)                                \
  static void cross_##NAME(const void *from, const void *with, void *to, \
                           size_t n) {                                   \
    const T *x = from, *z = with;                                        \
    T *y = to;                                                           \
    for (size_t i = 0; i + 2 < n; i += 3) {                              \
      const TMP u[3] = {GET(x[i]), GET(x[i + 1]), GET(x[i + 2])};        \
      const TMP v[3] = {GET(z[i]), GET(z[i + 1]), GET(z[i + 2])};        \
      y[i] = PUT(u[1] * v[2] - u[2] * v[1]);                             \
      y[i + 1] = PUT(u[2] * v[0] - u[0] * v[2]);                         \
      y[i + 2] = PUT(u[0] * v[1] - u[1] * v[0]);                         \
    }                                                                    \
  }
#define AS_IS(v) (v)
CROSS_ROW(f32, float, float, AS_IS, AS_IS)
CROSS_ROW(f64, double, double, AS_IS, AS_IS)
CROSS_ROW(half, uint16_t, float, firn_half_to_float, firn_half_from_float)
CROSS_ROW(bfloat16, uint16_t, float, firn_bfloat16_to_float,
          firn_bfloat16_from_float)
/* Unsigned: the low bits are the same signed or not. */
CROSS_ROW(8, uint8_t, uint32_t, AS_IS, (uint8_t))
CROSS_ROW(16, uint16_t, uint32_t, AS_IS, (uint16_t))
CROSS_ROW(32, uint32_t, uint32_t, AS_IS, AS_IS)
CROSS_ROW(64, uint64_t, uint64_t, AS_IS, AS_IS)

static firn_code drive_cross(const firn_run *run, firn_error *err) {
  static const firn_row2 rows[FIRN_ROW_TYPES] = {
      [FIRN_FLOAT] = cross_f32, [FIRN_DOUBLE] = cross_f64,
      [FIRN_HALF] = cross_half, [FIRN_BFLOAT16] = cross_bfloat16,
      [FIRN_INT8] = cross_8,    [FIRN_UINT8] = cross_8,
      [FIRN_INT16] = cross_16,  [FIRN_UINT16] = cross_16,
      [FIRN_INT32] = cross_32,  [FIRN_UINT32] = cross_32,
      [FIRN_INT64] = cross_64,  [FIRN_UINT64] = cross_64,
  };
  const firn_tensor *a = run->in[0];
  FIRN_UNUSED(err);
  rows[a->dtype](a->data, run->in[1]->data, run->out[0]->data, a->count);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

static const firn_kernel make_kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT)}, {"Tout", FIRN_BIT(FIRN_COMPLEX64)}},
     .drive = firn_drive_rows2,
     .micro = {.table = &make_rows}},
    {.types = {{"T", FIRN_BIT(FIRN_DOUBLE)},
               {"Tout", FIRN_BIT(FIRN_COMPLEX128)}},
     .drive = firn_drive_rows2,
     .micro = {.table = &make_rows}},
    {.drive = NULL},
};

#define PART_KERNELS(ID)                           \
  static const firn_kernel ID##_kernels[] = {      \
      {.types = {{"T", FIRN_BIT(FIRN_COMPLEX64)},  \
                 {"Tout", FIRN_BIT(FIRN_FLOAT)}},  \
       .drive = firn_drive_rows1,                  \
       .micro = {.table = &ID##_rows}},            \
      {.types = {{"T", FIRN_BIT(FIRN_COMPLEX128)}, \
                 {"Tout", FIRN_BIT(FIRN_DOUBLE)}}, \
       .drive = firn_drive_rows1,                  \
       .micro = {.table = &ID##_rows}},            \
      {.drive = NULL}};
PART_KERNELS(real)
PART_KERNELS(imag)
PART_KERNELS(angle)
PART_KERNELS(size)
static const firn_kernel mirror_kernels[] = {
    FIRN_KERNEL1(FIRN_COMPLEXES, mirror_rows), {.drive = NULL}};
static const firn_kernel cross_kernels[] = {
    {.types = {{"T", FIRN_FLOATS | FIRN_INTS}}, .drive = drive_cross},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Complex", firn_infer_broadcast, make_kernels, 0},
    {"Real", firn_infer_same, real_kernels, 0},
    {"Imag", firn_infer_same, imag_kernels, 0},
    {"Angle", firn_infer_same, angle_kernels, 0},
    {"ComplexAbs", firn_infer_same, size_kernels, 0},
    {"Conj", firn_infer_same, mirror_kernels, FIRN_OP_IN_PLACE},
    {"Cross", infer_cross, cross_kernels, FIRN_OP_IN_PLACE},
};

FIRN_OP_FAMILY(complex, ops);
