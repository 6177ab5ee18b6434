/* checkpoint/assemble.c: makes one tensor of the stored parts that hold it.
 *
 * A tensor that was saved whole is one part. Of a partitioned one only the
 * parts that meet the wanted box are touched; they must not overlap and must
 * leave nothing out. What a file claims is weighed against its size before
 * there is memory for it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "checkpoint/reader.h"

enum { MOST_PARTS = 1 << 16 }; /* comparing them pair by pair must end */

/* A part that meets the wanted box. */
typedef struct piece {
  firn_slice box; /* within the tensor */
  size_t part;
} piece;

/* One tensor on its way out of the files. */
typedef struct job {
  const firn_checkpoint *ck;
  const firn_record *record;
  firn_checkpoint_entry entry;
  firn_slice box; /* what is wanted */
  firn_arena pieces_arena, scratch;
  piece *pieces;
  size_t count;
  firn_part last; /* the part located last; scratch is its */
} job;

firn_code firn_part_box(const firn_record *record,
                        const firn_checkpoint_entry *entry, size_t part,
                        firn_slice *out, firn_error *err) {
  char text[FIRN_SLICE_TEXT];
  firn_slice slice;
  if (!record->parts) {
    *out = firn_slice_whole(&entry->shape);
    return FIRN_OK;
  }
  FIRN_TRY(firn_slice_from_proto(record->parts->slice[part], &slice, err));
  if (firn_slice_resolve(&slice, &entry->shape, out, err) == FIRN_OK)
    return FIRN_OK;
  return firn_while(err, FIRN_DATA_LOSS, "its part %zu, '%s'", part,
                    firn_slice_text(&slice, text));
}

/* ---- Which parts -------------------------------------------------------- */

/* The boxes whose starts differ most often along an axis are best told apart by
 * looking along that axis. */
static int widest_axis(const job *j) {
  int best = 0;
  size_t most = 0;
  for (int axis = 0; axis < j->box.rank; axis++) {
    size_t narrow = 0;
    for (size_t i = 0; i < j->count; i++)
      narrow += j->pieces[i].box.extent[axis] != j->entry.shape.dims[axis];
    if (narrow > most) {
      most = narrow;
      best = axis;
    }
  }
  return best;
}

/* Sorts by the start on one axis, which qsort has no way to be told. Files list
 * slices in order, so there is little to do. */
static void sort_pieces(const job *j, uint32_t *order, int axis) {
  for (size_t gap = j->count / 2; gap > 0; gap /= 2)
    for (size_t i = gap; i < j->count; i++) {
      const uint32_t moving = order[i];
      const int64_t start = j->pieces[moving].box.start[axis];
      size_t k = i;
      for (; k >= gap && j->pieces[order[k - gap]].box.start[axis] > start;
           k -= gap)
        order[k] = order[k - gap];
      order[k] = moving;
    }
}

static firn_code check_apart(job *j, firn_error *err) {
  char text[2][FIRN_SLICE_TEXT];
  if (j->count < 2) return FIRN_OK;
  const int axis = widest_axis(j);
  uint32_t *order = firn_arena_array(&j->pieces_arena, j->count, sizeof *order);
  if (!order) return firn_oom(err, j->count * sizeof *order);
  for (size_t i = 0; i < j->count; i++) order[i] = (uint32_t)i;
  sort_pieces(j, order, axis);

  for (size_t i = 0; i < j->count; i++) {
    const firn_slice *a = &j->pieces[order[i]].box;
    const int64_t end = a->start[axis] + a->extent[axis];
    for (size_t k = i + 1; k < j->count; k++) {
      const firn_slice *b = &j->pieces[order[k]].box;
      firn_slice common;
      if (b->start[axis] >= end) break;
      if (firn_slice_overlap(a, b, &common))
        return firn_fail(
            err, FIRN_DATA_LOSS, "its slices '%s' and '%s' overlap",
            firn_slice_text(a, text[0]), firn_slice_text(b, text[1]));
    }
  }
  return FIRN_OK;
}

