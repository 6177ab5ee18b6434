/* checkpoint/saved_slices.c: V1 checkpoints: tables that hold the values too.
 *
 * Under the empty key lies a SavedTensorSlices message with the metadata of
 * every tensor in the file; under the key of each slice one with its elements,
 * as a TensorProto that has neither type nor shape. A tensor that was saved
 * whole is one slice of whole axes. A sharded checkpoint is several such files,
 * and slices of one tensor may lie in different ones.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "checkpoint/ordered_code.h"
#include "checkpoint/reader.h"
#include "tensor/tensor_proto.h"

enum { CHECKPOINT_VERSION = 1 }; /* what firn reads, as a consumer */

/* ---- Opening ------------------------------------------------------------ */

static firn_code check_version(const firn_pb_VersionDef *version,
                               firn_error *err) {
  if (!version || version->min_consumer <= CHECKPOINT_VERSION) return FIRN_OK;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "written for readers of version %d, firn is of version %d",
                   version->min_consumer, CHECKPOINT_VERSION);
}

/* One file's word on one tensor. */
typedef struct mention {
  const firn_pb_SavedSliceMeta *meta;
  uint32_t file;
} mention;

typedef struct mentions {
  mention *item;
  size_t count;
} mentions;

static firn_code read_meta(firn_checkpoint *ck, const firn_sstable *table,
                           const firn_pb_SavedTensorSliceMeta **out,
                           firn_error *err) {
  firn_cursor at;
  void *parsed = NULL;
  FIRN_TRY(firn_cursor_first(&at, table, &ck->arena, err));
  if (at.end || at.key.size)
    return firn_fail(err, FIRN_DATA_LOSS, "the table has no list of tensors");
  FIRN_TRY(firn_pb_parse(&firn_pb_type_SavedTensorSlices, at.value,
                         &ck->env.limits, &ck->arena, &parsed, err));
  *out = ((const firn_pb_SavedTensorSlices *)parsed)->meta;
  if (!*out)
    return firn_fail(err, FIRN_DATA_LOSS, "the table has no list of tensors");
  return check_version((*out)->versions, err);
}

static firn_code open_file(firn_checkpoint *ck, firn_shard *shard,
                           mentions *found, firn_error *err) {
  const firn_pb_SavedTensorSliceMeta *meta = NULL;
  FIRN_TRY(firn_sstable_open(shard->file->bytes, !ck->env.skip_checksums,
                             &ck->arena, &shard->table, err));
  FIRN_TRY(read_meta(ck, &shard->table, &meta, err));

  const size_t count = found->count + meta->tensor_count;
  mention *item = firn_arena_array(&ck->arena, count, sizeof *item);
  if (!item) return firn_oom(err, count);
  if (found->count) memcpy(item, found->item, found->count * sizeof *item);
  for (size_t i = 0; i < meta->tensor_count; i++)
    item[found->count + i] = (mention){meta->tensor[i], (uint32_t)shard->id};
  *found = (mentions){item, count};
  return FIRN_OK;
}

static int by_name(const void *a, const void *b) {
  const mention *ma = a, *mb = b;
  const int order = firn_str_compare(ma->meta->name, mb->meta->name);
  if (order) return order;
  return (ma->file > mb->file) - (ma->file < mb->file);
}

/* All files that mention a tensor must mean the same one. */
static firn_code check_agree(const mention *a, const mention *b,
                             firn_error *err) {
  if (a->meta->type == b->meta->type &&
      (a->meta->shape == b->meta->shape ||
       (a->meta->shape && b->meta->shape &&
        firn_pb_equal(&firn_pb_type_TensorShapeProto, a->meta->shape,
                      b->meta->shape))))
    return FIRN_OK;
  return firn_fail(err, FIRN_DATA_LOSS,
                   "'%.*s' has different types or shapes in different places",
                   FIRN_ARG(a->meta->name));
}

