/* ops/tensor_list.c: the TensorList ops: lists of tensors as values.
 *
 * The list is a variant scalar (ops/list.h says what is in it). The planner
 * knows of a list the type and shape that each of its elements has, by which it
 * knows the shape of what is read out of it.
 */
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/list.h"
#include "ops/pieces.h"

/* ---- What is known of lists --------------------------------------------- */

/* A shape that input i tells, where a scalar means unknown. */
static firn_code shape_input(const firn_infer *q, size_t i, firn_shape *out,
                             firn_error *err) {
  *out = firn_shape_unknown();
  if (q->in[i].value) return firn_shape_of_tensor(q->in[i].value, out, err);
  if (q->in[i].shape.rank <= 0) return FIRN_OK;
  return firn_infer_shape_of_value(q, i, out, err);
}

/* The shape of a list's elements, as far as input i is known. */
static firn_shape elements_of(const firn_info *info) {
  if (info->handle_dtype != FIRN_INVALID) return info->handle_shape;
  const firn_tensor *value = info->value;
  if (!value || value->dtype != FIRN_VARIANT || value->count != 1)
    return firn_shape_unknown();
  const firn_object *object = firn_object_at(value, 0);
  return object && object->class == &firn_list_class
             ? ((const firn_list *)object)->shape
             : firn_shape_unknown();
}

static void say_list(firn_infer *q, size_t i, firn_dtype dtype,
                     const firn_shape *element) {
  q->out[i].shape = firn_shape_scalar();
  q->out[i].handle_dtype = dtype;
  q->out[i].handle_shape = *element;
}

static firn_dtype element_type(const firn_infer *q) {
  return firn_attr_type_or(q->node, "element_dtype", FIRN_INVALID);
}

/* A list like the one that comes in. */
static void say_same_list(firn_infer *q) {
  const firn_shape element = elements_of(&q->in[0]);
  firn_dtype dtype = q->in[0].handle_dtype;
  if (dtype == FIRN_INVALID) dtype = element_type(q);
  say_list(q, 0, dtype, &element);
}

static firn_code infer_scalar_list(const firn_infer *q, size_t i,
                                   firn_error *err) {
  return firn_infer_rank(q, i, 0, "the list", NULL, err);
}

/* The shape that input `i` and the list agree on. Where they do not, an element
 * may still be read: unknown. */
static firn_code infer_element(const firn_infer *q, size_t i, firn_shape *out,
                               firn_error *err) {
  firn_shape told;
  const firn_shape element = elements_of(&q->in[0]);
  FIRN_TRY(shape_input(q, i, &told, err));
  if (firn_shape_merge(&element, &told, out, NULL) != FIRN_OK)
    *out = firn_shape_unknown();
  return FIRN_OK;
}

/* [count] + element, of which any part may be unknown. */
static firn_code infer_joined(firn_infer *q, int64_t count,
                              const firn_shape *element, firn_error *err) {
  q->out[0].shape = firn_shape_unknown();
  if (element->rank < 0) return FIRN_OK;
  return firn_shape_prepend(count, element, &q->out[0].shape, err);
}

/* ---- What arrives at run time ------------------------------------------- */

static firn_code list_at(const firn_run *run, size_t i, firn_list **out,
                         firn_error *err) {
  firn_object *object = NULL;
  char text[256];
  if (run->in[i]->shape.rank != 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the list must be a scalar, has shape %s",
                     firn_shape_text(&run->in[i]->shape, text));
  FIRN_TRY(firn_object_of(run->in[i], &firn_list_class, &object, err));
  *out = (firn_list *)object;
  return FIRN_OK;
}

static firn_code check_type(const firn_list *list, firn_dtype dtype,
                            firn_error *err) {
  if (list->dtype == dtype) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the list is of %s, the op wants %s",
                   firn_dtype_name(list->dtype), firn_dtype_name(dtype));
}

static firn_code typed_list_at(const firn_run *run, size_t i, firn_list **out,
                               firn_error *err) {
  FIRN_TRY(list_at(run, i, out, err));
  return check_type(
      *out, firn_attr_type_or(run->node, "element_dtype", FIRN_INVALID), err);
}