/* Lists the parts that meet the box; they must tile it. */
static firn_code choose_pieces(job *j, firn_error *err) {
  const size_t parts = j->record->parts ? j->record->parts->count : 1;
  const int64_t want = firn_slice_count(&j->box);
  int64_t have = 0;
  if (want == 0) return FIRN_OK;
  if (parts > MOST_PARTS)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "it is stored in %zu slices, more than %d", parts,
                     MOST_PARTS);
  j->pieces = firn_arena_array(&j->pieces_arena, parts, sizeof *j->pieces);
  if (!j->pieces) return firn_oom(err, parts * sizeof *j->pieces);

  for (size_t i = 0; i < parts; i++) {
    piece *p = &j->pieces[j->count];
    firn_slice common;
    FIRN_TRY(firn_part_box(j->record, &j->entry, i, &p->box, err));
    p->part = i;
    if (!firn_slice_overlap(&p->box, &j->box, &common)) continue;
    j->count++;
    /* Too much by far is enough to know. */
    if (firn_add_i64(have, firn_slice_count(&common), &have)) continue;
    have = INT64_MAX;
  }
  FIRN_TRY(check_apart(j, err));
  if (have < want)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "its slices leave out %" PRId64 " of %" PRId64 " elements",
                     want - have, want);
  return FIRN_OK;
}

/* ---- Reading them ------------------------------------------------------- */

static firn_code locate(job *j, const piece *p, firn_error *err) {
  j->last = (firn_part){.box = p->box,
                        .dtype = j->entry.dtype,
                        .count = (size_t)firn_slice_count(&p->box)};
  firn_arena_reset(&j->scratch);
  return j->ck->format->locate(j->ck, j->record, &j->entry, p->part,
                               &j->scratch, &j->last, err);
}

/* All parts must be there and be as large as they should before memory is taken
 * for the whole; nor can they be larger than the files together. */
static firn_code weigh(job *j, firn_error *err) {
  size_t total = 0;
  for (size_t i = 0; i < j->count; i++) {
    FIRN_TRY(locate(j, &j->pieces[i], err));
    if (!firn_add_size(total, j->last.stored, &total)) total = SIZE_MAX;
  }
  if (total > j->ck->file_bytes)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "its slices claim %zu bytes, the files have %zu", total,
                     j->ck->file_bytes);
  return FIRN_OK;
}

static firn_code read_piece(job *j, const piece *p, firn_tensor *to,
                            firn_error *err) {
  const firn_part *part = &j->last;
  firn_slice common;
  firn_tensor *whole = NULL;
  size_t at;
  if (j->count > 1)
    FIRN_TRY(locate(j, p, err)); /* one alone was just weighed */
  if (!firn_slice_overlap(&p->box, &j->box, &common)) return FIRN_OK;

  /* All of it goes to one place: no detour. */
  if (firn_slice_equal(&common, &p->box) &&
      firn_slice_contiguous(&j->box, &common, &at))
    return j->ck->format->read(
        j->ck, part, &j->scratch,
        (char *)to->data + at * firn_dtype_size(part->dtype), err);

  const firn_shape flat = firn_shape_vector((int64_t)part->count);
  FIRN_TRY(
      firn_tensor_make(part->dtype, &flat, &j->ck->env.alloc, &whole, err));
  firn_code code =
      j->ck->format->read(j->ck, part, &j->scratch, whole->data, err);
  if (code == FIRN_OK && !firn_slice_copy(part->dtype, &common, to->data,
                                          &j->box, whole->data, &p->box))
    code = firn_oom(err, part->stored);
  firn_tensor_release(whole);
  return code;
}

/* ---- All of it ---------------------------------------------------------- */

/* What is wanted, within the limits, of a type that can be read. */
static firn_code aim(job *j, const firn_slice *slice, firn_error *err) {
  char text[256];
  int64_t count;
  FIRN_TRY(j->ck->format->describe(j->ck, j->record, &j->entry, err));
  const firn_shape *shape = &j->entry.shape;
  if (!firn_shape_count(shape, &count))
    return firn_fail(err, FIRN_DATA_LOSS,
                     "shape %s has too many elements to count",
                     firn_shape_text(shape, text));
  j->box = firn_slice_whole(shape);
  if (slice) FIRN_TRY(firn_slice_resolve(slice, shape, &j->box, err));
  if (firn_dtype_is_handle(j->entry.dtype))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "its type is %s, whose values firn cannot read from "
                     "checkpoints",
                     firn_dtype_name(j->entry.dtype));
  return FIRN_OK;
}

