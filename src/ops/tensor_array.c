/* ops/tensor_array.c: the TensorArray ops: V1 (by reference), V2 (by a name)
 * and V3 (by resource).
 *
 * Every op that changes an array takes and gives a "flow", a float that says
 * nothing: it is there so that reads come after writes.
 */
#include "ops/array.h"
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/pieces.h"
#include "ops/store.h"
#include "base/text.h"

/* ---- Handles ------------------------------------------------------------ */

/* V2 knows an array by two strings: a container, and a name. What is behind an
 * '@' says whose gradient it is, as in TensorFlow. */
static firn_code named_array(const firn_run *run, firn_array **out,
                             firn_error *err) {
  const firn_tensor *handle = run->in[0];
  firn_object *object = NULL;
  if (handle->count != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "handle has %zu strings, not a container and a name",
                     handle->count);
  const firn_str container = firn_tensor_string(handle, 0),
                 name = firn_tensor_string(handle, 1);
  firn_str base = name;
  while (base.size && base.data[base.size - 1] != '@') base.size--;
  if (!base.size) {
    FIRN_TRY(firn_store_get(run->store, container, name, &firn_array_class,
                            NULL, NULL, &object, err));
    *out = (firn_array *)object;
    return FIRN_OK;
  }
  const firn_str source = {name.data + base.size, name.size - base.size};
  base.size--;
  FIRN_TRY(firn_store_get(run->store, container, base, &firn_array_class, NULL,
                          NULL, &object, err));
  const firn_code code = firn_array_gradient((firn_array *)object, run->env,
                                             source, NULL, out, err);
  firn_object_release(object);
  return code;
}

static firn_code hold_array(const firn_run *run, firn_array **out,
                            firn_error *err) {
  firn_object *object = NULL;
  if (run->in[0]->dtype == FIRN_STRING) return named_array(run, out, err);
  FIRN_TRY(firn_object_of(run->in[0], &firn_array_class, &object, err));
  *out = (firn_array *)firn_object_retain(object);
  return FIRN_OK;
}

/* Runs `body` with the array of input 0. */
static firn_code with_array(const firn_run *run,
                            firn_code (*body)(const firn_run *, firn_array *,
                                              firn_error *),
                            firn_error *err) {
  firn_array *array = NULL;
  FIRN_TRY(hold_array(run, &array, err));
  const firn_code code = body(run, array, err);
  firn_object_release((firn_object *)array);
  return code;
}

static firn_code need_type(const firn_array *array, firn_dtype dtype,
                           firn_error *err) {
  if (firn_array_dtype(array) == dtype) return FIRN_OK;
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT, "the TensorArray is of %s, the op wants %s",
      firn_dtype_name(firn_array_dtype(array)), firn_dtype_name(dtype));
}

/* Output 0 names an array. */
static firn_code give_name(const firn_run *run, firn_str container,
                           firn_str name, firn_error *err) {
  const firn_shape shape = firn_shape_vector(2);
  firn_tensor *out = NULL;
  FIRN_TRY(firn_tensor_make(FIRN_STRING, &shape, &run->env->alloc, &out, err));
  firn_run_give(run, 0, out);
  FIRN_TRY(firn_tensor_set_string(out, 0, container, err));
  return firn_tensor_set_string(out, 1, name, err);
}

static firn_code take_array(void *ud, firn_object **out, firn_error *err) {
  FIRN_UNUSED(err);
  *out = firn_object_retain(ud);
  return FIRN_OK;
}

/* Nobody closes a named array that its graph forgets, so that a name is given
 * anew after so many others: the array that had it goes. */
static firn_code give_named(const firn_run *run, firn_object *array,
                            firn_error *err) {
  enum { NAMES = 256 };
  static atomic_uint next;
  const firn_str container = FIRN_STR("_tensor_arrays");
  firn_object *old = NULL, *kept = NULL;
  firn_arena arena;
  firn_arena_init(&arena, &run->env->alloc);
  const firn_str name =
      firn_arena_printf(&arena, "%.*s_%u", FIRN_ARG(run->node->def->name),
                        atomic_fetch_add(&next, 1) % NAMES);
  firn_code code = name.data ? FIRN_OK : firn_oom(err, 0);
  if (code == FIRN_OK &&
      firn_store_get(run->store, container, name, &firn_array_class, NULL, NULL,
                     &old, NULL) == FIRN_OK)
    firn_store_drop(run->store, old);
  if (code == FIRN_OK)
    code = firn_store_get(run->store, container, name, &firn_array_class,
                          take_array, array, &kept, err);
  if (code == FIRN_OK) code = give_name(run, container, name, err);
  firn_object_release(old);
  firn_object_release(kept);
  firn_object_release(array);
  firn_arena_fini(&arena);
  return code;
}

