/* ops/fourier.c: the Fourier transforms over one, two, three or some axes.
 *
 * Axis by axis, line by line: a line is loaded into double precision, whatever
 * its type, transformed, and stored. Between the axes everything stays in
 * double precision in one workspace of the output's extents. A real transform
 * knows that the second half of a line mirrors the first: it keeps, or wants,
 * the first n / 2 + 1 points only.
 *
 * fft_length cuts the input; what is beyond is not looked at. The ops of one,
 * two and three axes refuse inputs that are too short, those of some axes take
 * them as followed by zeros.
 */
#include <assert.h>
#include <math.h>
#include <stdatomic.h>

#include "ops/fft.h"
#include "ops/infer.h"

/* What an op does: kernel->micro.table. */
typedef struct kind {
  int axes;           /* the innermost ones; 0: input 2 lists them */
  bool inverse, real; /* real: the input, or of an inverse the output, is */
  bool sized;         /* input 1 is fft_length */
} kind;

/* ---- Which axes, how long ----------------------------------------------- */

typedef struct spec {
  int count;
  int axis[FIRN_MAX_RANK];
  int64_t length[FIRN_MAX_RANK]; /* -1: unknown */
} spec;

static firn_code axes_of(const kind *k, int rank, const int64_t *axes,
                         int64_t count, spec *s, firn_error *err) {
  uint32_t seen = 0;
  s->count = k->axes;
  for (int i = 0; i < k->axes; i++) s->axis[i] = rank - k->axes + i;
  if (k->axes) return FIRN_OK;
  if (count < 1 || count > rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "axes hold %lld axes of an input with %d",
                     (long long)count, rank);
  s->count = (int)count;
  for (int i = 0; i < s->count; i++) {
    FIRN_TRY(firn_axis(axes[i], rank, &s->axis[i], err));
    if (seen >> s->axis[i] & 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "axes hold axis %d twice",
                       s->axis[i]);
    seen |= 1u << s->axis[i];
  }
  return FIRN_OK;
}

static int64_t halved(int64_t n) { return n > 0 ? n / 2 + 1 : n; }

/* How many points of a line along axis i of the spec the transform wants. */
static int64_t wanted(const kind *k, const spec *s, int i) {
  const bool half = k->real && k->inverse && i == s->count - 1;
  return half ? halved(s->length[i]) : s->length[i];
}

static firn_code check_lengths(const kind *k, const spec *s,
                               const firn_shape *in, firn_error *err) {
  for (int i = 0; i < s->count; i++) {
    const int64_t have = in->dims[s->axis[i]], want = wanted(k, s, i);
    if (s->length[i] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "fft_length[%d] = %lld must not be negative", i,
                       (long long)s->length[i]);
    if (k->axes && have >= 0 && have < want)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "input has extent %lld along axis %d, needs %lld for "
                       "fft_length[%d] = %lld",
                       (long long)have, s->axis[i], (long long)want, i,
                       (long long)s->length[i]);
  }
  return FIRN_OK;
}

static firn_shape out_shape(const kind *k, const spec *s,
                            const firn_shape *in) {
  firn_shape out = *in;
  for (int i = 0; i < s->count; i++) {
    const bool half = k->real && !k->inverse && i == s->count - 1;
    out.dims[s->axis[i]] = half ? halved(s->length[i]) : s->length[i];
  }
  return out;
}

/* ---- Shapes ------------------------------------------------------------- */

static const kind *kind_of(const firn_infer *q) {
  const firn_op *op = firn_op_of(q->node);
  return op->kernels[0].micro.table;
}

static firn_code infer_sized(firn_infer *q, const kind *k, firn_error *err) {
  const firn_shape *in = &q->in[0].shape;
  const int64_t *lengths = NULL, *axes = NULL;
  int64_t length_count = -1, axes_count = -1;
  spec s = {0};
  firn_shape one;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "fft_length", &one, err));
  const bool known = firn_infer_ints(q, 1, &lengths, &length_count);
  if (k->axes && !firn_dim_merge(one.dims[0], k->axes, &one.dims[0]))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "fft_length has %lld elements, needs %d",
                     (long long)length_count, k->axes);
  if (in->rank < 0) return FIRN_OK;
  q->out[0].shape = *in;
  for (int i = 0; i < in->rank; i++)
    if (!k->axes || i >= in->rank - k->axes)
      q->out[0].shape.dims[i] = FIRN_UNKNOWN_DIM;
  if (!k->axes) {
    FIRN_TRY(firn_infer_rank(q, 2, 1, "axes", NULL, err));
    if (!firn_infer_ints(q, 2, &axes, &axes_count)) return FIRN_OK;
  }
  FIRN_TRY(axes_of(k, in->rank, axes, axes_count, &s, err));
  if (!known) return FIRN_OK;
  if (length_count != s.count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "fft_length has %lld elements, needs %d",
                     (long long)length_count, s.count);
  for (int i = 0; i < s.count; i++) s.length[i] = lengths[i];
  FIRN_TRY(check_lengths(k, &s, in, err));
  q->out[0].shape = out_shape(k, &s, in);
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const kind *k = kind_of(q);
  FIRN_TRY(firn_infer_rank_at_least(q, 0, k->axes ? k->axes : 1, "input", err));
  if (k->sized) return infer_sized(q, k, err);
  q->out[0].shape = q->in[0].shape;
  return FIRN_OK;
}

