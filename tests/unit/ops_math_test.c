/* What the drivers of elementwise ops and reductions promise for any shape:
 * the same as plain loops, the same bits with threads, and over an input.
 * Values type by type are judged by the conformance cases. */
#include "ops/infer.h"
#include "support/op_case.h"

enum { MOST_AXES = 5, THREADS = 3 };

/* ---- Random shapes ------------------------------------------------------ */

typedef struct text {
  char data[200];
} text;

static firn_shape random_shape(void) {
  static const int64_t extents[] = {1, 1, 2, 3, 7, 40};
  firn_shape shape = {.rank = (int)test_random(MOST_AXES + 1)};
  for (int i = 0; i < shape.rank; i++) shape.dims[i] = extents[test_random(6)];
  return shape;
}

/* A shape that broadcasts to `out`: some axes become 1, some are left out. */
static firn_shape random_part(const firn_shape *out) {
  const int drop = (int)test_random((uint32_t)out->rank + 1);
  firn_shape part = {.rank = 0};
  for (int i = test_random(2) ? drop : 0; i < out->rank; i++)
    part.dims[part.rank++] = test_random(3) ? out->dims[i] : 1;
  return part;
}

static int64_t count_of(const firn_shape *shape) {
  return firn_shape_product(shape, 0, shape->rank);
}

/* "int32[2,3] 5..": counting up. */
static text counting(const char *type, const firn_shape *shape, int first) {
  char dims[128];
  text out;
  firn_shape_text(shape, dims);
  snprintf(out.data, sizeof out.data, "%s%s %d%s", type,
           shape->rank ? dims : "", first, count_of(shape) > 1 ? ".." : "");
  return out;
}

/* ---- Running with threads, or over an input ----------------------------- */

static void run_with(op_rig *rig, firn_pool *pool, firn_tensor **out) {
  const firn_eval eval = {.node = rig->node,
                          .env = &rig->env,
                          .cpu = firn_cpu_features(),
                          .pool = pool,
                          .store = rig->store};
  CHECK_OK(firn_eval_run(&eval, rig->in, rig->in_count, out, rig->out_count,
                         &rig->err),
           &rig->err);
}

/* Runs the kernel with input `over` as its output. */
static void run_over(op_rig *rig, size_t over) {
  firn_tensor *out[1] = {rig->in[over]}, *made[1] = {NULL};
  const firn_run run = {
      .node = rig->node,
      .kernel =
          firn_op_kernel(firn_op_of(rig->node), rig->node, firn_cpu_features()),
      .in_count = rig->in_count,
      .out_count = 1,
      .in = rig->in,
      .out = out,
      .env = &rig->env,
      .cpu = firn_cpu_features(),
      .made = made,
  };
  CHECK_OK(run.kernel->drive(&run, &rig->err), &rig->err);
}

static firn_pool *make_pool(void) {
  const firn_env env = firn_env_from(NULL);
  firn_pool *pool = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_pool_new(THREADS, &env.alloc, &pool, &err), &err);
  return pool;
}

static void same_bits(const firn_tensor *a, const firn_tensor *b) {
  CHECK(firn_shape_equal(&a->shape, &b->shape));
  CHECK(!a->count || !memcmp(a->data, b->data, firn_tensor_bytes(a)));
}

/* ---- Broadcasting ------------------------------------------------------- */

static int64_t index_in(const firn_shape *part, const firn_shape *out,
                        int64_t at) {
  int64_t index = 0, step = 1;
  for (int i = out->rank - 1; i >= 0; i--) {
    const int axis = i - (out->rank - part->rank);
    const int64_t along = at % out->dims[i];
    at /= out->dims[i];
    if (axis < 0) continue;
    if (part->dims[axis] != 1) index += along * step;
    step *= part->dims[axis];
  }
  return index;
}