static firn_dtype output_type(const firn_run *run) {
  return (firn_dtype)run->node->output_types[0];
}

/* Output i is a flow. */
static firn_code give_flow(const firn_run *run, size_t i, firn_error *err) {
  const firn_shape scalar = firn_shape_scalar();
  firn_tensor *flow = NULL;
  FIRN_TRY(firn_run_output(run, i, &scalar, &flow, err));
  *(float *)flow->data = 0;
  return FIRN_OK;
}

/* What infer knows of the elements. */
static firn_shape elements_of(const firn_info *handle) {
  return handle->handle_dtype == FIRN_INVALID ? firn_shape_unknown()
                                              : handle->handle_shape;
}

static void say_array(firn_infer *q, firn_dtype dtype,
                      const firn_shape *element) {
  if (q->out[0].dtype == FIRN_STRING)
    q->out[0].shape = firn_shape_vector(2);
  else if (!firn_dtype_is_ref(q->out[0].dtype))
    q->out[0].shape = firn_shape_scalar();
  q->out[0].handle_dtype = dtype;
  q->out[0].handle_shape = *element;
  if (q->out_count > 1) q->out[1].shape = firn_shape_scalar();
}

/* ---- Making ------------------------------------------------------------- */

static firn_code infer_new(firn_infer *q, firn_error *err) {
  firn_shape element;
  firn_dtype dtype;
  FIRN_TRY(firn_infer_rank(q, 0, 0, "size", NULL, err));
  FIRN_TRY(firn_attr_type(q->node, "dtype", &dtype, err));
  FIRN_TRY(firn_attr_shape(q->node, "element_shape", &element, err));
  say_array(q, dtype, &element);
  return FIRN_OK;
}

static firn_code drive_new(const firn_run *run, firn_error *err) {
  const firn_node *node = run->node;
  firn_array_traits traits = {
      .dynamic = firn_attr_bool_or(node, "dynamic_size", false),
      .clears = firn_attr_bool_or(node, "clear_after_read", true),
      .identical = firn_attr_bool_or(node, "identical_element_shapes", false),
  };
  int64_t size;
  firn_array *array = NULL;
  FIRN_TRY(firn_attr_type(node, "dtype", &traits.dtype, err));
  FIRN_TRY(firn_attr_shape(node, "element_shape", &traits.shape, err));
  FIRN_TRY(firn_scalar_of(run->in[0], "size", &size, err));
  FIRN_TRY(firn_array_new(run->env, &traits, size, &array, err));
  if (output_type(run) == FIRN_STRING)
    return give_named(run, (firn_object *)array, err);
  FIRN_TRY(firn_give_object(run, 0, (firn_object *)array, err));
  return run->out_count > 1 ? give_flow(run, 1, err) : FIRN_OK;
}

static firn_code infer_gradient(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  firn_shape element = elements_of(&q->in[0]);
  if (q->in_count > 2) element = firn_shape_unknown();
  say_array(q, q->in[0].handle_dtype, &element);
  return FIRN_OK;
}

/* The gradient's name follows from the array's: it is made by who finds it. */
static firn_code name_gradient(const firn_run *run, firn_str source,
                               firn_error *err) {
  const firn_str container = firn_tensor_string(run->in[0], 0),
                 of = firn_tensor_string(run->in[0], 1);
  firn_buf name;
  firn_buf_init(&name, &run->env->alloc);
  firn_buf_append(&name, of.data, of.size);
  firn_buf_puts(&name, "@");
  firn_buf_append(&name, source.data, source.size);
  const firn_code code =
      name.failed
          ? firn_oom(err, of.size + source.size)
          : give_name(run, container,
                      (firn_str){(const char *)name.data, name.size}, err);
  firn_buf_fini(&name);
  return code;
}

