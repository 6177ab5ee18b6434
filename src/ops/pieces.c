/* ops/pieces.c: tensors that are joined and cut along their first axis.
 *
 * Nothing but bytes move here; shapes have been checked by the caller. */
#include "ops/pieces.h"

#include "ops/handle.h"

/* Copies a piece, or zeros, to element `at`; counts on. */
static firn_code put(firn_tensor *out, size_t *at, const firn_tensor *piece,
                     size_t count, firn_error *err) {
  const size_t size = firn_dtype_size(out->dtype);
  char *to = (char *)out->data + *at * size;
  *at += count;
  if (count == 0) return FIRN_OK;
  if (piece)
    return firn_elements_copy(out->dtype, to, piece->data, count)
               ? FIRN_OK
               : firn_oom(err, count * size);
  /* Strings and handles start out empty. */
  if (firn_dtype_is_plain(out->dtype)) memset(to, 0, count * size);
  return FIRN_OK;
}

firn_code firn_pieces_stack(const firn_run *run, size_t i,
                            firn_tensor *const *pieces, size_t count,
                            const firn_shape *element, firn_error *err) {
  firn_shape shape;
  firn_tensor *out = NULL;
  size_t at = 0;
  FIRN_TRY(firn_shape_prepend((int64_t)count, element, &shape, err));
  FIRN_TRY(firn_run_output(run, i, &shape, &out, err));
  for (size_t k = 0; k < count; k++)
    FIRN_TRY(put(out, &at, pieces[k], out->count / count, err));
  return FIRN_OK;
}

firn_code firn_pieces_concat(const firn_run *run, size_t i,
                             firn_tensor *const *pieces, const int64_t *lengths,
                             size_t count, const firn_shape *rest,
                             firn_error *err) {
  firn_shape shape;
  firn_tensor *out = NULL;
  int64_t total = 0;
  size_t at = 0;
  for (size_t k = 0; k < count; k++)
    if (!firn_add_i64(total, lengths[k], &total))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the lengths add up to more than 63 bits hold");
  FIRN_TRY(firn_shape_prepend(total, rest, &shape, err));
  FIRN_TRY(firn_run_output(run, i, &shape, &out, err));
  const size_t row = total ? out->count / (size_t)total : 0;
  for (size_t k = 0; k < count; k++)
    FIRN_TRY(put(out, &at, pieces[k], (size_t)lengths[k] * row, err));
  return FIRN_OK;
}

static firn_code make(firn_dtype dtype, const firn_shape *shape,
                      const firn_env *env, firn_tensor **out, firn_error *err) {
  FIRN_TRY(firn_tensor_within(dtype, shape, &env->limits, err));
  return firn_tensor_make(dtype, shape, &env->alloc, out, err);
}

firn_code firn_piece_cut(const firn_tensor *from, size_t at,
                         const firn_shape *shape, const firn_env *env,
                         firn_tensor **out, firn_error *err) {
  FIRN_TRY(make(from->dtype, shape, env, out, err));
  const size_t size = firn_dtype_size(from->dtype), count = (*out)->count;
  const char *start = (const char *)from->data + at * size;
  if (!count || firn_elements_copy(from->dtype, (*out)->data, start, count))
    return FIRN_OK;
  firn_tensor_release(*out);
  *out = NULL;
  return firn_oom(err, count * size);
}

firn_code firn_piece_zeros(firn_dtype dtype, const firn_shape *shape,
                           const firn_env *env, firn_tensor **out,
                           firn_error *err) {
  size_t at = 0;
  FIRN_TRY(make(dtype, shape, env, out, err));
  return put(*out, &at, NULL, (*out)->count, err);
}