static void check_sub(firn_pool *pool, const char *type, const firn_shape *a,
                      const firn_shape *b) {
  char op[40];
  op_rig rig;
  firn_tensor *alone[1] = {NULL}, *shared[1] = {NULL};
  snprintf(op, sizeof op, "Sub T=%s", type);
  const text x = counting(type, a, 3), y = counting(type, b, 1);
  op_open(&rig, op, (const char *const[]){x.data, y.data, NULL});
  run_with(&rig, NULL, alone);
  run_with(&rig, pool, shared);
  same_bits(alone[0], shared[0]);
  const firn_shape *out = &alone[0]->shape;
  for (size_t i = 0; i < alone[0]->count; i++) {
    const double left =
        firn_tensor_f64(rig.in[0], (size_t)index_in(a, out, (int64_t)i));
    const double right =
        firn_tensor_f64(rig.in[1], (size_t)index_in(b, out, (int64_t)i));
    CHECK(firn_tensor_f64(alone[0], i) == left - right);
  }
  firn_tensor_release(alone[0]);
  firn_tensor_release(shared[0]);
  op_close(&rig);
}

TEST_FN(any_shapes_broadcast) {
  firn_pool *pool = make_pool();
  for (uint32_t seed = 1; seed <= 300; seed++) {
    test_seed(seed);
    const firn_shape out = random_shape();
    const firn_shape a = random_part(&out), b = random_part(&out);
    if (count_of(&out) > 100000) continue;
    check_sub(pool, seed % 2 ? "int32" : "float", &a, &b);
    if (count_of(&out) < 1000) check_sub(pool, "half", &a, &b);
  }
  firn_pool_free(pool);
}

TEST_FN(outputs_may_lie_over_inputs) {
  static const struct {
    const char *name, *op;
    const char *in[4];
    size_t over;
  } rows[] =
      {
          {"left", "Sub T=float", {"float[500] 1..", "float[500] 7"}, 0},
          {"right", "Sub T=float", {"float[500] 1..", "float[500] 7.."}, 1},
          {"half", "Sub T=half", {"half[500] 1..", "half[500] 7"}, 1},
          {"a row goes along",
           "Mul T=float",
           {"float[90,3] 1..", "float[3] 2.."},
           0},
          {"a column goes along",
           "Mul T=double",
           {"double[90,1] 1..", "double[90,3] 2.."},
           1},
          {"a number goes along",
           "FloorDiv T=int32",
           {"int32 1000", "int32[600] 1.."},
           1},
          {"unary", "Tanh T=float", {"float[300] -2 .."}, 0},
          {"unary half", "Exp T=bfloat16", {"bfloat16[300] -1 .."}, 0},
          {"a sum of three",
           "AddN T=float N=3",
           {"float[3000] 1..", "float[3000] 5..", "float[3000] 2.."},
           1},
          {"the last of a sum",
           "AddN T=int16 N=3",
           {"int16[3000] 1..", "int16[3000] 5..", "int16[3000] 2.."},
           2},
          {"choice",
           "SelectV2 T=float",
           {"bool[2,1] true false", "float[2,40] 1..", "float[2,40] 500.."},
           2},
          {"clip",
           "ClipByValue T=float",
           {"float[500] 1..", "float 50", "float 300"},
           0},
      },
    *row;
  EACH (row, rows) {
    op_rig rig;
    firn_tensor *fresh[1] = {NULL};
    op_open(&rig, row->op, row->in);
    run_with(&rig, NULL, fresh);
    CHECK(firn_op_of(rig.node)->flags & FIRN_OP_IN_PLACE);
    run_over(&rig, row->over);
    same_bits(rig.in[row->over], fresh[0]);
    firn_tensor_release(fresh[0]);
    op_close(&rig);
  }
}

/* ---- Reductions --------------------------------------------------------- */

static double plain_sum(const firn_tensor *x, uint32_t mask,
                        const firn_shape *kept, int64_t at) {
  double sum = 0;
  for (size_t i = 0; i < x->count; i++) {
    int64_t rest = (int64_t)i, index = 0, step = 1;
    for (int k = x->shape.rank - 1; k >= 0; k--) {
      if (!(mask >> k & 1)) {
        index += rest % x->shape.dims[k] * step;
        step *= kept->dims[k];
      }
      rest /= x->shape.dims[k];
    }
    if (index == at) sum += firn_tensor_f64(x, i);
  }
  return sum;
}