static firn_code check_fits(const firn_shape *element, const firn_shape *shape,
                            firn_error *err) {
  char have[256], want[256];
  if (firn_shape_fits(element, shape)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the tensor has shape %s, the elements of the list %s",
                   firn_shape_text(shape, have),
                   firn_shape_text(element, want));
}

static firn_code give_list(const firn_run *run, firn_list *list,
                           firn_error *err) {
  return firn_give_object(run, 0, &list->object, err);
}

static firn_code size_at(const firn_run *run, size_t i, const char *what,
                         int64_t *out, firn_error *err) {
  FIRN_TRY(firn_scalar_of(run->in[i], what, out, err));
  if (*out >= 0) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s = %lld must not be negative",
                   what, (long long)*out);
}

/* `shape` merged with the shape of each element that is there. */
static firn_code merge_all(firn_tensor *const *all, size_t count,
                           firn_shape *shape, firn_error *err) {
  for (size_t i = 0; i < count; i++)
    if (all[i]) {
      const firn_code code =
          firn_shape_merge(shape, &all[i]->shape, shape, err);
      if (code != FIRN_OK) return firn_while(err, code, "element %zu", i);
    }
  return FIRN_OK;
}

static firn_code need_known(const firn_shape *shape, firn_error *err) {
  char text[256];
  if (firn_shape_known(shape)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "no element tells the shape, and element_shape is %s",
                   firn_shape_text(shape, text));
}

/* The shape that input `i` tells, merged with the list's. */
static firn_code told_shape(const firn_run *run, size_t i,
                            const firn_list *list, firn_shape *out,
                            firn_error *err) {
  FIRN_TRY(firn_shape_of_tensor(run->in[i], out, err));
  const firn_code code = firn_shape_merge(out, &list->shape, out, err);
  return code == FIRN_OK
             ? code
             : firn_while(err, code, "element_shape and the list's own");
}

/* ---- Making lists ------------------------------------------------------- */

static firn_code infer_new(firn_infer *q, firn_error *err) {
  firn_shape element;
  FIRN_TRY(shape_input(q, 0, &element, err));
  FIRN_TRY(firn_infer_rank(q, 1, 0, "the number of elements", NULL, err));
  say_list(q, 0, element_type(q), &element);
  return FIRN_OK;
}

static firn_code new_list(const firn_run *run, int64_t most, int64_t count,
                          firn_error *err) {
  firn_shape element;
  firn_list *list = NULL;
  FIRN_TRY(firn_shape_of_tensor(run->in[0], &element, err));
  FIRN_TRY(firn_list_new(
      run->env, firn_attr_type_or(run->node, "element_dtype", FIRN_INVALID),
      &element, most, (size_t)count, &list, err));
  return give_list(run, list, err);
}

static firn_code drive_empty(const firn_run *run, firn_error *err) {
  int64_t most;
  FIRN_TRY(firn_scalar_of(run->in[1], "max_num_elements", &most, err));
  return new_list(run, most, 0, err);
}

static firn_code drive_reserve(const firn_run *run, firn_error *err) {
  int64_t count;
  FIRN_TRY(size_at(run, 1, "num_elements", &count, err));
  return new_list(run, -1, count, err);
}

/* Fills a fresh list with pieces of `tensor`; piece k has lengths[k] rows, or
 * is one row without its first axis when lengths is NULL. */
static firn_code cut_into(const firn_run *run, const firn_tensor *tensor,
                          const int64_t *lengths, firn_list *list,
                          firn_error *err) {
  firn_shape shape = firn_shape_rest(&tensor->shape);
  size_t at = 0;
  if (lengths) FIRN_TRY(firn_shape_prepend(0, &shape, &shape, err));
  for (size_t k = 0; k < list->count; k++) {
    firn_tensor *piece = NULL;
    if (lengths) shape.dims[0] = lengths[k];
    FIRN_TRY(firn_piece_cut(tensor, at, &shape, run->env, &piece, err));
    at += piece->count;
    firn_list_put(list, k, piece);
  }
  return FIRN_OK;
}

