/* ops/slice_spec.c: the masks of StridedSlice, resolved.
 *
 * Two steps. First the entries, which may skip axes (an ellipsis) or stand for
 * none (a new axis), are dealt out to the axes of the tensor. Then each axis is
 * cut on its own.
 */
#include "ops/slice_spec.h"

/* An entry as it falls to one axis. */
typedef struct entry {
  int64_t begin, end, stride; /* perhaps FIRN_UNKNOWN_INT */
  bool from_start, to_end;    /* begin, end do not count */
  bool shrink;
} entry;

typedef struct masks {
  uint64_t begin, end, ellipsis, new_axis, shrink;
} masks;

static masks masks_of(const firn_node *node) {
  return (masks){
      (uint64_t)firn_attr_int_or(node, "begin_mask", 0),
      (uint64_t)firn_attr_int_or(node, "end_mask", 0),
      (uint64_t)firn_attr_int_or(node, "ellipsis_mask", 0),
      (uint64_t)firn_attr_int_or(node, "new_axis_mask", 0),
      (uint64_t)firn_attr_int_or(node, "shrink_axis_mask", 0),
  };
}

static int64_t known(const int64_t *ints, int64_t i) {
  return ints ? ints[i] : FIRN_UNKNOWN_INT;
}

/* The axes that an ellipsis at entry `at` leaves to the entries after it. */
static int64_t after_ellipsis(const masks *m, int64_t count, int64_t at) {
  int64_t axes = 0;
  for (int64_t i = at + 1; i < count; i++) axes += !(m->new_axis >> i & 1);
  return axes;
}

static firn_code resolve_axis(const entry *c, int axis, int64_t extent,
                              firn_cut_axis *out, firn_error *err);

static firn_code push_dim(firn_shape *shape, int64_t dim, firn_error *err) {
  if (shape->rank == FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  shape->dims[shape->rank++] = dim;
  return FIRN_OK;
}

/* Puts the next axis of the tensor under a cut. */
static firn_code deal(firn_cut *s, int *axis, const entry *c,
                      const firn_shape *of, firn_error *err) {
  firn_cut_axis *a = &s->axes[*axis];
  FIRN_TRY(resolve_axis(c, *axis, of->dims[*axis], a, err));
  s->box.dims[*axis] = a->size;
  s->place[*axis] = c->shrink ? -1 : s->shape.rank;
  if (!c->shrink) FIRN_TRY(push_dim(&s->shape, a->size, err));
  ++*axis;
  return FIRN_OK;
}

firn_code firn_cut_resolve(const firn_cut_args *args, const firn_shape *of,
                           firn_cut *out, firn_error *err) {
  static const entry everything = {0, 0, 1, true, true, false};
  const masks m = masks_of(args->node);
  const int64_t n = args->count;
  int axis = 0;
  if (n > 63)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%lld slices are too many",
                     (long long)n);
  const uint64_t used = ((uint64_t)1 << n) - 1;
  if ((m.ellipsis & used) & ((m.ellipsis & used) - 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "ellipsis_mask has more than one bit");
  *out = (firn_cut){.rank = of->rank, .box = {.rank = of->rank}};
  for (int64_t i = 0; i < n; i++) {
    if (m.ellipsis >> i & 1) {
      const int64_t stop = of->rank - after_ellipsis(&m, n, i);
      while (axis < stop) FIRN_TRY(deal(out, &axis, &everything, of, err));
      continue;
    }
    if (m.new_axis >> i & 1) {
      FIRN_TRY(push_dim(&out->shape, 1, err));
      continue;
    }
    if (axis == of->rank)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "slice %lld has no axis left, the input has %d",
                       (long long)i, of->rank);
    const entry c = {
        known(args->begin, i),   known(args->end, i),
        known(args->strides, i), (m.begin >> i & 1) != 0,
        (m.end >> i & 1) != 0,   (m.shrink >> i & 1) != 0,
    };
    FIRN_TRY(deal(out, &axis, &c, of, err));
  }
  while (axis < of->rank) FIRN_TRY(deal(out, &axis, &everything, of, err));
  return FIRN_OK;
}

/* ---- One axis ----------------------------------------------------------- */

/* A place as a number from 0 on (from -1 when going backwards), within what
 * there is. */
static int64_t clamp(int64_t place, int64_t extent, bool backwards) {
  const int64_t least = backwards ? -1 : 0,
                most = backwards ? extent - 1 : extent;
  if (place < 0) place += extent;
  return place < least ? least : place > most ? most : place;
}

static firn_code shrink_axis(const entry *c, int axis, int64_t extent,
                             firn_cut_axis *out, firn_error *err) {
  out->size = 1;
  if (c->stride != FIRN_UNKNOWN_INT && c->stride <= 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the single index of axis %d has stride %lld, must have 1",
                     axis, (long long)c->stride);
  /* a mask on begin does not count here, but may hide an unknown value */
  if (c->begin == FIRN_UNKNOWN_INT || extent < 0) return FIRN_OK;
  out->begin = c->begin < 0 ? c->begin + extent : c->begin;
  if (out->begin < 0 || out->begin >= extent)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "index %lld of axis %d is not in [0, %lld)",
                     (long long)c->begin, axis, (long long)extent);
  return FIRN_OK;
}

static firn_code resolve_axis(const entry *c, int axis, int64_t extent,
                              firn_cut_axis *out, firn_error *err) {
  *out = (firn_cut_axis){FIRN_UNKNOWN_INT, c->stride, FIRN_UNKNOWN_DIM};
  if (c->stride == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "strides[%d] is 0", axis);
  if (c->shrink) return shrink_axis(c, axis, extent, out, err);
  if (c->stride == FIRN_UNKNOWN_INT || extent < 0 ||
      (!c->from_start && c->begin == FIRN_UNKNOWN_INT) ||
      (!c->to_end && c->end == FIRN_UNKNOWN_INT))
    return FIRN_OK;
  const bool backwards = c->stride < 0;
  const int64_t first = backwards ? extent - 1 : 0,
                last = backwards ? -1 : extent;
  const int64_t begin =
      c->from_start ? first : clamp(c->begin, extent, backwards);
  const int64_t end = c->to_end ? last : clamp(c->end, extent, backwards);
  const int64_t way = end - begin;
  out->begin = begin;
  out->size = 0;
  if (way != 0 && (way < 0) == backwards)
    out->size = way / c->stride + (way % c->stride != 0);
  return FIRN_OK;
}