static firn_code run_gradient(const firn_run *run, firn_array *array,
                              firn_error *err) {
  firn_array *gradient = NULL;
  firn_shape prepend;
  firn_str source;
  FIRN_TRY(firn_attr_str(run->node, "source", &source, err));
  if (output_type(run) == FIRN_STRING) return name_gradient(run, source, err);
  if (run->in_count > 2) {
    FIRN_TRY(firn_shape_of_tensor(run->in[2], &prepend, err));
    if (!firn_shape_known(&prepend))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "shape_to_prepend must not be negative");
  }
  FIRN_TRY(firn_array_gradient(array, run->env, source,
                               run->in_count > 2 ? &prepend : NULL, &gradient,
                               err));
  FIRN_TRY(firn_give_object(run, 0, (firn_object *)gradient, err));
  return run->out_count > 1 ? give_flow(run, 1, err) : FIRN_OK;
}

/* ---- Writing ------------------------------------------------------------ */

static firn_code infer_write(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 1, 0, "index", NULL, err));
  return firn_infer_scalar(q, err);
}

static firn_code run_write(const firn_run *run, firn_array *array,
                           firn_error *err) {
  int64_t i;
  FIRN_TRY(need_type(array, run->in[2]->dtype, err));
  FIRN_TRY(firn_scalar_of(run->in[1], "index", &i, err));
  FIRN_TRY(firn_array_write(array, run->env, i, run->in[2], err));
  return give_flow(run, 0, err);
}

static firn_code write_piece(const firn_run *run, firn_array *array, int64_t i,
                             const firn_tensor *from, size_t at,
                             const firn_shape *shape, firn_error *err) {
  firn_tensor *piece = NULL;
  FIRN_TRY(firn_piece_cut(from, at, shape, run->env, &piece, err));
  const firn_code code = firn_array_write(array, run->env, i, piece, err);
  firn_tensor_release(piece);
  return code;
}

static firn_code need_rows(const firn_tensor *value, firn_error *err) {
  if (value->shape.rank >= 1) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "value must have at least 1 axis, is a scalar");
}

/* Row k of `value` goes to element index[k], or k without indices. */
static firn_code write_rows(const firn_run *run, firn_array *array,
                            const int32_t *index, const firn_tensor *value,
                            firn_error *err) {
  const firn_shape row = firn_shape_rest(&value->shape);
  const size_t rows = (size_t)value->shape.dims[0];
  FIRN_TRY(firn_array_refine(array, &row, err));
  for (size_t k = 0; k < rows; k++)
    FIRN_TRY(write_piece(run, array, index ? index[k] : (int64_t)k, value,
                         k * (value->count / rows), &row, err));
  return FIRN_OK;
}

static firn_code infer_scatter(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 1, 1, "indices", NULL, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 2, 1, "value", err));
  return firn_infer_scalar(q, err);
}

static firn_code run_scatter(const firn_run *run, firn_array *array,
                             firn_error *err) {
  const firn_tensor *indices = run->in[1], *value = run->in[2];
  const int32_t *index = indices->data;
  size_t size;
  FIRN_TRY(need_type(array, value->dtype, err));
  FIRN_TRY(need_rows(value, err));
  if ((int64_t)indices->count != value->shape.dims[0])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu indices for %lld rows of value", indices->count,
                     (long long)value->shape.dims[0]);
  FIRN_TRY(firn_array_size(array, &size, err));
  const bool grows = firn_array_dynamic(array);
  for (size_t k = 0; k < indices->count; k++)
    if (index[k] < 0 || (!grows && (size_t)index[k] >= size))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "indices[%zu] = %d is not in [0, %zu)", k, index[k],
                       size);
  FIRN_TRY(write_rows(run, array, index, value, err));
  return give_flow(run, 0, err);
}

static firn_code infer_unpack(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "value", err));
  return firn_infer_scalar(q, err);
}

/* Whether `count` pieces are what the array takes. */
static firn_code check_count(firn_array *array, size_t count, firn_error *err) {
  size_t size;
  FIRN_TRY(firn_array_size(array, &size, err));
  if (count == size || (count > size && firn_array_dynamic(array)))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%zu pieces for a TensorArray of %zu elements", count, size);
}