static void check_sum(firn_pool *pool, const char *type,
                      const firn_shape *shape, uint32_t mask) {
  char op[80], axes[80] = "";
  op_rig rig;
  int count = 0;
  firn_shape kept = *shape;
  firn_tensor *alone[1] = {NULL}, *shared[1] = {NULL};
  for (int i = 0; i < shape->rank; i++) {
    if (!(mask >> i & 1)) continue;
    const size_t used = strlen(axes);
    snprintf(axes + used, sizeof axes - used, " %d", i - shape->rank);
    kept.dims[i] = 1;
    count++;
  }
  text indices;
  snprintf(indices.data, sizeof indices.data, "int32[%d]%s", count, axes);
  snprintf(op, sizeof op, "Sum T=%s Tidx=int32 keep_dims=true", type);
  const text x = counting(type, shape, -5);
  op_open(&rig, op, (const char *const[]){x.data, indices.data, NULL});
  run_with(&rig, NULL, alone);
  run_with(&rig, pool, shared);
  same_bits(alone[0], shared[0]);
  CHECK(firn_shape_equal(&alone[0]->shape, &kept));
  for (size_t i = 0; i < alone[0]->count; i += 1 + alone[0]->count / 20)
    CHECK(op_close_to(firn_tensor_f64(alone[0], i),
                      plain_sum(rig.in[0], mask, &kept, (int64_t)i), 1e-5));
  firn_tensor_release(alone[0]);
  firn_tensor_release(shared[0]);
  op_close(&rig);
}

TEST_FN(any_axes_fold) {
  firn_pool *pool = make_pool();
  for (uint32_t seed = 1; seed <= 200; seed++) {
    test_seed(seed);
    const firn_shape shape = random_shape();
    const uint32_t mask = test_random(1u << MOST_AXES);
    if (count_of(&shape) > 20000) continue;
    check_sum(pool, seed % 2 ? "int32" : "float", &shape, mask);
  }
  firn_pool_free(pool);
}

TEST_FN(sums_stay_exact_over_many_elements) {
  static const op_case rows[] =
      {
          {.name = "a row of ones",
           .op = "Sum T=float Tidx=int32",
           .in = {"float[20000000] 1", "int32 0"},
           .out = {"float 20000000"}},
          {.name = "columns of ones",
           .op = "Sum T=float Tidx=int32",
           .in = {"float[20000000,2] 1", "int32 0"},
           .out = {"float[2] 20000000"}},
      },
                       *row;
  EACH (row, rows) op_check_on(row, firn_cpu_features());
}

/* ---- What is refused ---------------------------------------------------- */

