/* ops/matmul.c: MatMul and the BatchMatMul ops.
 *
 * A constant right side of floats is packed once, and takes part in fusions.
 * All else goes to ops/products.h: narrow floats as floats, 8-bit integers as
 * int32.
 */
#include <math.h>

#include "ops/infer.h"
#include "ops/micro/matmul.h"
#include "ops/pack_key.h"
#include "ops/packs.h"
#include "ops/products.h"

/* ---- Shape -------------------------------------------------------------- */

enum { ONE, SAME_BATCH, BROADCAST };

static int kind_of(const firn_node *node) {
  if (firn_str_is(node->type->name, "MatMul")) return ONE;
  if (firn_str_is(node->type->name, "BatchMatMul")) return SAME_BATCH;
  return BROADCAST;
}

static bool flips(const firn_node *node, bool left) {
  if (kind_of(node) == ONE)
    return firn_attr_bool_or(node, left ? "transpose_a" : "transpose_b", false);
  return firn_attr_bool_or(node, left ? "adj_x" : "adj_y", false);
}

/* The batch axes of a shape: all but the last two. */
static firn_shape batch_of(const firn_shape *shape) {
  firn_shape batch = *shape;
  if (batch.rank >= 2) batch.rank -= 2;
  return batch;
}

/* Rows and columns of a side as the product sees it, -1 when unknown. */
static void matrix_of(const firn_shape *shape, bool flipped, int64_t *rows,
                      int64_t *columns) {
  *rows = *columns = FIRN_UNKNOWN_DIM;
  if (shape->rank < 2) return;
  *rows = shape->dims[shape->rank - (flipped ? 1 : 2)];
  *columns = shape->dims[shape->rank - (flipped ? 2 : 1)];
}

static firn_code check_ranks(firn_infer *q, int kind, firn_error *err) {
  for (size_t i = 0; i < 2; i++) {
    if (kind == ONE)
      FIRN_TRY(firn_infer_rank(q, i, 2, i ? "b" : "a", NULL, err));
    else
      FIRN_TRY(firn_infer_rank_at_least(q, i, 2, i ? "y" : "x", err));
  }
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const int kind = kind_of(q->node);
  const firn_shape *a = &q->in[0].shape, *b = &q->in[1].shape;
  int64_t m, ka, kb, n, k;
  FIRN_TRY(check_ranks(q, kind, err));
  matrix_of(a, flips(q->node, true), &m, &ka);
  matrix_of(b, flips(q->node, false), &kb, &n);
  if (!firn_dim_merge(ka, kb, &k)) {
    char ta[256], tb[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "inner extents %lld and %lld differ: shapes %s and %s",
                     (long long)ka, (long long)kb, firn_shape_text(a, ta),
                     firn_shape_text(b, tb));
  }
  firn_shape y = firn_shape_unknown();
  if (a->rank >= 0 && b->rank >= 0) {
    const firn_shape x1 = batch_of(a), x2 = batch_of(b);
    FIRN_TRY(kind == BROADCAST ? firn_shape_broadcast(&x1, &x2, &y, err)
                               : firn_shape_merge(&x1, &x2, &y, err));
  } else if (kind == ONE) {
    y.rank = 0;
  } else {
    return FIRN_OK;
  }
  if (y.rank < 0) return FIRN_OK;
  y.dims[y.rank++] = m;
  y.dims[y.rank++] = n;
  q->out[0].shape = y;
  return FIRN_OK;
}

/* ---- What a run needs --------------------------------------------------- */

typedef struct product {
  firn_products p;
  const firn_micro *micro;
  firn_dtype a_type, b_type, y_type;
  size_t a_count, b_count, y_count, workspace;
  /* with a packed right side: rows x k times k x n */
  const firn_pack *pack;
  firn_packs *packs;
  size_t rows;
  const firn_fusion *fused; /* or NULL */
} product;

static void free_product(void *state, const firn_env *env) {
  product *p = state;
  firn_pack_release(p->packs, env, p->pack);
  firn_delete(&env->alloc, p, sizeof *p);
}

