/* checkpoint/saved_slices_write.c: V1 checkpoints: one table that holds names
 * and values.
 *
 * The first key of the table lists all tensors, and the others are sorted, so
 * nothing of it can be written before everything is known. Values wait as
 * finished messages in a file without a name that anybody would look for.
 */
#include "checkpoint/table_writer.h"
#include "checkpoint/writer.h"
#include "tensor/tensor_proto.h"

enum { CHECKPOINT_VERSION = 1 }; /* as a producer */

/* TensorFlow has no larger messages. */
#define MOST_BYTES (UINT64_C(1) << 31)

/* What TensorFlow 2.21 saves in V1. */
static const firn_dtypes types =
    FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) | FIRN_BIT(FIRN_HALF) |
    FIRN_SIGNED_INTS | FIRN_BIT(FIRN_UINT8) | FIRN_BIT(FIRN_UINT16) |
    FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING) | FIRN_COMPLEXES |
    FIRN_BIT(FIRN_QINT8) | FIRN_BIT(FIRN_QUINT8) | FIRN_BIT(FIRN_QINT32);

/* ---- Values ------------------------------------------------------------- */

/* The elements in their typed field; a TensorProto without type and shape. */
static firn_code values_of(const firn_tensor *tensor, firn_arena *arena,
                           firn_pb_TensorProto **out, firn_error *err) {
  firn_pb_TensorProto *pb = NULL;
  FIRN_TRY(firn_tensor_to_typed_proto(tensor, arena, &pb, err));
  pb->dtype = 0;
  pb->tensor_shape = NULL;
  *out = pb;
  return FIRN_OK;
}

static firn_code sink_put(void *ud, const void *data, size_t size,
                          firn_error *err) {
  return firn_writer_put(ud, data, size, err);
}

static firn_code write_value(firn_checkpoint_writer *w,
                             const firn_tensor *tensor, const firn_saved *saved,
                             const firn_saved_part *part, firn_arena *arena,
                             firn_error *err) {
  firn_pb_SavedSlice slice = {.name = saved->name};
  const firn_pb_SavedTensorSlices message = {.data = &slice};
  const firn_pb_type *type = &firn_pb_type_SavedTensorSlices;
  uint64_t size = 0;
  FIRN_TRY(firn_slice_to_proto(&part->slice, arena, &slice.slice, err));
  FIRN_TRY(values_of(tensor, arena, &slice.data, err));
  FIRN_TRY(firn_pb_size(type, &message, &size, err));
  if (size >= MOST_BYTES)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "its message takes %llu bytes, version 1 ends at 2 GB; "
                     "write version 2",
                     (unsigned long long)size);
  return firn_pb_write(type, &message, (firn_sink){sink_put, w->files[0]}, err);
}

static firn_code put(firn_checkpoint_writer *w, const firn_tensor *tensor,
                     const firn_saved *saved, firn_saved_part *part,
                     firn_error *err) {
  firn_arena arena;
  if (!(types & FIRN_BIT(tensor->dtype)))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "checkpoints of version 1 have no values of type %s",
                     firn_dtype_name(tensor->dtype));
  firn_arena_init(&arena, &w->env.alloc);
  part->place.offset = firn_writer_size(w->files[0]);
  const firn_code code = write_value(w, tensor, saved, part, &arena, err);
  part->place.size = firn_writer_size(w->files[0]) - part->place.offset;
  firn_arena_fini(&arena);
  return code;
}

/* ---- The list of tensors ------------------------------------------------ */

