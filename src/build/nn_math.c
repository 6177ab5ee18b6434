/* build/nn_math.c: the small words: one input, two inputs, over some axes. */
#include "build/nn.h"

/* A node over values; variables among them are read in the node's own scope. */
static firn_output over(firn_builder *b, const char *op, const char *name,
                        const firn_output *inputs, size_t count) {
  bool reads = false;
  for (size_t i = 0; i < count; i++)
    reads |= firn_output_type(b, inputs[i]) == FIRN_RESOURCE;
  if (reads) {
    firn_output values[2] = {FIRN_NO_OUTPUT, FIRN_NO_OUTPUT};
    firn_nn_open(b, name, op);
    for (size_t i = 0; i < count; i++) values[i] = firn_nn_read(b, inputs[i]);
    firn_nn_begin_whole(b, op);
    for (size_t i = 0; i < count; i++) firn_op_input(b, values[i]);
    const firn_output out = firn_op_end(b);
    firn_builder_pop(b);
    return out;
  }
  firn_op_begin(b, op, name);
  for (size_t i = 0; i < count; i++)
    firn_op_input(b, firn_nn_read(b, inputs[i]));
  return firn_op_end(b);
}

firn_output firn_nn_unary(firn_builder *b, const char *op, const char *name,
                          firn_output x) {
  return over(b, op, name, &x, 1);
}

firn_output firn_nn_binary(firn_builder *b, const char *op, const char *name,
                           firn_output x, firn_output y) {
  return over(b, op, name, (firn_output[]){x, y}, 2);
}

/* ---- Over axes ---------------------------------------------------------- */

/* 0, 1 ... up to the rank, which may be known at run time only. */
static firn_output all_axes(firn_builder *b, firn_output x) {
  const firn_shape shape = firn_output_shape(b, x);
  int32_t axes[FIRN_MAX_RANK];
  for (int i = 0; i < shape.rank; i++) axes[i] = i;
  if (shape.rank >= 0)
    return firn_const_ints(b, "axes", axes, (size_t)shape.rank);
  const firn_output rank = firn_nn_unary(b, "Rank", NULL, x);
  const firn_output zero = firn_const_int32(b, "range/start", 0);
  const firn_output one = firn_const_int32(b, "range/delta", 1);
  firn_op_begin(b, "Range", "range");
  firn_op_input(b, zero);
  firn_op_input(b, rank);
  firn_op_input(b, one);
  return firn_op_end(b);
}

static firn_output reduce(firn_builder *b, const char *op, const char *name,
                          firn_output x, const int32_t *axes, size_t count,
                          bool keep_dims) {
  firn_nn_open(b, name, op);
  const firn_output value = firn_nn_read(b, x);
  const firn_output over =
      count ? firn_const_ints(b, "axes", axes, count) : all_axes(b, value);
  firn_nn_begin_whole(b, op);
  firn_op_input(b, value);
  firn_op_input(b, over);
  firn_op_attr_bool(b, "keep_dims", keep_dims);
  const firn_output out = firn_op_end(b);
  firn_builder_pop(b);
  return out;
}

firn_output firn_nn_mean(firn_builder *b, const char *name, firn_output x,
                         const int32_t *axes, size_t count, bool keep_dims) {
  return reduce(b, "Mean", name, x, axes, count, keep_dims);
}

firn_output firn_nn_sum(firn_builder *b, const char *name, firn_output x,
                        const int32_t *axes, size_t count, bool keep_dims) {
  return reduce(b, "Sum", name, x, axes, count, keep_dims);
}

firn_output firn_nn_argmax(firn_builder *b, const char *name, firn_output x,
                           int32_t axis) {
  firn_nn_open(b, name, "ArgMax");
  const firn_output value = firn_nn_read(b, x);
  const firn_output along = firn_const_int32(b, "dimension", axis);
  firn_nn_begin_whole(b, "ArgMax");
  firn_op_input(b, value);
  firn_op_input(b, along);
  const firn_output out = firn_op_end(b);
  firn_builder_pop(b);
  return out;
}

firn_output firn_nn_cast(firn_builder *b, const char *name, firn_output x,
                         firn_dtype to) {
  const firn_output value = firn_nn_read(b, x);
  if (firn_dtype_base(firn_output_type(b, value)) == to) return value;
  firn_op_begin(b, "Cast", name);
  firn_op_input(b, value);
  firn_op_attr_type(b, "DstT", to);
  return firn_op_end(b);
}

/* ---- Shapes ------------------------------------------------------------- */

firn_output firn_nn_reshape(firn_builder *b, const char *name, firn_output x,
                            firn_shape shape) {
  int32_t dims[FIRN_MAX_RANK];
  if (shape.rank < 0)
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "a reshape to a shape of unknown rank");
  for (int i = 0; i < shape.rank; i++) dims[i] = (int32_t)shape.dims[i];
  firn_nn_open(b, name, "Reshape");
  const firn_output value = firn_nn_read(b, x);
  const firn_tensor to = {.dtype = FIRN_INT32,
                          .shape = firn_shape_vector(shape.rank),
                          .count = (size_t)(shape.rank < 0 ? 0 : shape.rank),
                          .data = dims};
  const firn_output dims_of = firn_const(b, "shape", &to);
  firn_nn_begin_whole(b, "Reshape");
  firn_op_input(b, value);
  firn_op_input(b, dims_of);
  const firn_output out = firn_op_end(b);
  firn_builder_pop(b);
  return out;
}

firn_output firn_nn_flatten(firn_builder *b, const char *name, firn_output x) {
  const firn_shape shape = firn_output_shape(b, x);
  int64_t row = 1;
  for (int i = 1; i < shape.rank; i++)
    row = shape.dims[i] < 0 || row < 0 ? -1 : row * shape.dims[i];
  if (b->failed == FIRN_OK && (shape.rank < 1 || row < 0)) {
    char text[256];
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "'%s': rows of shape %s cannot be flattened",
                      firn_output_name(b, x), firn_shape_text(&shape, text));
  }
  return firn_nn_reshape(b, name ? name : "Flatten", x, FIRN_SHAPE(-1, row));
}

firn_output firn_nn_concat(firn_builder *b, const char *name,
                           const firn_output *xs, size_t count, int32_t axis) {
  firn_nn_open(b, name, "concat");
  const firn_output along = firn_const_int32(b, "axis", axis);
  firn_nn_begin_whole(b, "ConcatV2");
  firn_op_inputs(b, xs, count);
  firn_op_input(b, along);
  const firn_output out = firn_op_end(b);
  firn_builder_pop(b);
  return out;
}
