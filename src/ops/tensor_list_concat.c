/* ops/tensor_list_concat.c: TensorListConcat: the elements of a list one behind
 * the other along their first axis.
 *
 * Elements may differ in their first extent. One that was never set counts as
 * zeros: its extent comes from leading_dims, or else from the one extent that
 * all the others have.
 */
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/list.h"
#include "ops/pieces.h"

/* What is known of the elements while they are looked at. */
typedef struct layout {
  int64_t first; /* the one first extent, or -1 */
  firn_shape rest;
  bool known_before; /* the list's own element shape says it all */
  const int64_t *leading;
  size_t leading_count;
} layout;

static firn_code split_shape(const firn_shape *shape, layout *l,
                             firn_error *err) {
  l->first = -1;
  l->rest = firn_shape_unknown();
  if (shape->rank < 0) return FIRN_OK;
  if (shape->rank == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the elements must have at least 1 axis, are scalars");
  l->first = shape->dims[0];
  l->rest = firn_shape_rest(shape);
  return FIRN_OK;
}

/* TensorListConcat tells the shape by an attr, V2 by input 1. */
static firn_code told(const firn_run *run, const firn_list *list, layout *l,
                      firn_error *err) {
  firn_shape shape;
  if (run->in_count == 1) {
    FIRN_TRY(firn_attr_shape(run->node, "element_shape", &shape, err));
    FIRN_TRY(split_shape(&shape, l, err));
    l->first = -1;
    return FIRN_OK;
  }
  FIRN_TRY(firn_shape_of_tensor(run->in[1], &shape, err));
  FIRN_TRY(firn_shape_merge(&shape, &list->shape, &shape, err));
  FIRN_TRY(split_shape(&shape, l, err));
  l->leading = run->in[2]->data;
  l->leading_count = run->in[2]->count;
  return FIRN_OK;
}

/* Holds the elements that are there against what was told, and learns the rest.
 */
static firn_code look_through(firn_tensor *const *all, size_t count, layout *l,
                              firn_error *err) {
  int64_t common = l->first;
  bool same = true;
  for (size_t i = 0; i < count; i++) {
    if (!all[i]) continue;
    const firn_shape *shape = &all[i]->shape;
    if (shape->rank == 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "element %zu is a scalar: it has no axis to join along",
                       i);
    const firn_shape rest = firn_shape_rest(shape);
    const firn_code code = firn_shape_merge(&l->rest, &rest, &l->rest, err);
    if (code != FIRN_OK) return firn_while(err, code, "element %zu", i);
    if (l->first >= 0 && shape->dims[0] != l->first)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "element %zu has %lld rows, element_shape says %lld", i,
                       (long long)shape->dims[0], (long long)l->first);
    if (common < 0) common = shape->dims[0];
    same = same && common == shape->dims[0];
  }
  if (l->first < 0 && same) l->first = common;
  char text[256];
  if (firn_shape_known(&l->rest)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "no element tells the shape behind the first axis: %s",
                   firn_shape_text(&l->rest, text));
}

static firn_code row_counts(firn_tensor *const *all, size_t count,
                            const layout *l, int64_t *lengths,
                            firn_error *err) {
  for (size_t i = 0; i < count; i++) {
    if (all[i]) {
      lengths[i] = all[i]->shape.dims[0];
    } else if (i < l->leading_count) {
      lengths[i] = l->leading[i];
    } else {
      lengths[i] = l->first;
    }
    if (lengths[i] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "element %zu was never set, and nothing tells how many "
                       "rows it has",
                       i);
  }
  return FIRN_OK;
}

static firn_code concat_all(const firn_run *run, firn_tensor *const *all,
                            const firn_list *list, firn_error *err) {
  layout l = {0};
  firn_tensor *lengths = NULL;
  const firn_shape vector = firn_shape_vector((int64_t)list->count);
  FIRN_TRY(told(run, list, &l, err));
  FIRN_TRY(look_through(all, list->count, &l, err));
  FIRN_TRY(firn_run_output(run, 1, &vector, &lengths, err));
  FIRN_TRY(row_counts(all, list->count, &l, lengths->data, err));
  return firn_pieces_concat(run, 0, all, lengths->data, list->count, &l.rest,
                            err);
}

static firn_code drive_concat(const firn_run *run, firn_error *err) {
  firn_object *object = NULL;
  firn_tensor **all = NULL;
  FIRN_TRY(firn_object_of(run->in[0], &firn_list_class, &object, err));
  firn_list *list = (firn_list *)object;
  if (list->dtype != (firn_dtype)run->node->output_types[0])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the list is of %s, the op wants %s",
                     firn_dtype_name(list->dtype),
                     firn_dtype_name((firn_dtype)run->node->output_types[0]));
  FIRN_TRY(firn_list_all(list, run->env, &all, err));
  const firn_code code = concat_all(run, all, list, err);
  firn_list_let_go(run->env, all, list->count);
  return code;
}

static firn_code infer_concat(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 0, 0, "the list", NULL, err));
  firn_shape shape = firn_shape_unknown();
  if (q->in[0].handle_dtype != FIRN_INVALID) shape = q->in[0].handle_shape;
  if (shape.rank > 0) {
    shape.dims[0] = FIRN_UNKNOWN_DIM;
    q->out[0].shape = shape;
  }
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

static const firn_kernel concat[] = {{.drive = drive_concat}, {.drive = NULL}};

static const firn_op ops[] = {
    {"TensorListConcat", infer_concat, concat, 0},
    {"TensorListConcatV2", infer_concat, concat, 0},
};

FIRN_OP_FAMILY(tensor_list_concat, ops);
