/* ops/list_math.c: AddN and ZerosLike of tensor lists, element by element. */
#include "ops/list_math.h"

#include "ops/combine.h"
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/list.h"

static firn_code list_of(const firn_tensor *handle, firn_list **out,
                         firn_error *err) {
  firn_object *object = NULL;
  FIRN_TRY(firn_object_of(handle, &firn_list_class, &object, err));
  *out = (firn_list *)object;
  return FIRN_OK;
}

/* Makes the list the only element of output 0. */
static firn_code put_list(const firn_run *run, firn_list *list,
                          firn_error *err) {
  const firn_shape scalar = firn_shape_scalar();
  firn_tensor *out = NULL;
  FIRN_TRY(firn_run_output(run, 0, &scalar, &out, err));
  firn_object **slot = out->data;
  firn_object_release(*slot);
  *slot = firn_object_retain(&list->object);
  return FIRN_OK;
}

/* ---- AddN --------------------------------------------------------------- */

static firn_code alike(const firn_list *first, const firn_list *list, size_t i,
                       firn_error *err) {
  firn_shape both;
  if (list->dtype != first->dtype)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "inputs[%zu] is a list of %s, inputs[0] of %s", i,
                     firn_dtype_name(list->dtype),
                     firn_dtype_name(first->dtype));
  if (list->count != first->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "inputs[%zu] is a list of %zu elements, inputs[0] of %zu",
                     i, list->count, first->count);
  return firn_shape_merge(&first->shape, &list->shape, &both, err);
}

/* *sum += more; *own tells whether nobody else has *sum. */
static firn_code add_element(firn_tensor **sum, bool *own,
                             const firn_tensor *more, const firn_env *env,
                             firn_error *err) {
  if (!firn_shape_equal(&(*sum)->shape, &more->shape)) {
    char a[256], b[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "elements of shapes %s and %s cannot be added",
                     firn_shape_text(&(*sum)->shape, a),
                     firn_shape_text(&more->shape, b));
  }
  if (!*own) {
    firn_tensor *copy = NULL;
    FIRN_TRY(firn_tensor_copy(*sum, &env->alloc, &copy, err));
    firn_tensor_release(*sum);
    *sum = copy;
    *own = true;
  }
  return firn_combine_run(FIRN_COMBINE_ADD, more->dtype, (*sum)->data,
                          more->data, more->count, 1, err);
}

/* Element i of all lists together; *out NULL when none has it. */
static firn_code sum_of(firn_list *const *lists, size_t count, size_t i,
                        const firn_env *env, firn_tensor **out,
                        firn_error *err) {
  firn_tensor *sum = NULL;
  bool own = false;
  firn_code code = FIRN_OK;
  for (size_t k = 0; k < count && code == FIRN_OK; k++) {
    firn_tensor *more = firn_list_at(lists[k], i);
    if (!more) continue;
    if (!sum) {
      sum = more;
      continue;
    }
    code = add_element(&sum, &own, more, env, err);
    firn_tensor_release(more);
  }
  if (code == FIRN_OK)
    *out = sum;
  else
    firn_tensor_release(sum);
  return code == FIRN_OK ? code : firn_while(err, code, "element %zu", i);
}

static firn_code add_lists(const firn_run *run, firn_list **lists,
                           firn_error *err) {
  firn_list *made = NULL;
  for (size_t i = 0; i < run->in_count; i++) {
    FIRN_TRY(list_of(run->in[i], &lists[i], err));
    if (i) FIRN_TRY(alike(lists[0], lists[i], i, err));
  }
  FIRN_TRY(firn_list_new(run->env, lists[0]->dtype, &lists[0]->shape,
                         lists[0]->most, lists[0]->count, &made, err));
  firn_code code = FIRN_OK;
  for (size_t i = 0; i < made->count && code == FIRN_OK; i++) {
    firn_tensor *sum = NULL;
    code = sum_of(lists, run->in_count, i, run->env, &sum, err);
    if (code == FIRN_OK) firn_list_put(made, i, sum);
  }
  if (code == FIRN_OK) code = put_list(run, made, err);
  firn_object_release(&made->object);
  return code;
}

firn_code firn_drive_add_lists(const firn_run *run, firn_error *err) {
  const size_t size = run->in_count * sizeof(firn_list *);
  firn_list **lists = firn_new(&run->env->alloc, size);
  if (!lists) return firn_oom(err, size);
  const firn_code code = add_lists(run, lists, err);
  firn_delete(&run->env->alloc, lists, size);
  return code;
}

/* ---- ZerosLike ---------------------------------------------------------- */

static firn_code zeros_like(const firn_tensor *x, const firn_env *env,
                            firn_tensor **out, firn_error *err) {
  *out = NULL;
  if (!x) return FIRN_OK;
  FIRN_TRY(firn_tensor_make(x->dtype, &x->shape, &env->alloc, out, err));
  if (firn_dtype_is_plain(x->dtype) && x->count)
    memset((*out)->data, 0, firn_tensor_bytes(x));
  return FIRN_OK;
}

firn_code firn_drive_zero_list(const firn_run *run, firn_error *err) {
  firn_list *list = NULL, *made = NULL;
  FIRN_TRY(list_of(run->in[0], &list, err));
  FIRN_TRY(firn_list_new(run->env, list->dtype, &list->shape, list->most,
                         list->count, &made, err));
  firn_code code = FIRN_OK;
  for (size_t i = 0; i < made->count && code == FIRN_OK; i++) {
    firn_tensor *x = firn_list_at(list, i), *zeros = NULL;
    code = zeros_like(x, run->env, &zeros, err);
    if (zeros) firn_list_put(made, i, zeros);
    firn_tensor_release(x);
  }
  if (code == FIRN_OK) code = put_list(run, made, err);
  firn_object_release(&made->object);
  return code;
}