static firn_code need_rows(const firn_tensor *tensor, firn_error *err) {
  if (tensor->shape.rank >= 1) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the tensor must have at least 1 axis, is a scalar");
}

/* The list that a tensor of elements of that shape becomes, yet to be filled.
 */
static firn_code list_for(const firn_run *run, const firn_tensor *tensor,
                          const firn_tensor *element_shape, size_t count,
                          firn_list **out, firn_error *err) {
  firn_shape element;
  FIRN_TRY(firn_shape_of_tensor(element_shape, &element, err));
  return firn_list_new(run->env, tensor->dtype, &element, -1, count, out, err);
}

static firn_code infer_from_tensor(firn_infer *q, firn_error *err) {
  firn_shape element, rest = firn_shape_unknown();
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "the tensor", err));
  FIRN_TRY(shape_input(q, 1, &element, err));
  if (q->in[0].shape.rank > 0) rest = firn_shape_rest(&q->in[0].shape);
  const firn_code code = firn_shape_merge(&element, &rest, &rest, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "element_shape and the rows of the tensor");
  say_list(q, 0, element_type(q), &element);
  return FIRN_OK;
}

static firn_code drive_from_tensor(const firn_run *run, firn_error *err) {
  const firn_tensor *tensor = run->in[0];
  firn_list *list = NULL;
  FIRN_TRY(need_rows(tensor, err));
  const firn_shape row = firn_shape_rest(&tensor->shape);
  FIRN_TRY(list_for(run, tensor, run->in[1], (size_t)tensor->shape.dims[0],
                    &list, err));
  firn_code code = check_fits(&list->shape, &row, err);
  if (code == FIRN_OK) code = cut_into(run, tensor, NULL, list, err);
  if (code == FIRN_OK) return give_list(run, list, err);
  firn_object_release(&list->object);
  return code;
}

static firn_code infer_split(firn_infer *q, firn_error *err) {
  firn_shape element;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "the tensor", err));
  FIRN_TRY(shape_input(q, 1, &element, err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "lengths", NULL, err));
  if (element.rank > 0) element.dims[0] = FIRN_UNKNOWN_DIM;
  say_list(q, 0, element_type(q), &element);
  return FIRN_OK;
}

/* The lengths must add up to the rows that there are. */
static firn_code check_lengths(const firn_tensor *lengths, int64_t rows,
                               firn_error *err) {
  const int64_t *length = lengths->data;
  int64_t left = rows;
  if (lengths->shape.rank != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "lengths must be a vector");
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

static firn_code check_split(const firn_list *list, const firn_tensor *tensor,
                             firn_error *err) {
  firn_shape any = tensor->shape, pattern = list->shape;
  if (list->shape.rank == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "element_shape must have at least 1 axis");
  any.dims[0] = 0;
  if (pattern.rank > 0) pattern.dims[0] = FIRN_UNKNOWN_DIM;
  return check_fits(&pattern, &any, err);
}

static firn_code drive_split(const firn_run *run, firn_error *err) {
  const firn_tensor *tensor = run->in[0], *lengths = run->in[2];
  firn_list *list = NULL;
  FIRN_TRY(need_rows(tensor, err));
  FIRN_TRY(check_lengths(lengths, tensor->shape.dims[0], err));
  FIRN_TRY(list_for(run, tensor, run->in[1], lengths->count, &list, err));
  firn_code code = check_split(list, tensor, err);
  if (code == FIRN_OK) code = cut_into(run, tensor, lengths->data, list, err);
  if (code == FIRN_OK) return give_list(run, list, err);
  firn_object_release(&list->object);
  return code;
}

/* ---- Scattering --------------------------------------------------------- */

static firn_code infer_scatter(firn_infer *q, firn_error *err) {
  firn_shape element;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "the tensor", err));
  FIRN_TRY(shape_input(q, 2, &element, err));
  say_list(q, 0, element_type(q), &element);
  return FIRN_OK;
}

/* Finds the largest index; none may be negative, and there must be as many as
 * the tensor has rows. */
