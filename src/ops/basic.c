/* ops/basic.c: constants, placeholders, pass-throughs, and what a tensor's
 * shape says as a tensor.
 *
 * The pass-throughs hand the input's bytes on (FIRN_OP_ALIAS): nothing is run.
 * The shape ops tell the planner their result while only part of the shape is
 * known: most reshapes of real graphs hang on that.
 */
#include <math.h>

#include "ops/infer.h"
#include "ops/list_math.h"

/* ---- Pass-throughs ------------------------------------------------------ */

/* Output i is input i, with all that is known of it. */
static firn_code infer_identity(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  for (size_t i = 0; i < q->out_count; i++) q->out[i] = q->in[i];
  return FIRN_OK;
}

static firn_code infer_shape_attr(firn_infer *q, firn_error *err) {
  firn_shape shape;
  FIRN_TRY(firn_attr_shape(q->node, "shape", &shape, err));
  const firn_code code = firn_shape_merge(&q->in[0].shape, &shape, &shape, err);
  if (code != FIRN_OK)
    return firn_while(err, code,
                      "the input is not of the shape that attr "
                      "'shape' says");
  q->out[0] = q->in[0];
  q->out[0].shape = shape;
  return FIRN_OK;
}

static firn_code drive_each(const firn_run *run, firn_error *err) {
  for (size_t i = 0; i < run->out_count; i++) {
    firn_tensor *own = NULL;
    FIRN_TRY(firn_tensor_keep(run->in[i], &run->env->alloc, &own, err));
    firn_run_give(run, i, own);
  }
  return FIRN_OK;
}

static firn_code drive_copy(const firn_run *run, firn_error *err) {
  firn_tensor *copy = NULL;
  FIRN_TRY(firn_tensor_copy(run->in[0], &run->env->alloc, &copy, err));
  firn_run_give(run, 0, copy);
  return FIRN_OK;
}

static firn_code drive_nothing(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(run);
  FIRN_UNUSED(err);
  return FIRN_OK;
}

static const firn_kernel each[] = {
    {.drive = drive_each, .unaligned = ~0u},
    {.drive = NULL},
};
static const firn_kernel deep_copy[] = {
    {.drive = drive_copy, .unaligned = ~0u},
    {.drive = NULL},
};
static const firn_kernel nothing[] = {
    {.drive = drive_nothing, .unaligned = ~0u},
    {.drive = NULL},
};

/* ---- Constants and placeholders ----------------------------------------- */

static firn_code const_proto(const firn_node *node,
                             const firn_pb_TensorProto **out, firn_error *err) {
  const firn_pb_AttrValue *value = firn_attr(node, "value");
  if (!value || value->value_case != FIRN_ATTR_TENSOR || !value->tensor)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'value' is missing or is no tensor");
  *out = value->tensor;
  return FIRN_OK;
}

static firn_code infer_const(firn_infer *q, firn_error *err) {
  const firn_pb_TensorProto *proto = NULL;
  firn_dtype dtype;
  FIRN_TRY(const_proto(q->node, &proto, err));
  FIRN_TRY(firn_tensor_proto_look(proto, &dtype, &q->out[0].shape, err));
  if (dtype != q->out[0].dtype)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'value' is %s, attr 'dtype' %s",
                     firn_dtype_name(dtype), firn_dtype_name(q->out[0].dtype));
  int64_t count;
  if ((dtype != FIRN_INT32 && dtype != FIRN_INT64) ||
      q->out[0].shape.rank > 1 || !firn_shape_count(&q->out[0].shape, &count) ||
      count > FIRN_MAX_INTS)
    return FIRN_OK;
  firn_tensor *tensor = NULL;
  int64_t ints[FIRN_MAX_INTS];
  FIRN_TRY(firn_tensor_from_proto(proto, &q->node->graph->env, &tensor, err));
  for (size_t i = 0; i < tensor->count; i++)
    ints[i] = firn_tensor_i64(tensor, i);
  firn_infer_set_ints(q, 0, ints, tensor->count);
  firn_tensor_release(tensor);
  return FIRN_OK;
}

static firn_code drive_const(const firn_run *run, firn_error *err) {
  const firn_pb_TensorProto *proto = NULL;
  firn_tensor *tensor = NULL, *own = NULL;
  FIRN_TRY(const_proto(run->node, &proto, err));
  FIRN_TRY(firn_tensor_from_proto(proto, run->env, &tensor, err));
  const firn_code code = firn_tensor_keep(tensor, &run->env->alloc, &own, err);
  firn_tensor_release(tensor);
  if (code == FIRN_OK) firn_run_give(run, 0, own);
  return code;
}

static const firn_kernel constant[] = {{.drive = drive_const}, {.drive = NULL}};

/* Before version 22 graphs wrote an unknown shape as a scalar's. */
static firn_code infer_placeholder(firn_infer *q, firn_error *err) {
  enum { SCALAR_MEANS_UNKNOWN = 21 };
  firn_shape shape;
  FIRN_TRY(firn_attr_shape(q->node, "shape", &shape, err));
  const firn_pb_GraphDef *def = q->node->graph->def;
  const int version = def && def->versions ? def->versions->producer : 0;
  if (shape.rank == 0 && version <= SCALAR_MEANS_UNKNOWN)
    shape = firn_shape_unknown();
  q->out[0].shape = shape;
  return FIRN_OK;
}