/* ---- One axis ----------------------------------------------------------- */

/* Lines of `n` points each, cut or filled up with zeros to that. */
typedef struct pass {
  const firn_fft *fft;
  const firn_allocator *alloc;
  bool inverse;
  bool mirror; /* the second half of the input mirrors the first */
  firn_dtype from_type, to_type;
  const void *from;
  void *to;
  size_t n, take, put;
  int64_t from_step, to_step;
  int rank; /* the other axes */
  int64_t dims[FIRN_MAX_RANK], from_strides[FIRN_MAX_RANK],
      to_strides[FIRN_MAX_RANK];
  atomic_bool failed;
} pass;

#define LOAD(T, RE, IM)                                   \
  do {                                                    \
    const T *x = (const T *)p->from + at * WIDTH;         \
    const int64_t step = p->from_step * WIDTH;            \
    for (size_t i = 0; i < p->take; i++, x += step)       \
      line[i] = (firn_point){(double)(RE), (double)(IM)}; \
  } while (0)

static void load(const pass *p, int64_t at, firn_point *line) {
#define WIDTH 1
  if (p->from_type == FIRN_FLOAT) LOAD(float, x[0], 0);
  if (p->from_type == FIRN_DOUBLE) LOAD(double, x[0], 0);
#undef WIDTH
#define WIDTH 2
  if (p->from_type == FIRN_COMPLEX64) LOAD(float, x[0], x[1]);
  if (p->from_type == FIRN_COMPLEX128) LOAD(double, x[0], x[1]);
#undef WIDTH
  for (size_t i = p->take; i < p->n; i++) line[i] = (firn_point){0, 0};
  if (!p->mirror) return;
  line[0].im = 0;
  if (p->n % 2 == 0) line[p->n / 2].im = 0;
  for (size_t i = 1; i < p->n - i; i++)
    line[p->n - i] = (firn_point){line[i].re, -line[i].im};
}

#define STORE(T, PARTS)                              \
  do {                                               \
    T *y = (T *)p->to + at * PARTS;                  \
    const int64_t step = p->to_step * PARTS;         \
    for (size_t i = 0; i < p->put; i++, y += step) { \
      y[0] = (T)line[i].re;                          \
      if (PARTS == 2) y[PARTS - 1] = (T)line[i].im;  \
    }                                                \
  } while (0)

static void store(const pass *p, int64_t at, const firn_point *line) {
  if (p->to_type == FIRN_FLOAT) STORE(float, 1);
  if (p->to_type == FIRN_DOUBLE) STORE(double, 1);
  if (p->to_type == FIRN_COMPLEX64) STORE(float, 2);
  if (p->to_type == FIRN_COMPLEX128) STORE(double, 2);
}

static void swap_parts(firn_point *line, size_t n, double scale) {
  for (size_t i = 0; i < n; i++)
    line[i] = (firn_point){line[i].im * scale, line[i].re * scale};
}

static void transform(const pass *p, firn_point *line, firn_point *work) {
  if (p->inverse) swap_parts(line, p->n, 1);
  firn_fft_run(p->fft, line, work);
  if (p->inverse) swap_parts(line, p->n, 1 / (double)p->n);
}

static void run_lines(void *ctx, size_t begin, size_t end) {
  pass *p = ctx;
  const size_t size = (p->n + firn_fft_work(p->fft)) * sizeof(firn_point);
  firn_point *line = firn_new_aligned(p->alloc, size);
  if (!line) {
    atomic_store(&p->failed, true);
    return;
  }
  for (size_t i = begin; i < end; i++) {
    int64_t from = 0, to = 0;
    size_t rest = i;
    for (int k = p->rank - 1; k >= 0; k--) {
      const int64_t index = (int64_t)(rest % (size_t)p->dims[k]);
      rest /= (size_t)p->dims[k];
      from += index * p->from_strides[k];
      to += index * p->to_strides[k];
    }
    load(p, from, line);
    transform(p, line, line + p->n);
    store(p, to, line);
  }
  firn_delete_aligned(p->alloc, line, size);
}

/* ---- All axes ----------------------------------------------------------- */