/* Makes one record of `count` mentions of one name. */
static firn_code add_tensor(firn_checkpoint *ck, const mention *m, size_t count,
                            firn_error *err) {
  size_t slices = 0;
  for (size_t i = 0; i < count; i++) {
    slices += m[i].meta->slice_count;
    if (i) FIRN_TRY(check_agree(&m[0], &m[i], err));
  }

  firn_record *record = firn_checkpoint_add(ck);
  firn_parts *parts = firn_arena_zeroed(&ck->arena, sizeof *parts);
  if (!record || !parts) return firn_oom(err, sizeof *record);
  parts->slice = firn_arena_array(&ck->arena, slices, sizeof *parts->slice);
  parts->file = firn_arena_array(&ck->arena, slices, sizeof *parts->file);
  if (!parts->slice || !parts->file) return firn_oom(err, slices);
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < m[i].meta->slice_count; k++) {
      parts->slice[parts->count] = m[i].meta->slice[k];
      parts->file[parts->count++] = m[i].file;
    }
  record->name = m[0].meta->name;
  record->meta = m[0].meta;
  record->parts = parts;
  return FIRN_OK;
}

static firn_code add_tensors(firn_checkpoint *ck, mentions *found,
                             firn_error *err) {
  if (found->count)
    qsort(found->item, found->count, sizeof *found->item, by_name);
  for (size_t i = 0, end; i < found->count; i = end) {
    for (end = i + 1; end < found->count; end++)
      if (!firn_str_eq(found->item[i].meta->name, found->item[end].meta->name))
        break;
    FIRN_TRY(add_tensor(ck, &found->item[i], end - i, err));
  }
  return FIRN_OK;
}

firn_code firn_saved_slices_open(firn_checkpoint *ck, const char *const *paths,
                                 size_t count, firn_error *err) {
  mentions found = {NULL, 0};
  for (size_t i = 0; i < count; i++) {
    FIRN_TRY(firn_checkpoint_add_shard(ck, (int32_t)i, err));
    firn_shard *shard = &ck->shards[i];
    shard->path = firn_arena_cstr(&ck->arena, firn_str_of(paths[i]));
    if (!shard->path) return firn_oom(err, strlen(paths[i]));
    FIRN_TRY(firn_file_open(shard->path, &ck->env.alloc, &shard->file, err));
    ck->file_bytes += shard->file->bytes.size;

    const firn_code code = open_file(ck, shard, &found, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "reading '%s'", shard->path);
  }
  return add_tensors(ck, &found, err);
}

/* ---- Finding ------------------------------------------------------------ */

static firn_code look(const firn_pb_SavedSliceMeta *meta,
                      firn_checkpoint_entry *out, firn_error *err) {
  const firn_code code = firn_shape_from_proto(meta->shape, &out->shape, err);
  if (code != FIRN_OK) {
    out->shape = firn_shape_unknown();
    return firn_while(err,
                      code == FIRN_INVALID_ARGUMENT ? FIRN_DATA_LOSS : code,
                      "its shape");
  }
  if (!firn_shape_known(&out->shape)) {
    out->shape = firn_shape_unknown();
    return firn_fail(err, FIRN_DATA_LOSS, "its shape is not fully known");
  }
  if (meta->type <= FIRN_INVALID || firn_dtype_is_ref(meta->type) ||
      !firn_dtype_valid(meta->type))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "its type number %d is none that firn knows", meta->type);
  out->dtype = (firn_dtype)meta->type;
  return FIRN_OK;
}

static firn_code describe(const firn_checkpoint *ck, const firn_record *record,
                          firn_checkpoint_entry *out, firn_error *err) {
  firn_slice slice;
  FIRN_UNUSED(ck);
  *out = (firn_checkpoint_entry){.name = record->name,
                                 .shape = firn_shape_unknown(),
                                 .slices = record->parts->count};
  if (record->parts->count == 1 &&
      firn_slice_from_proto(record->parts->slice[0], &slice, NULL) == FIRN_OK &&
      firn_slice_is_full(&slice))
    out->slices = 0;
  return look(record->meta, out, err);
}