static firn_code largest_index(const firn_tensor *indices,
                               const firn_tensor *tensor, int64_t below,
                               int64_t *out, firn_error *err) {
  const int32_t *index = indices->data;
  *out = -1;
  FIRN_TRY(need_rows(tensor, err));
  if ((int64_t)indices->count != tensor->shape.dims[0])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu indices for %lld rows of the tensor", indices->count,
                     (long long)tensor->shape.dims[0]);
  for (size_t k = 0; k < indices->count; k++) {
    if (index[k] < 0 || (below >= 0 && index[k] >= below))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "indices[%zu] = %d is not in [0, %lld)", k, index[k],
                       (long long)(below >= 0 ? below : INT32_MAX));
    if (index[k] > *out) *out = index[k];
  }
  return FIRN_OK;
}

static firn_code put_rows(const firn_run *run, const firn_tensor *tensor,
                          const int32_t *index, firn_list *list,
                          firn_error *err) {
  const firn_shape row = firn_shape_rest(&tensor->shape);
  const size_t rows = (size_t)tensor->shape.dims[0];
  for (size_t k = 0; k < rows; k++) {
    firn_tensor *piece = NULL;
    FIRN_TRY(firn_piece_cut(tensor, k * (tensor->count / rows), &row, run->env,
                            &piece, err));
    firn_list_put(list, (size_t)index[k], piece);
  }
  return FIRN_OK;
}

static firn_code drive_scatter(const firn_run *run, firn_error *err) {
  const firn_tensor *tensor = run->in[0], *indices = run->in[1];
  int64_t most, size = -1;
  firn_list *list = NULL;
  if (run->in_count > 3)
    FIRN_TRY(firn_scalar_of(run->in[3], "num_elements", &size, err));
  if (size < -1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "num_elements = %lld is below -1", (long long)size);
  FIRN_TRY(largest_index(indices, tensor, size, &most, err));
  const firn_shape row = firn_shape_rest(&tensor->shape);
  FIRN_TRY(list_for(run, tensor, run->in[2],
                    (size_t)(size > most ? size : most + 1), &list, err));
  firn_code code = check_fits(&list->shape, &row, err);
  if (code == FIRN_OK) code = put_rows(run, tensor, indices->data, list, err);
  if (code == FIRN_OK) return give_list(run, list, err);
  firn_object_release(&list->object);
  return code;
}

static firn_code infer_scatter_into(firn_infer *q, firn_error *err) {
  FIRN_TRY(infer_scalar_list(q, 0, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "the tensor", err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "indices", NULL, err));
  say_same_list(q);
  return FIRN_OK;
}

/* A copy, since many elements change at once. */
static firn_code copy_of(const firn_run *run, firn_list *list, size_t count,
                         firn_list **out, firn_error *err) {
  firn_tensor **all = NULL;
  FIRN_TRY(firn_list_all(list, run->env, &all, err));
  const firn_code code = firn_list_new(run->env, list->dtype, &list->shape,
                                       list->most, count, out, err);
  for (size_t i = 0; code == FIRN_OK && i < list->count && i < count; i++) {
    firn_list_put(*out, i, all[i]);
    all[i] = NULL;
  }
  firn_list_let_go(run->env, all, list->count);
  return code;
}

static firn_code drive_scatter_into(const firn_run *run, firn_error *err) {
  const firn_tensor *tensor = run->in[1], *indices = run->in[2];
  firn_list *from, *list = NULL;
  int64_t most;
  FIRN_TRY(typed_list_at(run, 0, &from, err));
  FIRN_TRY(largest_index(indices, tensor, -1, &most, err));
  const firn_shape row = firn_shape_rest(&tensor->shape);
  FIRN_TRY(check_fits(&from->shape, &row, err));
  FIRN_TRY(copy_of(run, from, firn_max_size(from->count, (size_t)(most + 1)),
                   &list, err));
  const firn_code code = put_rows(run, tensor, indices->data, list, err);
  if (code == FIRN_OK) return give_list(run, list, err);
  firn_object_release(&list->object);
  return code;
}

/* ---- One element -------------------------------------------------------- */