static firn_code infer_placeholder_v2(firn_infer *q, firn_error *err) {
  return firn_attr_shape(q->node, "shape", &q->out[0].shape, err);
}

/* ---- Shapes as tensors -------------------------------------------------- */

/* What is known of a shape, as the elements of output i. */
static void shape_ints(firn_infer *q, size_t i) {
  const firn_shape *shape = &q->in[i].shape;
  int64_t ints[FIRN_MAX_RANK];
  if (shape->rank < 0) {
    q->out[i].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
    return;
  }
  for (int k = 0; k < shape->rank; k++)
    ints[k] = shape->dims[k] < 0 ? FIRN_UNKNOWN_INT : shape->dims[k];
  q->out[i].shape = firn_shape_vector(shape->rank);
  firn_infer_set_ints(q, i, ints, (size_t)shape->rank);
}

static firn_code infer_shape(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  for (size_t i = 0; i < q->out_count; i++) shape_ints(q, i);
  return FIRN_OK;
}

static firn_code infer_size(firn_infer *q, firn_error *err) {
  int64_t count;
  FIRN_UNUSED(err);
  q->out[0].shape = firn_shape_scalar();
  if (firn_shape_known(&q->in[0].shape) &&
      firn_shape_count(&q->in[0].shape, &count))
    firn_infer_set_ints(q, 0, &count, 1);
  return FIRN_OK;
}

static firn_code infer_rank(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  const int64_t rank = q->in[0].shape.rank;
  q->out[0].shape = firn_shape_scalar();
  if (rank >= 0) firn_infer_set_ints(q, 0, &rank, 1);
  return FIRN_OK;
}

static firn_code put_int(firn_tensor *out, size_t i, int64_t value,
                         firn_error *err) {
  if (out->dtype == FIRN_INT64) {
    ((int64_t *)out->data)[i] = value;
  } else if (value > INT32_MAX) {
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld does not fit an int32; want out_type int64",
                     (long long)value);
  } else {
    ((int32_t *)out->data)[i] = (int32_t)value;
  }
  return FIRN_OK;
}

static firn_code drive_shape(const firn_run *run, firn_error *err) {
  for (size_t i = 0; i < run->out_count; i++) {
    const firn_shape *shape = &run->in[i]->shape,
                     want = firn_shape_vector(shape->rank);
    firn_tensor *out;
    FIRN_TRY(firn_run_output(run, i, &want, &out, err));
    for (int k = 0; k < shape->rank; k++)
      FIRN_TRY(put_int(out, (size_t)k, shape->dims[k], err));
  }
  return FIRN_OK;
}

static firn_code drive_size(const firn_run *run, firn_error *err) {
  return put_int(run->out[0], 0, (int64_t)run->in[0]->count, err);
}

static firn_code drive_rank(const firn_run *run, firn_error *err) {
  return put_int(run->out[0], 0, run->in[0]->shape.rank, err);
}

static const firn_kernel shape_of[] = {
    {.drive = drive_shape, .unaligned = ~0u},
    {.drive = NULL},
};
static const firn_kernel size_of[] = {
    {.drive = drive_size, .unaligned = ~0u},
    {.drive = NULL},
};
static const firn_kernel rank_of[] = {
    {.drive = drive_rank, .unaligned = ~0u},
    {.drive = NULL},
};

/* ---- Fresh tensors ------------------------------------------------------ */

static firn_code infer_empty(firn_infer *q, firn_error *err) {
  return firn_infer_shape_of_value(q, 0, &q->out[0].shape, err);
}

/* Empty leaves its elements to chance in TensorFlow: zeros are as good. */
static firn_code drive_zeros(const firn_run *run, firn_error *err) {
  firn_tensor *out = run->out[0];
  if (!out)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the shape has a negative extent");
  if (firn_dtype_is_plain(out->dtype) && out->count)
    memset(out->data, 0, firn_tensor_bytes(out));
  return FIRN_OK;
}

static void put_one(firn_dtype dtype, void *one) {
  const uint16_t half = 0x3c00, bfloat16 = 0x3f80;
  const uint64_t integer = 1; /* little-endian: any width */
  const float single[2] = {1, 0};
  const double twice[2] = {1, 0};
  const void *from = &integer;
  if (dtype == FIRN_HALF) from = &half;
  if (dtype == FIRN_BFLOAT16) from = &bfloat16;
  if (dtype == FIRN_FLOAT || dtype == FIRN_COMPLEX64) from = single;
  if (dtype == FIRN_DOUBLE || dtype == FIRN_COMPLEX128) from = twice;
  memcpy(one, from, firn_dtype_size(dtype));
}

static firn_code drive_ones(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  firn_tensor *out = run->out[0];
  const size_t size = firn_dtype_size(out->dtype);
  uint8_t one[16], *to = out->data;
  put_one(out->dtype, one);
  for (size_t i = 0; i < out->count; i++) memcpy(to + i * size, one, size);
  return FIRN_OK;
}