static firn_code describe(const firn_prepare *in, product *p, firn_error *err) {
  const firn_shape *a = &in->in[0].shape, *b = &in->in[1].shape;
  const firn_shape batch_a = batch_of(a), batch_b = batch_of(b);
  int64_t m, k, n, ignored;
  p->a_type = in->in[0].dtype;
  p->b_type = in->in[1].dtype;
  p->y_type = in->out[0].dtype;
  p->micro = firn_micro_pick(in->cpu);
  p->p.dtype = firn_dtype_wide(p->y_type);
  p->p.a.transposed = flips(in->node, true);
  p->p.b.transposed = flips(in->node, false);
  const bool adjoint = kind_of(in->node) != ONE;
  p->p.a.conjugate = adjoint && p->p.a.transposed;
  p->p.b.conjugate = adjoint && p->p.b.transposed;
  matrix_of(a, p->p.a.transposed, &m, &k);
  matrix_of(b, p->p.b.transposed, &ignored, &n);
  p->p.m = (size_t)m;
  p->p.k = (size_t)k;
  p->p.n = (size_t)n;
  p->a_count = (size_t)firn_shape_product(a, 0, a->rank);
  p->b_count = (size_t)firn_shape_product(b, 0, b->rank);
  p->y_count =
      (size_t)firn_shape_product(&in->out[0].shape, 0, in->out[0].shape.rank);
  return firn_products_batch(&p->p, &batch_a, &batch_b, err);
}

/* ---- A packed right side ------------------------------------------------ */

typedef struct filling {
  const product *p;
  const float *b, *scale;
} filling;

static void fill(void *ud, void *data) {
  const filling *f = ud;
  const firn_products *p = &f->p->p;
  const firn_matrix b = {f->b, p->b.transposed ? p->k : p->n, p->b.transposed};
  firn_matmul_pack(f->p->micro, b, p->k, p->n, f->scale, data);
}

/* One constant matrix of floats for all rows of a. */
static bool can_pack(const firn_prepare *in, const product *p) {
  return in->in[1].value && p->y_type == FIRN_FLOAT && p->y_count > 0 &&
         p->p.k > 0 && p->b_count == p->p.k * p->p.n &&
         (!p->p.a.transposed || p->a_count == p->p.m * p->p.k);
}

static firn_code pack(const firn_prepare *in, product *p, firn_error *err) {
  const firn_fusion *fused = in->fused;
  filling f = {p, in->in[1].value->data, fused ? fused->scale : NULL};
  uint64_t key = firn_pack_key(0, (uintptr_t)p->micro);
  key = firn_pack_key(key, p->p.k);
  key = firn_pack_key(key, p->p.n);
  key = firn_pack_key(key, p->p.b.transposed);
  key = firn_pack_key_floats(key, f.scale, p->p.n);
  p->packs = in->packs;
  p->rows = p->a_count / p->p.k;
  p->workspace = firn_matmul_workspace(p->rows, p->p.k, p->p.a.transposed);
  return firn_packs_get(in->packs, in->env, in->in[1].value, key,
                        firn_matmul_pack_size(p->micro, p->p.k, p->p.n), fill,
                        &f, &p->pack, err);
}

static void run_packed(const product *p, const firn_run *run) {
  const firn_fusion *fused = p->fused;
  firn_epilogue epilogue = {.min = -INFINITY, .max = INFINITY};
  const firn_matrix a = {run->in[0]->data, p->p.a.transposed ? p->p.m : p->p.k,
                         p->p.a.transposed};
  if (fused)
    epilogue = (firn_epilogue){
        fused->shift, fused->residual ? run->in[fused->residual]->data : NULL,
        p->p.n, fused->min, fused->max};
  firn_matmul_run(p->micro, p->rows, p->p.k, p->p.n, a, p->pack->data,
                  &epilogue, run->out[0]->data, p->p.n, run->scratch,
                  run->pool);
}

/* A fusion where the right side was not packed. */
static void finish(const product *p, const firn_run *run) {
  const firn_fusion *f = p->fused;
  const float *more = f->residual ? run->in[f->residual]->data : NULL;
  float *y = run->out[0]->data;
  for (size_t i = 0; i < p->y_count; i++) {
    const size_t c = i % p->p.n;
    const float v = y[i] * (f->scale ? f->scale[c] : 1) +
                    (f->shift ? f->shift[c] : 0) + (more ? more[i] : 0);
    y[i] = v < f->min ? f->min : v > f->max ? f->max : v;
  }
}

/* ---- Any sides ---------------------------------------------------------- */

/* A side in the type that is computed in. */
static const void *convert(firn_dtype from, firn_dtype to, const void *x,
                           size_t count, firn_scratch *scratch) {
  if (from == to) return x;
  const bool measuring = !scratch->base;
  void *y = firn_scratch_array(scratch, count, sizeof(float));
  if (measuring) return y;
  if (firn_is_short_float(from)) {
    firn_widen(from, x, y, count);
    return y;
  }
  for (size_t i = 0; i < count; i++) {
    const int32_t v =
        from == FIRN_UINT8 ? ((const uint8_t *)x)[i] : ((const int8_t *)x)[i];
    if (to == FIRN_INT32)
      ((int32_t *)y)[i] = v;
    else
      ((float *)y)[i] = (float)v;
  }
  return y;
}