TEST_FN(refusals_name_the_input) {
  static const op_case rows[] =
      {
          {.name = "shapes",
           .op = "AddV2 T=float",
           .in = {"float[2,3] 1", "float[4] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'x' (AddV2): shapes [2,3] and [4] do not broadcast to "
                   "one"},
          {.name = "division by zero",
           .op = "FloorMod T=int64",
           .in = {"int64[3] 1", "int64[3] 1 2 0"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'x' (FloorMod): integer division by zero: y[2] = 0"},
          {.name = "negative power",
           .op = "Pow T=int32",
           .in = {"int32 2", "int32[2] 1 -3"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "an integer to a negative power: y[1] = -3"},
          {.name = "axis twice",
           .op = "Max T=float Tidx=int32",
           .in = {"float[2,3] 1", "int32[2] 1 -1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "reduction_indices hold axis 1 twice"},
          {.name = "axis out of range",
           .op = "Any Tidx=int64",
           .in = {"bool[2,3] true", "int64[2] 0 2"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "reduction_indices[1]: axis 2 is not in [-2, 2)"},
          {.name = "condition",
           .op = "Select T=float",
           .in = {"bool[3] true", "float[2,3] 1", "float[2,3] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "condition has shape [3], which does not go with shape "
                   "[2,3]"},
          {.name = "bounds",
           .op = "ClipByValue T=float",
           .in = {"float[2] 1", "float 0", "float[3] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "clip_value_max is neither a scalar nor like the input: "
                   "shapes [2] and [3] differ"},
          {.name = "terms",
           .op = "AddN T=float N=2",
           .in = {"float[2] 1", "float[3] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "inputs[1] is not like the ones before: shapes [2] and [3] "
                   "differ"},
          {.name = "singular",
           .op = "MatrixInverse T=float",
           .in = {"float[2,2,2] 1 0 0 1 1 2 2 4"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "matrix 1 is not invertible"},
          {.name = "not square",
           .op = "Cholesky T=float",
           .in = {"float[2,3] 1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "input must be square, is 2 by 3"},
          {.name = "too short",
           .op = "RFFT Treal=float Tcomplex=complex64",
           .in = {"float[4] 1", "int32[1] 5"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "input has extent 4 along axis 0, needs 5 for fft_length[0] "
                   "= 5"},
          {.name = "type",
           .op = "Lgamma T=bfloat16",
           .in = {"bfloat16 1"},
           .code = FIRN_UNIMPLEMENTED,
           .says = "no kernel for T = bfloat16"},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

TEST_FN(accumulate_checks_its_shape) {
  static const op_case rows[] =
      {
          {.name = "sums",
           .op = "AccumulateNV2 T=float N=2 shape=<2>",
           .in = {"float[2] 1 2", "float[2] 3 4"},
           .out = {"float[2] 4 6"}},
          {.name = "unknown extents",
           .op = "AccumulateNV2 T=int32 N=1 shape=<?>",
           .in = {"int32[2] 1 2"},
           .out = {"int32[2] 1 2"}},
          {.name = "refuses",
           .op = "AccumulateNV2 T=float N=1 shape=<3>",
           .in = {"float[2] 1 2"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the inputs are not of attr 'shape'"},
      },
                       *row;
  EACH (row, rows) op_check(row);
}

/* ---- Shapes computed from shapes ---------------------------------------- */

/* Infers output 0 of an op on int32 vectors of which some are unknown. */
static void check_ints(const char *op, const int64_t *a, const int64_t *b,
                       const int64_t *want, size_t n) {
  op_rig rig;
  firn_info in[2] = {{.dtype = FIRN_INT32}, {.dtype = FIRN_INT32}}, out[1];
  firn_arena arena;
  op_open(&rig, op,
          (const char *const[]){"int32[3] 1", b ? "int32[3] 1" : NULL, NULL});
  firn_arena_init(&arena, &rig.env.alloc);
  in[0].shape = in[1].shape = firn_shape_vector(3);
  in[0].ints = a;
  in[1].ints = b;
  if (!strncmp(op, "Prod", 4)) in[1].shape = firn_shape_scalar();
  CHECK_OK(firn_infer_node(rig.node, in, b ? 2 : 1, out, 1, &arena, &rig.err),
           &rig.err);
  CHECK(!want == !out[0].ints);
  for (size_t i = 0; want && i < n; i++) CHECK_EQ(out[0].ints[i], want[i]);
  firn_arena_fini(&arena);
  op_close(&rig);
}

TEST_FN(integers_are_known_as_far_as_can_be) {
  const int64_t u = FIRN_UNKNOWN_INT;
  const int64_t a[] = {6, u, -7}, b[] = {4, 2, 2}, large[] = {1 << 30, 5, 5};
  const int64_t zero[] = {0};
  check_ints("AddV2 T=int32", a, b, (const int64_t[]){10, u, -5}, 3);
  check_ints("Mul T=int32", a, b, (const int64_t[]){24, u, -14}, 3);
  check_ints("FloorDiv T=int32", a, b, (const int64_t[]){1, u, -4}, 3);
  check_ints("FloorMod T=int32", a, b, (const int64_t[]){2, u, 1}, 3);
  check_ints("TruncateDiv T=int32", a, b, (const int64_t[]){1, u, -3}, 3);
  check_ints("Maximum T=int32", a, b, (const int64_t[]){6, u, 2}, 3);
  check_ints("Mul T=int32", large, b, (const int64_t[]){u, 10, 10}, 3);
  check_ints("Neg T=int32", a, NULL, (const int64_t[]){-6, u, 7}, 3);
  check_ints("Abs T=int32", a, NULL, (const int64_t[]){6, u, 7}, 3);
  check_ints("Cast SrcT=int32 DstT=int64", a, NULL, a, 3);
  check_ints("Prod T=int32 Tidx=int32", b, zero, (const int64_t[]){16}, 1);
  check_ints("Prod T=int32 Tidx=int32", a, zero, NULL, 0);
}

SUITE(ops_math, TEST(any_shapes_broadcast), TEST(outputs_may_lie_over_inputs),
      TEST(any_axes_fold), TEST(sums_stay_exact_over_many_elements),
      TEST(refusals_name_the_input), TEST(accumulate_checks_its_shape),
      TEST(integers_are_known_as_far_as_can_be));