static firn_code describe(firn_checkpoint_writer *w, const firn_saved *saved,
                          firn_pb_SavedSliceMeta **out, firn_error *err) {
  firn_pb_SavedSliceMeta *meta =
      firn_pb_new(&firn_pb_type_SavedSliceMeta, &w->arena);
  if (!meta) return firn_oom(err, sizeof *meta);
  meta->name = saved->name;
  meta->type = saved->dtype;
  FIRN_TRY(firn_shape_to_proto(&saved->shape, &w->arena, &meta->shape, err));
  meta->slice =
      firn_arena_array(&w->arena, saved->count + 1, sizeof *meta->slice);
  if (!meta->slice) return firn_oom(err, saved->count * sizeof *meta->slice);
  meta->slice_count = saved->count;
  for (size_t i = 0; i < saved->count; i++)
    FIRN_TRY(firn_slice_to_proto(&saved->parts[i].slice, &w->arena,
                                 &meta->slice[i], err));
  *out = meta;
  return FIRN_OK;
}

static firn_code list_tensors(firn_checkpoint_writer *w, firn_buf *out,
                              firn_error *err) {
  firn_pb_VersionDef version = {.producer = CHECKPOINT_VERSION};
  firn_pb_SavedTensorSliceMeta meta = {.versions = &version};
  const firn_pb_SavedTensorSlices message = {.meta = &meta};
  firn_saved **sorted = firn_saved_by_name(w);
  meta.tensor = firn_arena_array(&w->arena, w->count + 1, sizeof *meta.tensor);
  if (!sorted || !meta.tensor)
    return firn_oom(err, w->count * sizeof *meta.tensor);
  meta.tensor_count = w->count;
  for (size_t i = 0; i < w->count; i++)
    FIRN_TRY(describe(w, sorted[i], &meta.tensor[i], err));
  return firn_pb_write(&firn_pb_type_SavedTensorSlices, &message,
                       firn_sink_buf(out), err);
}

/* ---- The table ---------------------------------------------------------- */

/* Moves a value from the waiting file into the table. */
static firn_code put_value(firn_table_writer *table, const firn_saved_key *key,
                           const firn_file *values, firn_error *err) {
  const firn_place *place = &key->part->place;
  const size_t size = (size_t)place->size;
  firn_buf *out = NULL;
  FIRN_TRY(firn_table_begin(table, key->key, size, &out, err));
  uint8_t *room = firn_buf_grow(out, size);
  if (!room) return firn_oom(err, size);
  FIRN_TRY(firn_file_pread(values, place->offset, room, size, err));
  return firn_table_end(table, err);
}

static firn_code put_table(firn_checkpoint_writer *w, const firn_file *values,
                           firn_writer *file, firn_error *err) {
  firn_saved_key *keys = NULL;
  size_t count = 0;
  firn_table_writer table;
  firn_buf list;
  FIRN_TRY(firn_saved_part_keys(w, &keys, &count, err));
  firn_buf_init(&list, &w->env.alloc);
  firn_table_writer_init(&table, file, &w->env.alloc);

  firn_code code = list_tensors(w, &list, err);
  if (code == FIRN_OK && list.failed) code = firn_oom(err, list.size);
  if (code == FIRN_OK)
    code = firn_table_put(&table, FIRN_STR(""),
                          (firn_bytes){list.data, list.size}, err);
  firn_buf_fini(&list);
  for (size_t i = 0; i < count && code == FIRN_OK; i++)
    code = put_value(&table, &keys[i], values, err);
  if (code == FIRN_OK) code = firn_table_finish(&table, err);
  firn_table_writer_fini(&table);
  return code;
}

static firn_code commit(firn_checkpoint_writer *w, firn_error *err) {
  firn_writer *file = NULL;
  firn_file *values = NULL;
  FIRN_TRY(firn_writer_settle(w->files[0], false, err));
  FIRN_TRY(firn_file_open(firn_writer_temp(w->files[0]), &w->env.alloc, &values,
                          err));
  firn_code code = firn_writer_create(w->prefix, &w->env.alloc, &file, err);
  if (code == FIRN_OK) code = put_table(w, values, file, err);
  firn_file_close(values);
  if (code == FIRN_OK) return firn_writer_commit(file, w->sync, err);
  firn_writer_abandon(file);
  return code;
}

const firn_write_format firn_saved_slices_write_format = {.put = put,
                                                          .commit = commit};