static void multiply(const product *p, const void *a, const void *b, void *y,
                     firn_scratch *scratch, firn_pool *pool) {
  const firn_dtype type = p->p.dtype;
  const bool measuring = !scratch->base, narrow = type != p->y_type;
  a = convert(p->a_type, type, a, p->a_count, scratch);
  b = convert(p->b_type, type, b, p->b_count, scratch);
  void *wide = y;
  if (narrow) wide = firn_scratch_array(scratch, p->y_count, sizeof(float));
  void *work = firn_scratch_take(scratch, p->workspace);
  if (measuring) return;
  firn_products_run(&p->p, p->micro, a, b, wide, work, pool);
  if (narrow) firn_narrow(p->y_type, wide, y, p->y_count);
}

static firn_code plan(firn_prepare *in, product *p, firn_error *err) {
  FIRN_TRY(describe(in, p, err));
  p->fused = in->fused;
  if (can_pack(in, p)) {
    FIRN_TRY(pack(in, p, err));
    in->scratch = p->workspace;
    return FIRN_OK;
  }
  p->workspace =
      p->y_count ? firn_products_workspace(&p->p, p->micro, in->env->threads)
                 : 0;
  firn_scratch need = {NULL, 0};
  multiply(p, NULL, NULL, NULL, &need, NULL);
  in->scratch = need.used;
  return FIRN_OK;
}

static firn_code prepare(firn_prepare *in, firn_error *err) {
  product *p = firn_new_zeroed(&in->env->alloc, sizeof *p);
  if (!p) return firn_oom(err, sizeof *p);
  const firn_code code = plan(in, p, err);
  if (code != FIRN_OK) {
    free_product(p, in->env);
    return code;
  }
  in->state = p;
  in->free_state = free_product;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const product *p = run->state;
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  if (p->y_count == 0) return FIRN_OK;
  if (p->pack)
    run_packed(p, run);
  else
    multiply(p, run->in[0]->data, run->in[1]->data, run->out[0]->data, &scratch,
             run->pool);
  if (p->fused && !p->pack) finish(p, run);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(loose, ...)                                      \
  {                                                             \
    .types = {__VA_ARGS__}, .prepare = prepare, .drive = drive, \
    .unaligned = loose                                          \
  }

#define WIDE_NUMBERS \
  (FIRN_FLOATS | FIRN_COMPLEXES | FIRN_INDICES | FIRN_BIT(FIRN_INT16))
#define BYTES (FIRN_BIT(FIRN_INT8) | FIRN_BIT(FIRN_UINT8))

static const firn_kernel matmul[] = {
    KERNEL(1u << 1, {"T", FIRN_BIT(FIRN_FLOAT)}),
    KERNEL(0, {"T", WIDE_NUMBERS}),
    {.drive = NULL},
};

#define SAME(type)                                          \
  KERNEL(0, {"Ta", FIRN_BIT(type)}, {"Tb", FIRN_BIT(type)}, \
         {"Tout", FIRN_BIT(type)})

static const firn_kernel matmul_v3[] = {
    SAME(FIRN_FLOAT),
    SAME(FIRN_DOUBLE),
    SAME(FIRN_HALF),
    SAME(FIRN_INT16),
    SAME(FIRN_INT32),
    SAME(FIRN_INT64),
    SAME(FIRN_COMPLEX64),
    SAME(FIRN_COMPLEX128),
    KERNEL(0, {"Ta", BYTES | FIRN_BIT(FIRN_BFLOAT16)},
           {"Tb", BYTES | FIRN_BIT(FIRN_BFLOAT16)},
           {"Tout", FIRN_BIT(FIRN_BFLOAT16)}),
    KERNEL(0, {"Ta", BYTES}, {"Tb", BYTES}, {"Tout", FIRN_BIT(FIRN_INT32)}),
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"MatMul", infer, matmul, FIRN_OP_EPILOGUE},
    {"BatchMatMul", infer, matmul, FIRN_OP_EPILOGUE},
    {"BatchMatMulV2", infer, matmul, FIRN_OP_EPILOGUE},
    {"BatchMatMulV3", infer, matmul_v3, 0},
};

FIRN_OP_FAMILY(matmul, ops);
