/* checkpoint/slice.c: slices as text, as messages and as boxes of elements. */
#include "checkpoint/slice.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- Text --------------------------------------------------------------- */

/* Cuts what stands before `mark` (or all) off the front of *rest; false when
 * that was the last piece. */
static bool cut(firn_str *rest, char mark, firn_str *piece) {
  const char *end = rest->size ? memchr(rest->data, mark, rest->size) : NULL;
  const size_t size = end ? (size_t)(end - rest->data) : rest->size;
  const size_t used = end ? size + 1 : size;
  *piece = (firn_str){rest->data, size};
  rest->data += used;
  rest->size -= used;
  return end != NULL;
}

/* TensorFlow takes decimal numbers only. */
static bool parse_number(firn_str text, int64_t *out) {
  for (size_t i = 0; i < text.size; i++)
    if (text.data[i] == 'x' || text.data[i] == 'X') return false;
  return firn_parse_i64(text, out);
}

static firn_code parse_axis(firn_str text, int axis, firn_slice *out,
                            firn_error *err) {
  firn_str rest = text;
  out->start[axis] = 0;
  out->extent[axis] = -1;
  if (firn_str_is(text, "-")) return FIRN_OK;

  firn_str start;
  int64_t end;
  if (!cut(&rest, ',', &start) || !parse_number(start, &out->start[axis]) ||
      !parse_number(rest, &out->extent[axis]))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "axis %d of a slice is 'START,EXTENT' or '-', not '%.*s'",
                     axis, FIRN_ARG(text));
  if (out->start[axis] < 0 || out->extent[axis] <= 0 ||
      !firn_add_i64(out->start[axis], out->extent[axis], &end))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "axis %d of a slice starts at %" PRId64
                     " with extent %" PRId64
                     ", wanted a start from 0 and an extent from 1",
                     axis, out->start[axis], out->extent[axis]);
  return FIRN_OK;
}

static firn_code parse_spec(firn_str text, firn_slice *out, firn_error *err) {
  firn_str rest = text, axis;
  out->rank = 0;
  while (rest.size) {
    cut(&rest, ':', &axis);
    if (!axis.size) continue; /* as TensorFlow does: "1,2:" has one axis */
    if (out->rank == FIRN_MAX_RANK)
      return firn_fail(err, FIRN_UNIMPLEMENTED, "slice of more than %d axes",
                       FIRN_MAX_RANK);
    FIRN_TRY(parse_axis(axis, out->rank, out, err));
    out->rank++;
  }
  return FIRN_OK;
}

static firn_code parse_dim(firn_str text, firn_shape *full, firn_error *err) {
  int64_t dim;
  if (full->rank == FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "shape of more than %d axes",
                     FIRN_MAX_RANK);
  if (!parse_number(text, &dim) || dim < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' is not the extent of an axis", FIRN_ARG(text));
  full->dims[full->rank++] = dim;
  return FIRN_OK;
}

static firn_code parse_both(firn_str text, firn_shape *full, firn_slice *out,
                            firn_error *err) {
  firn_slice box;
  const char *last = text.data + text.size;
  while (last > text.data && last[-1] != ' ') last--;
  if (last == text.data)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "wanted the extents, a blank, and the slice");

  firn_str dims = {text.data, (size_t)(last - 1 - text.data)}, dim;
  for (bool more = true; more;) {
    more = cut(&dims, ' ', &dim);
    FIRN_TRY(parse_dim(dim, full, err));
  }
  FIRN_TRY(parse_spec((firn_str){last, text.size - (size_t)(last - text.data)},
                      out, err));
  return firn_slice_resolve(out, full, &box, err);
}

firn_code firn_slice_parse(firn_str text, firn_shape *full, firn_slice *out,
                           firn_error *err) {
  *full = firn_shape_unknown();
  *out = (firn_slice){.rank = -1};
  if (!text.size) return FIRN_OK;

  full->rank = 0;
  const firn_code code = parse_both(text, full, out, err);
  if (code != FIRN_OK) {
    firn_while(err, code, "reading the slice '%.*s'", FIRN_ARG(text));
    *full = firn_shape_unknown();
    *out = (firn_slice){.rank = -1};
  }
  return code;
}

const char *firn_slice_text(const firn_slice *slice, char *out) {
  int used = 0;
  out[0] = '\0';
  for (int i = 0; i < slice->rank; i++) {
    const char *colon = i ? ":" : "";
    if (slice->extent[i] < 0)
      used +=
          snprintf(out + used, FIRN_SLICE_TEXT - (size_t)used, "%s-", colon);
    else
      used += snprintf(out + used, FIRN_SLICE_TEXT - (size_t)used,
                       "%s%" PRId64 ",%" PRId64, colon, slice->start[i],
                       slice->extent[i]);
  }
  return out;
}

/* ---- Between the forms -------------------------------------------------- */

firn_code firn_slice_from_proto(const firn_pb_TensorSliceProto *pb,
                                firn_slice *out, firn_error *err) {
  *out = (firn_slice){.rank = 0};
  if (!pb) return FIRN_OK;
  if (pb->extent_count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "slice of %zu axes, more than %d",
                     pb->extent_count, FIRN_MAX_RANK);
  out->rank = (int)pb->extent_count;
  for (int i = 0; i < out->rank; i++) {
    const firn_pb_TensorSliceProto_Extent *axis = pb->extent[i];
    out->start[i] = axis->start;
    out->extent[i] = axis->has_length_hack_case ? axis->length : -1;
  }
  return FIRN_OK;
}