static void strides_of(const firn_shape *shape, int64_t *strides) {
  int64_t step = 1;
  for (int i = shape->rank - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape->dims[i];
  }
}

/* Transforms along axis `axis` of `have`, whose extents are laid out as
 * `stored` says; the result is laid out densely as `have` is afterwards. */
static void set_lines(pass *p, const firn_shape *have, const firn_shape *stored,
                      int axis, size_t put) {
  firn_shape after = *have;
  int64_t from[FIRN_MAX_RANK], to[FIRN_MAX_RANK];
  after.dims[axis] = (int64_t)put;
  strides_of(stored, from);
  strides_of(&after, to);
  p->take = (size_t)have->dims[axis];
  p->put = put;
  p->from_step = from[axis];
  p->to_step = to[axis];
  p->rank = 0;
  for (int i = 0; i < have->rank; i++) {
    if (i == axis) continue;
    p->dims[p->rank] = have->dims[i];
    p->from_strides[p->rank] = from[i];
    p->to_strides[p->rank++] = to[i];
  }
}

static firn_code run_pass(const firn_run *run, pass *p, firn_error *err) {
  firn_fft *fft = NULL;
  size_t lines = 1;
  assert(p->n > 0); /* or the output would be empty */
  for (int i = 0; i < p->rank; i++) lines *= (size_t)p->dims[i];
  FIRN_TRY(firn_fft_new(p->n, &run->env->alloc, &fft, err));
  p->fft = fft;
  p->alloc = &run->env->alloc;
  firn_parallel_for(run->pool, lines, 16384 / p->n + 1, run_lines, p);
  const size_t work = firn_fft_work(fft);
  firn_fft_free(fft);
  return atomic_load(&p->failed)
             ? firn_oom(err, (p->n + work) * sizeof(firn_point))
             : FIRN_OK;
}

/* The order of the axes: a real one goes first forwards and last backwards. */
static int axis_at(const kind *k, const spec *s, int turn) {
  return k->inverse ? turn : s->count - 1 - turn;
}

typedef struct workspace {
  firn_point *points[2];
  size_t size; /* bytes of each */
} workspace;

static firn_code run_axes(const firn_run *run, const kind *k, const spec *s,
                          const workspace *space, firn_error *err) {
  const firn_tensor *in = run->in[0], *out = run->out[0];
  firn_shape have = in->shape, stored = in->shape;
  for (int i = 0; i < s->count; i++) {
    const int64_t want = wanted(k, s, i);
    int64_t *dim = &have.dims[s->axis[i]];
    if (*dim > want) *dim = want;
  }
  const void *from = in->data;
  firn_dtype type = in->dtype;
  for (int turn = 0; turn < s->count; turn++) {
    const int i = axis_at(k, s, turn), axis = s->axis[i];
    const bool half = k->real && i == s->count - 1, last = turn == s->count - 1;
    const size_t n = (size_t)s->length[i];
    pass p = {.inverse = k->inverse,
              .mirror = half && k->inverse,
              .n = n,
              .from = from,
              .from_type = type,
              .to = last ? out->data : space->points[turn % 2],
              .to_type = last ? out->dtype : FIRN_COMPLEX128};
    const size_t put = half && !k->inverse ? (size_t)halved((int64_t)n) : n;
    set_lines(&p, &have, &stored, axis, put);
    FIRN_TRY(run_pass(run, &p, err));
    have.dims[axis] = (int64_t)put;
    stored = have;
    from = p.to;
    type = FIRN_COMPLEX128;
  }
  return FIRN_OK;
}

/* The largest that the intermediate results get. */
static bool workspace_size(const firn_shape *in, const firn_shape *out,
                           size_t *size) {
  size_t count = sizeof(firn_point);
  for (int i = 0; i < in->rank; i++) {
    const int64_t dim = in->dims[i] > out->dims[i] ? in->dims[i] : out->dims[i];
    if (!firn_mul_size(count, (size_t)dim, &count)) return false;
  }
  *size = count;
  return true;
}