static firn_code run_unpack(const firn_run *run, firn_array *array,
                            firn_error *err) {
  FIRN_TRY(need_type(array, run->in[1]->dtype, err));
  FIRN_TRY(need_rows(run->in[1], err));
  FIRN_TRY(check_count(array, (size_t)run->in[1]->shape.dims[0], err));
  FIRN_TRY(write_rows(run, array, NULL, run->in[1], err));
  return give_flow(run, 0, err);
}

static firn_code infer_split(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "value", err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "lengths", NULL, err));
  return firn_infer_scalar(q, err);
}

static firn_code check_lengths(const firn_tensor *lengths, int64_t rows,
                               firn_error *err) {
  const int64_t *length = lengths->data;
  int64_t left = rows;
  for (size_t k = 0; k < lengths->count; k++) {
    if (length[k] < 0 || length[k] > left)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "lengths[%zu] = %lld is not in [0, %lld]", k,
                       (long long)length[k], (long long)left);
    left -= length[k];
  }
  if (left)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "lengths leave %lld of %lld rows over", (long long)left,
                     (long long)rows);
  return FIRN_OK;
}

static firn_code run_split(const firn_run *run, firn_array *array,
                           firn_error *err) {
  const firn_tensor *value = run->in[1], *lengths = run->in[2];
  FIRN_TRY(need_type(array, value->dtype, err));
  FIRN_TRY(need_rows(value, err));
  FIRN_TRY(check_lengths(lengths, value->shape.dims[0], err));
  FIRN_TRY(check_count(array, lengths->count, err));
  firn_shape piece = value->shape;
  const int64_t rows = piece.dims[0];
  const size_t row = rows ? value->count / (size_t)rows : 0;
  piece.dims[0] = FIRN_UNKNOWN_DIM;
  FIRN_TRY(firn_array_refine(array, &piece, err));
  size_t at = 0;
  for (size_t k = 0; k < lengths->count; k++) {
    piece.dims[0] = ((const int64_t *)lengths->data)[k];
    FIRN_TRY(write_piece(run, array, (int64_t)k, value, at, &piece, err));
    at += (size_t)piece.dims[0] * row;
  }
  return give_flow(run, 0, err);
}

/* ---- Reading ------------------------------------------------------------ */

static firn_code infer_read(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 1, 0, "index", NULL, err));
  q->out[0].shape = elements_of(&q->in[0]);
  return FIRN_OK;
}

static firn_code run_read(const firn_run *run, firn_array *array,
                          firn_error *err) {
  firn_tensor *value = NULL;
  int64_t i;
  FIRN_TRY(need_type(array, output_type(run), err));
  FIRN_TRY(firn_scalar_of(run->in[1], "index", &i, err));
  FIRN_TRY(firn_array_read(array, run->env, i, &value, err));
  firn_run_give(run, 0, value);
  return FIRN_OK;
}

/* The elements by their numbers (0, 1, ... without `index`). */
static firn_code read_many(const firn_run *run, firn_array *array,
                           const int32_t *index, size_t count,
                           firn_tensor **out, firn_error *err) {
  for (size_t k = 0; k < count; k++)
    FIRN_TRY(firn_array_read(array, run->env, index ? index[k] : (int64_t)k,
                             &out[k], err));
  return FIRN_OK;
}

static firn_code need_known(const firn_shape *shape, firn_error *err) {
  char text[256];
  if (firn_shape_known(shape)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "there are no elements, and their shape is %s",
                   firn_shape_text(shape, text));
}

/* An array of `count` tensors; given back by free_many. */
static firn_code new_many(const firn_run *run, size_t count, firn_tensor ***out,
                          firn_error *err) {
  const firn_shape shape = firn_shape_vector((int64_t)count);
  FIRN_TRY(firn_tensor_within(FIRN_INT64, &shape, &run->env->limits, err));
  *out = firn_new_zeroed(&run->env->alloc, (count + 1) * sizeof **out);
  return *out ? FIRN_OK : firn_oom(err, (count + 1) * sizeof **out);
}

static void free_many(const firn_run *run, firn_tensor **many, size_t count) {
  for (size_t k = 0; many && k < count; k++) firn_tensor_release(many[k]);
  firn_delete(&run->env->alloc, many, (count + 1) * sizeof *many);
}