bool firn_slice_is_full(const firn_slice *slice) {
  for (int i = 0; i < slice->rank; i++)
    if (slice->extent[i] != -1 || slice->start[i] != 0) return false;
  return true;
}

firn_slice firn_slice_whole(const firn_shape *shape) {
  firn_slice box = {.rank = shape->rank};
  for (int i = 0; i < shape->rank; i++) box.extent[i] = shape->dims[i];
  return box;
}

firn_shape firn_slice_shape(const firn_slice *slice, const firn_shape *full) {
  firn_shape shape = {.rank = full->rank};
  for (int i = 0; i < full->rank; i++)
    shape.dims[i] = i < slice->rank && slice->extent[i] >= 0 ? slice->extent[i]
                                                             : full->dims[i];
  return shape;
}

firn_code firn_slice_resolve(const firn_slice *slice, const firn_shape *shape,
                             firn_slice *out, firn_error *err) {
  char text[256];
  *out = *slice;
  if (slice->rank != shape->rank)
    return firn_fail(err, FIRN_OUT_OF_RANGE,
                     "slice of %d axes of a tensor of shape %s", slice->rank,
                     firn_shape_text(shape, text));

  for (int i = 0; i < slice->rank; i++) {
    const int64_t start = slice->start[i], dim = shape->dims[i];
    if (slice->extent[i] == -1 && start == 0)
      out->extent[i] = dim;
    else if (start < 0 || slice->extent[i] < 0 || start > dim ||
             slice->extent[i] > dim - start)
      return firn_fail(err, FIRN_OUT_OF_RANGE,
                       "slice starts at %" PRId64 " with extent %" PRId64
                       " on axis %d of shape %s",
                       start, slice->extent[i], i,
                       firn_shape_text(shape, text));
  }
  return FIRN_OK;
}

/* ---- Geometry ----------------------------------------------------------- */

int64_t firn_slice_count(const firn_slice *box) {
  int64_t count = 1;
  for (int i = 0; i < box->rank; i++)
    if (box->extent[i] == 0) return 0; /* whatever the others would give */
  for (int i = 0; i < box->rank; i++) count *= box->extent[i];
  return count;
}

bool firn_slice_equal(const firn_slice *a, const firn_slice *b) {
  if (a->rank != b->rank) return false;
  for (int i = 0; i < a->rank; i++)
    if (a->start[i] != b->start[i] || a->extent[i] != b->extent[i])
      return false;
  return true;
}

bool firn_slice_overlap(const firn_slice *a, const firn_slice *b,
                        firn_slice *out) {
  out->rank = a->rank;
  for (int i = 0; i < a->rank; i++) {
    const int64_t a_end = a->start[i] + a->extent[i];
    const int64_t b_end = b->start[i] + b->extent[i];
    const int64_t end = a_end < b_end ? a_end : b_end;
    out->start[i] = a->start[i] > b->start[i] ? a->start[i] : b->start[i];
    out->extent[i] = end - out->start[i];
    if (out->extent[i] <= 0) return false;
  }
  return true;
}

/* The number of trailing axes on which `inner` is as wide as `outer`. */
static int full_axes(const firn_slice *outer, const firn_slice *inner) {
  int n = 0;
  while (n < inner->rank && inner->extent[inner->rank - 1 - n] ==
                                outer->extent[inner->rank - 1 - n])
    n++;
  return n;
}

/* Elements of `box` before the element at `start`, on as many axes. */
static size_t offset_in(const firn_slice *box, const int64_t *start, int rank) {
  int64_t at = 0;
  for (int i = 0; i < rank; i++)
    at = at * box->extent[i] + (start[i] - box->start[i]);
  return (size_t)at;
}

bool firn_slice_contiguous(const firn_slice *outer, const firn_slice *inner,
                           size_t *at) {
  const int cut_axis = inner->rank - 1 - full_axes(outer, inner);
  for (int i = 0; i < cut_axis; i++)
    if (inner->extent[i] != 1) return false;
  *at = offset_in(outer, inner->start, inner->rank);
  return true;
}

/* Steps `at` to the start of the next run of `part`; the last `inner` axes lie
 * within a run. False after the last. */
static bool next_run(const firn_slice *part, int inner, int64_t *at) {
  for (int i = part->rank - inner - 1; i >= 0; i--) {
    if (++at[i] < part->start[i] + part->extent[i]) return true;
    at[i] = part->start[i];
  }
  return false;
}

bool firn_slice_copy(firn_dtype dtype, const firn_slice *part, void *to,
                     const firn_slice *to_box, const void *from,
                     const firn_slice *from_box) {
  const size_t width = firn_dtype_size(dtype);
  const int to_full = full_axes(to_box, part);
  const int from_full = full_axes(from_box, part);
  const int full = to_full < from_full ? to_full : from_full;
  const int inner = full < part->rank ? full + 1 : full;

  int64_t run = 1, at[FIRN_MAX_RANK];
  for (int i = part->rank - inner; i < part->rank; i++) run *= part->extent[i];
  for (int i = 0; i < part->rank; i++) {
    if (part->extent[i] == 0) return true;
    at[i] = part->start[i];
  }
  do {
    if (!firn_elements_copy(
            dtype, (char *)to + width * offset_in(to_box, at, part->rank),
            (const char *)from + width * offset_in(from_box, at, part->rank),
            (size_t)run))
      return false;
  } while (next_run(part, inner, at));
  return true;
}