static firn_code infer_set(firn_infer *q, firn_error *err) {
  FIRN_TRY(infer_scalar_list(q, 0, err));
  say_same_list(q);
  return FIRN_OK;
}

static firn_code set_element(const firn_run *run, firn_list *from, size_t i,
                             firn_tensor *item, firn_error *err) {
  firn_tensor *own = NULL;
  firn_list *list = NULL;
  FIRN_TRY(check_fits(&from->shape, &item->shape, err));
  FIRN_TRY(firn_tensor_settle(item, &run->env->alloc, &own, err));
  const firn_code code = firn_list_with(from, run->env, i, own, &list, err);
  firn_tensor_release(own);
  return code == FIRN_OK ? give_list(run, list, err) : code;
}

static firn_code drive_set(const firn_run *run, firn_error *err) {
  firn_list *list;
  int64_t i;
  FIRN_TRY(typed_list_at(run, 0, &list, err));
  FIRN_TRY(firn_scalar_of(run->in[1], "index", &i, err));
  const bool grows =
      firn_attr_bool_or(run->node, "resize_if_index_out_of_bounds", false);
  if (i < 0 || (!grows && (uint64_t)i >= list->count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "index = %lld is not in [0, %zu)", (long long)i,
                     list->count);
  return set_element(run, list, (size_t)i, run->in[2], err);
}

static firn_code drive_push(const firn_run *run, firn_error *err) {
  firn_list *list;
  FIRN_TRY(typed_list_at(run, 0, &list, err));
  if (list->most != -1 &&
      (list->most < 0 || list->count >= (uint64_t)list->most))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the list is full with its %zu elements", list->count);
  return set_element(run, list, list->count, run->in[1], err);
}

/* Output i is an element, or zeros for one that was never set. */
static firn_code give_element(const firn_run *run, size_t i, firn_list *list,
                              size_t at, size_t shape_input_at,
                              firn_error *err) {
  firn_shape shape;
  firn_tensor *item = firn_list_at(list, at);
  if (!item) {
    FIRN_TRY(told_shape(run, shape_input_at, list, &shape, err));
    if (!firn_shape_known(&shape)) {
      firn_tensor **all = NULL;
      FIRN_TRY(firn_list_all(list, run->env, &all, err));
      firn_code code = merge_all(all, list->count, &shape, err);
      firn_list_let_go(run->env, all, list->count);
      if (code == FIRN_OK) code = need_known(&shape, err);
      if (code != FIRN_OK) return code;
    }
    FIRN_TRY(firn_piece_zeros(list->dtype, &shape, run->env, &item, err));
  }
  firn_run_give(run, i, item);
  return FIRN_OK;
}

static firn_code infer_get(firn_infer *q, firn_error *err) {
  FIRN_TRY(infer_scalar_list(q, 0, err));
  return infer_element(q, 2, &q->out[0].shape, err);
}

static firn_code drive_get(const firn_run *run, firn_error *err) {
  firn_list *list;
  int64_t i;
  FIRN_TRY(typed_list_at(run, 0, &list, err));
  FIRN_TRY(firn_scalar_of(run->in[1], "index", &i, err));
  if (i < 0 || (uint64_t)i >= list->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "index = %lld is not in [0, %zu)", (long long)i,
                     list->count);
  return give_element(run, 0, list, (size_t)i, 2, err);
}

static firn_code infer_pop(firn_infer *q, firn_error *err) {
  FIRN_TRY(infer_scalar_list(q, 0, err));
  say_same_list(q);
  return infer_element(q, 1, &q->out[1].shape, err);
}

static firn_code drive_pop(const firn_run *run, firn_error *err) {
  firn_list *list, *less = NULL;
  FIRN_TRY(typed_list_at(run, 0, &list, err));
  if (!list->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the list is empty: there is nothing to pop");
  FIRN_TRY(give_element(run, 1, list, list->count - 1, 1, err));
  FIRN_TRY(firn_list_resized(list, run->env, list->count - 1, &less, err));
  return give_list(run, less, err);
}

static firn_code infer_push_batch(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 0, 1, "input_handles", &q->out[0].shape, err));
  FIRN_TRY(firn_infer_rank_at_least(q, 1, 1, "the tensor", err));
  q->out[0].handle_dtype = q->in[0].handle_dtype;
  q->out[0].handle_shape = q->in[0].handle_shape;
  return FIRN_OK;
}