static firn_code stack_many(const firn_run *run, firn_tensor *const *many,
                            size_t count, firn_shape *element,
                            firn_error *err) {
  char have[256], want[256];
  if (count == 0) {
    FIRN_TRY(need_known(element, err));
  } else {
    if (!firn_shape_fits(element, &many[0]->shape))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the elements have shape %s, not %s",
                       firn_shape_text(&many[0]->shape, have),
                       firn_shape_text(element, want));
    *element = many[0]->shape;
  }
  for (size_t k = 1; k < count; k++)
    if (!firn_shape_equal(&many[k]->shape, element))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the elements differ in shape: %s and %s",
                       firn_shape_text(element, want),
                       firn_shape_text(&many[k]->shape, have));
  return firn_pieces_stack(run, 0, many, count, element, err);
}

static firn_code gather_many(const firn_run *run, const int32_t *index,
                             size_t count, firn_array *array, firn_error *err) {
  firn_tensor **many = NULL;
  firn_shape element;
  FIRN_TRY(firn_attr_shape(run->node, "element_shape", &element, err));
  FIRN_TRY(firn_array_refine(array, &element, err));
  FIRN_TRY(new_many(run, count, &many, err));
  firn_code code = read_many(run, array, index, count, many, err);
  if (count) element = firn_array_shape(array);
  if (code == FIRN_OK) code = stack_many(run, many, count, &element, err);
  free_many(run, many, count);
  return code;
}

/* [count] + what is known of the elements. */
static firn_code infer_joined(firn_infer *q, int64_t count, firn_error *err) {
  firn_shape told, element = elements_of(&q->in[0]);
  FIRN_TRY(firn_attr_shape(q->node, "element_shape", &told, err));
  FIRN_TRY(firn_shape_merge(&element, &told, &element, err));
  if (element.rank < 0) return FIRN_OK;
  return firn_shape_prepend(count, &element, &q->out[0].shape, err);
}

static firn_code infer_gather(firn_infer *q, firn_error *err) {
  firn_shape indices;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "indices", &indices, err));
  return infer_joined(q, indices.dims[0], err);
}

static firn_code run_gather(const firn_run *run, firn_array *array,
                            firn_error *err) {
  FIRN_TRY(need_type(array, output_type(run), err));
  return gather_many(run, run->in[1]->data, run->in[1]->count, array, err);
}

static firn_code infer_pack(firn_infer *q, firn_error *err) {
  return infer_joined(q, FIRN_UNKNOWN_DIM, err);
}

static firn_code run_pack(const firn_run *run, firn_array *array,
                          firn_error *err) {
  size_t size;
  FIRN_TRY(need_type(array, output_type(run), err));
  FIRN_TRY(firn_array_size(array, &size, err));
  return gather_many(run, NULL, size, array, err);
}

/* ---- Concat ------------------------------------------------------------- */

static firn_code infer_concat(firn_infer *q, firn_error *err) {
  firn_shape rest;
  FIRN_TRY(firn_attr_shape(q->node, "element_shape_except0", &rest, err));
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (rest.rank < 0) return FIRN_OK;
  return firn_shape_prepend(FIRN_UNKNOWN_DIM, &rest, &q->out[0].shape, err);
}

static firn_code concat_many(const firn_run *run, firn_tensor *const *many,
                             size_t count, firn_error *err) {
  const firn_shape vector = firn_shape_vector((int64_t)count);
  firn_shape rest;
  firn_tensor *lengths = NULL;
  FIRN_TRY(firn_attr_shape(run->node, "element_shape_except0", &rest, err));
  if (count == 0) FIRN_TRY(need_known(&rest, err));
  FIRN_TRY(firn_run_output(run, 1, &vector, &lengths, err));
  for (size_t k = 0; k < count; k++) {
    const firn_shape *shape = &many[k]->shape;
    if (shape->rank == 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "element %zu is a scalar: it has no axis to join along",
                       k);
    const firn_shape one = firn_shape_rest(shape);
    const firn_code code = firn_shape_merge(&rest, &one, &rest, err);
    if (code != FIRN_OK) return firn_while(err, code, "element %zu", k);
    ((int64_t *)lengths->data)[k] = shape->dims[0];
  }
  return firn_pieces_concat(run, 0, many, lengths->data, count, &rest, err);
}