/* A list of zeros is a list of the same elements. */
static firn_code infer_zeros(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  q->out[0].shape = q->in[0].shape;
  q->out[0].handle_dtype = q->in[0].handle_dtype;
  q->out[0].handle_shape = q->in[0].handle_shape;
  return FIRN_OK;
}

static const firn_kernel empty[] = {{.drive = drive_zeros}, {.drive = NULL}};

static const firn_kernel zeros_like[] = {
    {.types = {{"T",
                FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING)}},
     .drive = drive_zeros,
     .unaligned = ~0u},
    {.types = {{"T", FIRN_BIT(FIRN_VARIANT)}}, .drive = firn_drive_zero_list},
    {.drive = NULL},
};
static const firn_kernel ones_like[] = {
    {.types = {{"T", FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL)}},
     .drive = drive_ones,
     .unaligned = ~0u},
    {.drive = NULL},
};

/* ---- CheckNumerics ------------------------------------------------------ */

enum { SAW_NAN = 1, SAW_PLUS = 2, SAW_MINUS = 4 };

static unsigned saw(double value) {
  if (isnan(value)) return SAW_NAN;
  if (isinf(value)) return value > 0 ? SAW_PLUS : SAW_MINUS;
  return 0;
}

static unsigned look_at(const firn_tensor *x) {
  unsigned seen = 0;
  for (size_t i = 0; i < x->count; i++) seen |= saw(firn_tensor_f64(x, i));
  return seen;
}

static firn_code drive_check(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  firn_tensor *y = run->out[0];
  const unsigned seen = look_at(x);
  const bool signs = run->kernel->micro.table != NULL;
  if (seen) {
    const firn_str message = firn_attr_str_or(run->node, "message", "");
    const char *nan = seen & SAW_NAN ? "NaN" : "";
    const char *inf = "";
    if (!signs && seen & (SAW_PLUS | SAW_MINUS)) inf = "Inf";
    if (signs && seen & SAW_PLUS) inf = "+Inf";
    if (signs && seen & SAW_MINUS) inf = "-Inf";
    if (signs && seen & SAW_MINUS && seen & SAW_PLUS)
      inf = *nan ? "-Inf, +Inf" : "-Inf and +Inf";
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%.*s : tensor has %s%s%s",
                     FIRN_ARG(message), inf, *inf && *nan ? " and " : "", nan);
  }
  if (y->data != x->data && x->count)
    memcpy(y->data, x->data, firn_tensor_bytes(x));
  return FIRN_OK;
}

static const bool with_signs = true;

static const firn_kernel check[] = {
    {.types = {{"T", FIRN_FLOATS}}, .drive = drive_check},
    {.drive = NULL},
};
static const firn_kernel check_v2[] = {
    {.types = {{"T", FIRN_FLOATS}},
     .drive = drive_check,
     .micro = {.table = &with_signs}},
    {.drive = NULL},
};

/* ---- The family --------------------------------------------------------- */

#define ALIAS(op_name) \
  { op_name, infer_identity, NULL, FIRN_OP_ALIAS }

static const firn_op ops[] = {
    {"Const", infer_const, constant, FIRN_OP_CONTROL | FIRN_OP_GIVES},
    {"Placeholder", infer_placeholder, NULL, FIRN_OP_CONTROL},
    {"PlaceholderV2", infer_placeholder_v2, NULL, FIRN_OP_CONTROL},
    {"PlaceholderWithDefault", infer_shape_attr, NULL, FIRN_OP_ALIAS},
    {"_Arg", firn_infer_unknown, NULL, FIRN_OP_CONTROL},
    {"_Retval", firn_infer_none, NULL, FIRN_OP_CONTROL},
    ALIAS("Identity"),
    ALIAS("Snapshot"),
    ALIAS("StopGradient"),
    ALIAS("PreventGradient"),
    ALIAS("GuaranteeConst"),
    {"EnsureShape", infer_shape_attr, NULL, FIRN_OP_ALIAS},
    {"IdentityN", infer_identity, each, FIRN_OP_GIVES},
    {"DeepCopy", infer_identity, deep_copy, FIRN_OP_GIVES | FIRN_OP_STATEFUL},
    {"NoOp", firn_infer_none, nothing, 0},
    {"ControlTrigger", firn_infer_none, nothing, 0},
    {"CheckNumerics", firn_infer_same, check, FIRN_OP_IN_PLACE},
    {"CheckNumericsV2", firn_infer_same, check_v2, FIRN_OP_IN_PLACE},
    {"Shape", infer_shape, shape_of, 0},
    {"ShapeN", infer_shape, shape_of, 0},
    {"Size", infer_size, size_of, 0},
    {"Rank", infer_rank, rank_of, 0},
    {"Empty", infer_empty, empty, 0},
    {"ZerosLike", infer_zeros, zeros_like, 0},
    {"OnesLike", firn_infer_same, ones_like, 0},
};

FIRN_OP_FAMILY(basic, ops);