static firn_code push_row(const firn_run *run, size_t b, firn_object **out,
                          firn_error *err) {
  const firn_tensor *tensor = run->in[1];
  const firn_shape row = firn_shape_rest(&tensor->shape);
  firn_object *object = firn_object_at(run->in[0], b);
  firn_list *list = (firn_list *)object, *more = NULL;
  firn_tensor *piece = NULL;
  if (!object || object->class != &firn_list_class)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "it is no tensor list");
  FIRN_TRY(check_type(list, tensor->dtype, err));
  FIRN_TRY(check_fits(&list->shape, &row, err));
  FIRN_TRY(firn_piece_cut(tensor, b * (tensor->count / run->in[0]->count), &row,
                          run->env, &piece, err));
  const firn_code code =
      firn_list_with(list, run->env, list->count, piece, &more, err);
  firn_tensor_release(piece);
  *out = code == FIRN_OK ? &more->object : NULL;
  return code;
}

static firn_code drive_push_batch(const firn_run *run, firn_error *err) {
  const firn_tensor *handles = run->in[0], *tensor = run->in[1];
  firn_tensor *out = NULL;
  FIRN_TRY(need_rows(tensor, err));
  if (handles->shape.rank != 1 ||
      tensor->shape.dims[0] != handles->shape.dims[0])
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%lld rows for %zu lists",
                     (long long)tensor->shape.dims[0], handles->count);
  FIRN_TRY(firn_tensor_make(FIRN_VARIANT, &handles->shape, &run->env->alloc,
                            &out, err));
  for (size_t b = 0; b < handles->count; b++) {
    const firn_code code = push_row(run, b, (firn_object **)out->data + b, err);
    if (code == FIRN_OK) continue;
    firn_tensor_release(out);
    return firn_while(err, code, "input_handles[%zu]", b);
  }
  firn_run_give(run, 0, out);
  return FIRN_OK;
}

/* ---- Whole lists -------------------------------------------------------- */

static firn_code infer_length(firn_infer *q, firn_error *err) {
  FIRN_TRY(infer_scalar_list(q, 0, err));
  return firn_infer_scalar(q, err);
}

static firn_code drive_length(const firn_run *run, firn_error *err) {
  firn_list *list;
  FIRN_TRY(list_at(run, 0, &list, err));
  *(int32_t *)run->out[0]->data = (int32_t)list->count;
  return FIRN_OK;
}

static firn_code infer_element_shape(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_shape element = elements_of(&q->in[0]);
  int64_t ints[FIRN_MAX_RANK];
  if (element.rank < 0) return FIRN_OK;
  for (int i = 0; i < element.rank; i++)
    ints[i] = element.dims[i] < 0 ? FIRN_UNKNOWN_INT : element.dims[i];
  q->out[0].shape = firn_shape_vector(element.rank);
  firn_infer_set_ints(q, 0, ints, (size_t)element.rank);
  return FIRN_OK;
}

static firn_code drive_element_shape(const firn_run *run, firn_error *err) {
  firn_list *list;
  firn_tensor *out = NULL;
  FIRN_TRY(list_at(run, 0, &list, err));
  const int rank = list->shape.rank;
  const firn_shape shape =
      rank < 0 ? firn_shape_scalar() : firn_shape_vector(rank);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  for (size_t i = 0; i < out->count; i++) {
    const int64_t dim = rank < 0 ? -1 : list->shape.dims[i];
    if (out->dtype == FIRN_INT64)
      ((int64_t *)out->data)[i] = dim;
    else
      ((int32_t *)out->data)[i] = (int32_t)dim;
  }
  return FIRN_OK;
}

static firn_code drive_resize(const firn_run *run, firn_error *err) {
  firn_list *list, *out = NULL;
  int64_t size;
  FIRN_TRY(list_at(run, 0, &list, err));
  FIRN_TRY(size_at(run, 1, "size", &size, err));
  FIRN_TRY(firn_list_resized(list, run->env, (size_t)size, &out, err));
  return give_list(run, out, err);
}