static firn_code run_concat(const firn_run *run, firn_array *array,
                            firn_error *err) {
  firn_tensor **many = NULL;
  size_t count;
  FIRN_TRY(need_type(array, output_type(run), err));
  FIRN_TRY(firn_array_size(array, &count, err));
  FIRN_TRY(new_many(run, count, &many, err));
  firn_code code = read_many(run, array, NULL, count, many, err);
  if (code == FIRN_OK) code = concat_many(run, many, count, err);
  free_many(run, many, count);
  return code;
}

/* ---- Size and end ------------------------------------------------------- */

static firn_code run_size(const firn_run *run, firn_array *array,
                          firn_error *err) {
  size_t size;
  FIRN_TRY(firn_array_size(array, &size, err));
  *(int32_t *)run->out[0]->data = (int32_t)size;
  return FIRN_OK;
}

static firn_code run_close(const firn_run *run, firn_array *array,
                           firn_error *err) {
  FIRN_UNUSED(run);
  FIRN_UNUSED(err);
  firn_array_close(array);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(NAME)                                                    \
  static firn_code drive_##NAME(const firn_run *run, firn_error *err) { \
    return with_array(run, run_##NAME, err);                            \
  }                                                                     \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

static const firn_kernel new[] = {{.drive = drive_new}, {.drive = NULL}};
KERNEL(gradient);
KERNEL(write);
KERNEL(scatter);
KERNEL(unpack);
KERNEL(split);
KERNEL(read);
KERNEL(gather);
KERNEL(pack);
KERNEL(concat);
KERNEL(size);
KERNEL(close);

enum { STATE = FIRN_OP_STATEFUL, GIVES = FIRN_OP_STATEFUL | FIRN_OP_GIVES };

static const firn_op ops[] = {
    {"TensorArray", infer_new, new, GIVES},
    {"TensorArrayV2", infer_new, new, GIVES},
    {"TensorArrayV3", infer_new, new, GIVES},
    {"TensorArrayGrad", infer_gradient, gradient, GIVES},
    {"TensorArrayGradV2", infer_gradient, gradient, GIVES},
    {"TensorArrayGradV3", infer_gradient, gradient, GIVES},
    {"TensorArrayGradWithShape", infer_gradient, gradient, GIVES},
    {"TensorArrayWrite", infer_write, write, STATE},
    {"TensorArrayWriteV2", infer_write, write, STATE},
    {"TensorArrayWriteV3", infer_write, write, STATE},
    {"TensorArrayRead", infer_read, read, GIVES},
    {"TensorArrayReadV2", infer_read, read, GIVES},
    {"TensorArrayReadV3", infer_read, read, GIVES},
    {"TensorArrayGather", infer_gather, gather, STATE},
    {"TensorArrayGatherV2", infer_gather, gather, STATE},
    {"TensorArrayGatherV3", infer_gather, gather, STATE},
    {"TensorArrayPack", infer_pack, pack, STATE},
    {"TensorArrayScatter", infer_scatter, scatter, STATE},
    {"TensorArrayScatterV2", infer_scatter, scatter, STATE},
    {"TensorArrayScatterV3", infer_scatter, scatter, STATE},
    {"TensorArrayUnpack", infer_unpack, unpack, STATE},
    {"TensorArrayConcat", infer_concat, concat, STATE},
    {"TensorArrayConcatV2", infer_concat, concat, STATE},
    {"TensorArrayConcatV3", infer_concat, concat, STATE},
    {"TensorArraySplit", infer_split, split, STATE},
    {"TensorArraySplitV2", infer_split, split, STATE},
    {"TensorArraySplitV3", infer_split, split, STATE},
    {"TensorArraySize", firn_infer_scalar, size, STATE},
    {"TensorArraySizeV2", firn_infer_scalar, size, STATE},
    {"TensorArraySizeV3", firn_infer_scalar, size, STATE},
    {"TensorArrayClose", firn_infer_none, close, STATE},
    {"TensorArrayCloseV2", firn_infer_none, close, STATE},
    {"TensorArrayCloseV3", firn_infer_none, close, STATE},
};

FIRN_OP_FAMILY(tensor_array, ops);