static firn_code run_with_space(const firn_run *run, const kind *k,
                                const spec *s, firn_error *err) {
  const firn_allocator *alloc = &run->env->alloc;
  workspace space = {0};
  firn_code code = FIRN_OK;
  if (s->count > 1) {
    if (!workspace_size(&run->in[0]->shape, &run->out[0]->shape, &space.size))
      return firn_oom(err, SIZE_MAX);
    for (int i = 0; i < 2 && i < s->count - 1; i++) {
      space.points[i] = firn_new_aligned(alloc, space.size);
      if (!space.points[i]) code = firn_oom(err, space.size);
    }
  }
  if (code == FIRN_OK) code = run_axes(run, k, s, &space, err);
  for (int i = 0; i < 2; i++)
    if (space.points[i])
      firn_delete_aligned(alloc, space.points[i], space.size);
  return code;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const kind *k = run->kernel->micro.table;
  const firn_shape *in = &run->in[0]->shape;
  int64_t axes[FIRN_MAX_RANK] = {0};
  const int64_t listed = k->axes ? 0 : (int64_t)run->in[2]->count;
  spec s = {0};
  for (int64_t i = 0; i < listed && i < FIRN_MAX_RANK; i++)
    axes[i] = firn_tensor_i64(run->in[2], (size_t)i);
  FIRN_TRY(axes_of(k, in->rank, axes, listed, &s, err));
  for (int i = 0; i < s.count; i++)
    s.length[i] = k->sized && (size_t)i < run->in[1]->count
                      ? firn_tensor_i64(run->in[1], (size_t)i)
                      : in->dims[s.axis[i]];
  FIRN_TRY(check_lengths(k, &s, in, err));
  const firn_shape shape = out_shape(k, &s, in);
  firn_tensor *out;
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (out->count == 0) return FIRN_OK;
  if (run->in[0]->count == 0) {
    memset(out->data, 0, firn_tensor_bytes(out));
    return FIRN_OK;
  }
  return run_with_space(run, k, &s, err);
}

/* ---- The family --------------------------------------------------------- */

#define COMPLEX_KERNEL(ID, ...)                \
  static const kind ID##_kind = {__VA_ARGS__}; \
  static const firn_kernel ID[] = {            \
      {.drive = drive, .micro = {.table = &ID##_kind}}, {.drive = NULL}};
#define REAL_KERNEL(ID, ...)                               \
  static const kind ID##_kind = {__VA_ARGS__};             \
  static const firn_kernel ID[] = {                        \
      {.types = {{"Treal", FIRN_BIT(FIRN_FLOAT)},          \
                 {"Tcomplex", FIRN_BIT(FIRN_COMPLEX64)}},  \
       .drive = drive,                                     \
       .micro = {.table = &ID##_kind}},                    \
      {.types = {{"Treal", FIRN_BIT(FIRN_DOUBLE)},         \
                 {"Tcomplex", FIRN_BIT(FIRN_COMPLEX128)}}, \
       .drive = drive,                                     \
       .micro = {.table = &ID##_kind}},                    \
      {.drive = NULL}};

COMPLEX_KERNEL(fft1, .axes = 1)
COMPLEX_KERNEL(fft2, .axes = 2)
COMPLEX_KERNEL(fft3, .axes = 3)
COMPLEX_KERNEL(fft_n, .sized = true)
COMPLEX_KERNEL(ifft1, .axes = 1, .inverse = true)
COMPLEX_KERNEL(ifft2, .axes = 2, .inverse = true)
COMPLEX_KERNEL(ifft3, .axes = 3, .inverse = true)
COMPLEX_KERNEL(ifft_n, .inverse = true, .sized = true)
REAL_KERNEL(rfft1, .axes = 1, .real = true, .sized = true)
REAL_KERNEL(rfft2, .axes = 2, .real = true, .sized = true)
REAL_KERNEL(rfft3, .axes = 3, .real = true, .sized = true)
REAL_KERNEL(rfft_n, .real = true, .sized = true)
REAL_KERNEL(irfft1, .axes = 1, .inverse = true, .real = true, .sized = true)
REAL_KERNEL(irfft2, .axes = 2, .inverse = true, .real = true, .sized = true)
REAL_KERNEL(irfft3, .axes = 3, .inverse = true, .real = true, .sized = true)
REAL_KERNEL(irfft_n, .inverse = true, .real = true, .sized = true)

static const firn_op ops[] = {
    {"FFT", infer, fft1, 0},          {"BatchFFT", infer, fft1, 0},
    {"FFT2D", infer, fft2, 0},        {"BatchFFT2D", infer, fft2, 0},
    {"FFT3D", infer, fft3, 0},        {"BatchFFT3D", infer, fft3, 0},
    {"FFTND", infer, fft_n, 0},       {"IFFT", infer, ifft1, 0},
    {"BatchIFFT", infer, ifft1, 0},   {"IFFT2D", infer, ifft2, 0},
    {"BatchIFFT2D", infer, ifft2, 0}, {"IFFT3D", infer, ifft3, 0},
    {"BatchIFFT3D", infer, ifft3, 0}, {"IFFTND", infer, ifft_n, 0},
    {"RFFT", infer, rfft1, 0},        {"RFFT2D", infer, rfft2, 0},
    {"RFFT3D", infer, rfft3, 0},      {"RFFTND", infer, rfft_n, 0},
    {"IRFFT", infer, irfft1, 0},      {"IRFFT2D", infer, irfft2, 0},
    {"IRFFT3D", infer, irfft3, 0},    {"IRFFTND", infer, irfft_n, 0},
};

FIRN_OP_FAMILY(fourier, ops);