static firn_code infer_stack(firn_infer *q, firn_error *err) {
  firn_shape told;
  const firn_shape element = elements_of(&q->in[0]);
  FIRN_TRY(infer_scalar_list(q, 0, err));
  FIRN_TRY(shape_input(q, 1, &told, err));
  FIRN_TRY(firn_shape_merge(&element, &told, &told, err));
  const int64_t count = firn_attr_int_or(q->node, "num_elements", -1);
  return infer_joined(q, count < 0 ? FIRN_UNKNOWN_DIM : count, &told, err);
}

/* Output 0: these elements of one shape along a new axis. `told` is what the
 * list and the op say of that shape. */
static firn_code stack_all(const firn_run *run, firn_tensor *const *all,
                           size_t count, firn_shape *told, firn_error *err) {
  FIRN_TRY(merge_all(all, count, told, err));
  FIRN_TRY(need_known(told, err));
  return firn_pieces_stack(run, 0, all, count, told, err);
}

static firn_code drive_stack(const firn_run *run, firn_error *err) {
  firn_list *list;
  firn_tensor **all = NULL;
  firn_shape told;
  FIRN_TRY(typed_list_at(run, 0, &list, err));
  const int64_t want = firn_attr_int_or(run->node, "num_elements", -1);
  if (want != -1 && (want < 0 || list->count != (uint64_t)want))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the list has %zu elements, attr 'num_elements' says %lld",
                     list->count, (long long)want);
  FIRN_TRY(told_shape(run, 1, list, &told, err));
  FIRN_TRY(firn_list_all(list, run->env, &all, err));
  const firn_code code = stack_all(run, all, list->count, &told, err);
  firn_list_let_go(run->env, all, list->count);
  return code;
}

static firn_code infer_gather(firn_infer *q, firn_error *err) {
  firn_shape told;
  int64_t count;
  const firn_shape element = elements_of(&q->in[0]);
  FIRN_TRY(infer_scalar_list(q, 0, err));
  FIRN_TRY(shape_input(q, 2, &told, err));
  FIRN_TRY(firn_shape_merge(&element, &told, &told, err));
  if (!firn_shape_known(&q->in[1].shape) ||
      !firn_shape_count(&q->in[1].shape, &count))
    count = FIRN_UNKNOWN_DIM;
  return infer_joined(q, count, &told, err);
}

static firn_code drive_gather(const firn_run *run, firn_error *err) {
  const firn_tensor *indices = run->in[1];
  const int32_t *index = indices->data;
  const size_t count = indices->count;
  firn_list *list;
  firn_tensor **all = NULL;
  firn_shape told;
  FIRN_TRY(typed_list_at(run, 0, &list, err));
  FIRN_TRY(told_shape(run, 2, list, &told, err));
  for (size_t k = 0; k < count; k++)
    if (index[k] < 0 || (size_t)index[k] >= list->count)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "indices[%zu] = %d is not in [0, %zu)", k, index[k],
                       list->count);
  FIRN_TRY(firn_list_all(list, run->env, &all, err));
  const size_t size = (count + 1) * sizeof *all;
  firn_tensor **some = firn_new(&run->env->alloc, size);
  firn_code code = some ? FIRN_OK : firn_oom(err, size);
  for (size_t k = 0; some && k < count; k++) some[k] = all[index[k]];
  if (some) code = stack_all(run, some, count, &told, err);
  firn_delete(&run->env->alloc, some, some ? size : 0);
  firn_list_let_go(run->env, all, list->count);
  return code;
}

static firn_code infer_concat_lists(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_shape_merge(&q->in[0].shape, &q->in[1].shape, &q->out[0].shape,
                            err));
  q->out[0].handle_dtype = q->in[0].handle_dtype;
  q->out[0].handle_shape = q->in[0].handle_shape;
  return FIRN_OK;
}