static firn_code locate(const firn_checkpoint *ck, const firn_record *record,
                        const firn_checkpoint_entry *entry, size_t part,
                        firn_arena *scratch, firn_part *out, firn_error *err) {
  const firn_shard *shard =
      firn_checkpoint_shard(ck, (int32_t)record->parts->file[part]);
  char text[FIRN_SLICE_TEXT];
  firn_slice slice;
  firn_cursor at;
  firn_buf key;
  FIRN_UNUSED(entry);
  FIRN_TRY(firn_slice_from_proto(record->parts->slice[part], &slice, err));

  firn_buf_init(&key, &ck->env.alloc);
  firn_slice_key(&key, record->name, &slice);
  const firn_str want = {(const char *)key.data, key.size};
  firn_code code =
      key.failed ? firn_oom(err, record->name.size)
                 : firn_cursor_seek(&at, &shard->table, scratch, want, err);
  if (code == FIRN_OK && (at.end || !firn_str_eq(at.key, want)))
    code = firn_fail(err, FIRN_DATA_LOSS, "'%s' lacks its slice '%s'",
                     shard->path, firn_slice_text(&slice, text));
  firn_buf_fini(&key);
  FIRN_TRY(code);

  out->value = at.value;
  out->stored = at.value.size;
  /* However they are written, elements take a byte each at least. */
  if (out->count > out->stored)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "%zu elements cannot lie in the %zu bytes stored",
                     out->count, out->stored);
  return FIRN_OK;
}

/* ---- Reading ------------------------------------------------------------ */

/* The number of elements in the field where a type lies. */
static size_t value_count(const firn_pb_TensorProto *data, firn_dtype dtype) {
  switch (dtype) {
    case FIRN_FLOAT: return data->float_val_count;
    case FIRN_DOUBLE: return data->double_val_count;
    case FIRN_STRING: return data->string_val_count;
    case FIRN_COMPLEX64: return data->scomplex_val_count / 2;
    case FIRN_COMPLEX128: return data->dcomplex_val_count / 2;
    case FIRN_INT64: return data->int64_val_count;
    case FIRN_BOOL: return data->bool_val_count;
    case FIRN_UINT32: return data->uint32_val_count;
    case FIRN_UINT64: return data->uint64_val_count;
    case FIRN_HALF:
    case FIRN_BFLOAT16: return data->half_val_count;
    default: return data->int_val_count;
  }
}

static firn_code unpack(const firn_checkpoint *ck, const firn_part *part,
                        firn_pb_TensorProto *data, firn_arena *scratch,
                        firn_tensor **out, firn_error *err) {
  const firn_shape shape = {.rank = 1, .dims = {(int64_t)part->count}};
  data->dtype = (int32_t)part->dtype;
  FIRN_TRY(firn_shape_to_proto(&shape, scratch, &data->tensor_shape, err));
  return firn_tensor_from_proto(data, &ck->env, out, err);
}

static firn_code read_part(const firn_checkpoint *ck, const firn_part *part,
                           firn_arena *scratch, void *to, firn_error *err) {
  firn_tensor *tensor = NULL;
  void *parsed = NULL;
  if (part->count == 0) return FIRN_OK;
  FIRN_TRY(firn_pb_parse(&firn_pb_type_SavedTensorSlices, part->value,
                         &ck->env.limits, scratch, &parsed, err));
  const firn_pb_SavedSlice *saved =
      ((const firn_pb_SavedTensorSlices *)parsed)->data;
  if (!saved || !saved->data)
    return firn_fail(err, FIRN_DATA_LOSS, "its slice has no elements");

  /* In other places elements may be left out; here all of them are there. */
  firn_pb_TensorProto data = *saved->data;
  const size_t have = value_count(&data, part->dtype);
  if (have != part->count)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "its slice has %zu elements of %s, not %zu", have,
                     firn_dtype_name(part->dtype), part->count);
  FIRN_TRY(unpack(ck, part, &data, scratch, &tensor, err));
  const bool done = firn_elements_copy(
      part->dtype, to, firn_tensor_const_data(tensor), part->count);
  firn_tensor_release(tensor);
  return done ? FIRN_OK : firn_oom(err, part->stored);
}

const firn_format firn_saved_slices_format = {
    .version = 1,
    .describe = describe,
    .locate = locate,
    .read = read_part,
};