static firn_code make(job *j, firn_tensor **out, firn_error *err) {
  const firn_shape shape = firn_slice_shape(&j->box, &j->entry.shape);
  const uint64_t limit = j->ck->env.limits.tensor_bytes;
  const uint64_t count = (uint64_t)firn_slice_count(&j->box);
  if (limit && count > limit / firn_dtype_size(j->entry.dtype))
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "%" PRIu64
                     " elements of %s are above the limit of %" PRIu64 " bytes",
                     count, firn_dtype_name(j->entry.dtype), limit);
  const firn_allocator *alloc = &j->ck->env.alloc;
  FIRN_TRY(firn_tensor_make(j->entry.dtype, &shape, alloc, out, err));
  firn_expect_all(alloc, (*out)->data, firn_tensor_bytes(*out));
  return FIRN_OK;
}

static firn_code run(job *j, const firn_slice *slice, firn_tensor **out,
                     firn_error *err) {
  firn_tensor *tensor = NULL;
  FIRN_TRY(aim(j, slice, err));
  FIRN_TRY(choose_pieces(j, err));
  FIRN_TRY(weigh(j, err));
  FIRN_TRY(make(j, &tensor, err));
  for (size_t i = 0; i < j->count; i++) {
    const firn_code code = read_piece(j, &j->pieces[i], tensor, err);
    if (code != FIRN_OK) {
      firn_tensor_release(tensor);
      return code;
    }
  }
  *out = tensor;
  return FIRN_OK;
}

firn_code firn_checkpoint_load(const firn_checkpoint *ck, size_t tensor,
                               const firn_slice *slice, firn_tensor **out,
                               firn_error *err) {
  job j = {.ck = ck, .record = &ck->records[ck->slices + tensor]};
  *out = NULL;
  firn_arena_init(&j.pieces_arena, &ck->env.alloc);
  firn_arena_init(&j.scratch, &ck->env.alloc);
  const firn_code code = run(&j, slice, out, err);
  firn_arena_fini(&j.scratch);
  firn_arena_fini(&j.pieces_arena);
  if (code != FIRN_OK)
    firn_while(err, code, "reading '%.*s' from checkpoint '%s'",
               FIRN_ARG(j.record->name), ck->prefix);
  return code;
}

/* ---- Where it lies ------------------------------------------------------ */

/* The part that is exactly the wanted box, or SIZE_MAX. */
static size_t matching_part(const job *j) {
  const size_t parts = j->record->parts ? j->record->parts->count : 1;
  for (size_t i = 0; i < parts; i++) {
    firn_slice box;
    if (firn_part_box(j->record, &j->entry, i, &box, NULL) == FIRN_OK &&
        firn_slice_equal(&box, &j->box))
      return i;
  }
  return SIZE_MAX;
}

static firn_code find_span(job *j, const firn_slice *slice, firn_span *out,
                           firn_error *err) {
  FIRN_TRY(aim(j, slice, err));
  if (j->ck->format->version != 2 || j->ck->swap ||
      !firn_dtype_is_plain(j->entry.dtype))
    return FIRN_OK;
  const piece p = {.box = j->box, .part = matching_part(j)};
  if (p.part == SIZE_MAX) return FIRN_OK;
  FIRN_TRY(locate(j, &p, err));
  *out = j->last.span;
  return FIRN_OK;
}

firn_code firn_checkpoint_span(const firn_checkpoint *ck, size_t tensor,
                               const firn_slice *slice, firn_span *out,
                               firn_error *err) {
  job j = {.ck = ck, .record = &ck->records[ck->slices + tensor]};
  *out = (firn_span){.file = NULL};
  firn_arena_init(&j.scratch, &ck->env.alloc);
  const firn_code code = find_span(&j, slice, out, err);
  firn_arena_fini(&j.scratch);
  if (code != FIRN_OK)
    firn_while(err, code, "reading '%.*s' from checkpoint '%s'",
               FIRN_ARG(j.record->name), ck->prefix);
  return code;
}