static firn_code join_lists(const firn_run *run, const firn_object *oa,
                            const firn_object *ob, firn_object **out,
                            firn_error *err) {
  firn_list *a = (firn_list *)(uintptr_t)oa, *b = (firn_list *)(uintptr_t)ob;
  firn_list *both = NULL;
  firn_tensor **more = NULL;
  if (!oa || !ob || oa->class != &firn_list_class ||
      ob->class != &firn_list_class)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "it is no tensor list");
  const firn_dtype dtype =
      firn_attr_type_or(run->node, "element_dtype", FIRN_INVALID);
  FIRN_TRY(check_type(a, dtype, err));
  FIRN_TRY(check_type(b, dtype, err));
  char ta[256], tb[256];
  if (!firn_shape_equal(&a->shape, &b->shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the elements of the two lists have shapes %s and %s",
                     firn_shape_text(&a->shape, ta),
                     firn_shape_text(&b->shape, tb));
  FIRN_TRY(copy_of(run, a, a->count + b->count, &both, err));
  firn_code code = firn_list_all(b, run->env, &more, err);
  for (size_t i = 0; code == FIRN_OK && i < b->count; i++) {
    firn_list_put(both, a->count + i, more[i]);
    more[i] = NULL;
  }
  firn_list_let_go(run->env, more, b->count);
  *out = &both->object;
  return code;
}

static firn_code drive_concat_lists(const firn_run *run, firn_error *err) {
  const firn_tensor *a = run->in[0], *b = run->in[1];
  firn_tensor *out = NULL;
  if (!firn_shape_equal(&a->shape, &b->shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the two inputs differ in shape: %zu and %zu lists",
                     a->count, b->count);
  FIRN_TRY(
      firn_tensor_make(FIRN_VARIANT, &a->shape, &run->env->alloc, &out, err));
  for (size_t i = 0; i < a->count; i++) {
    const firn_code code =
        join_lists(run, firn_object_at(a, i), firn_object_at(b, i),
                   (firn_object **)out->data + i, err);
    if (code == FIRN_OK) continue;
    firn_tensor_release(out);
    return firn_while(err, code, "list %zu", i);
  }
  firn_run_give(run, 0, out);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

KERNEL(empty);
KERNEL(reserve);
KERNEL(from_tensor);
KERNEL(split);
KERNEL(scatter);
KERNEL(scatter_into);
KERNEL(set);
KERNEL(get);
KERNEL(push);
KERNEL(push_batch);
KERNEL(pop);
KERNEL(length);
KERNEL(element_shape);
KERNEL(resize);
KERNEL(stack);
KERNEL(gather);
KERNEL(concat_lists);

static const firn_op ops[] = {
    {"EmptyTensorList", infer_new, empty, FIRN_OP_GIVES},
    {"TensorListReserve", infer_new, reserve, FIRN_OP_GIVES},
    {"TensorListFromTensor", infer_from_tensor, from_tensor, FIRN_OP_GIVES},
    {"TensorListSplit", infer_split, split, FIRN_OP_GIVES},
    {"TensorListScatter", infer_scatter, scatter, FIRN_OP_GIVES},
    {"TensorListScatterV2", infer_scatter, scatter, FIRN_OP_GIVES},
    {"TensorListScatterIntoExistingList", infer_scatter_into, scatter_into,
     FIRN_OP_GIVES},
    {"TensorListSetItem", infer_set, set, FIRN_OP_GIVES},
    {"TensorListGetItem", infer_get, get, FIRN_OP_GIVES},
    {"TensorListPushBack", infer_set, push, FIRN_OP_GIVES},
    {"TensorListPushBackBatch", infer_push_batch, push_batch, FIRN_OP_GIVES},
    {"TensorListPopBack", infer_pop, pop, FIRN_OP_GIVES},
    {"TensorListLength", infer_length, length, 0},
    {"TensorListElementShape", infer_element_shape, element_shape, 0},
    {"TensorListResize", infer_set, resize, FIRN_OP_GIVES},
    {"TensorListStack", infer_stack, stack, 0},
    {"TensorListGather", infer_gather, gather, 0},
    {"TensorListConcatLists", infer_concat_lists, concat_lists, FIRN_OP_GIVES},
};

FIRN_OP_FAMILY(tensor_list, ops);
