/* checkpoint/bundle.c: opens a V2 checkpoint, or tensor bundle, and finds what
 * lies where in it.
 *
 * The index file is a table: under the empty key a header, then under the key
 * of each slice and the name of each tensor an entry: type, shape, shard,
 * offset, size and checksum. A tensor that was saved in slices has an entry
 * without data that lists them. docs/formats/bundle.md has the bytes;
 * bundle_read.c reads elements.
 */
#include <inttypes.h>

#include "checkpoint/bundle_entry.h"
#include "checkpoint/bundle_read.h"
#include "checkpoint/ordered_code.h"
#include "checkpoint/reader.h"

enum { BUNDLE_VERSION = 1 }; /* what firn reads, as a consumer */

/* ---- Opening ------------------------------------------------------------ */

static firn_code check_version(const firn_pb_VersionDef *version,
                               firn_error *err) {
  if (!version) return FIRN_OK;
  if (version->min_consumer > BUNDLE_VERSION)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "written for readers of version %d, firn is of version %d",
                     version->min_consumer, BUNDLE_VERSION);
  for (size_t i = 0; i < version->bad_consumers_count; i++)
    if (version->bad_consumers[i] == BUNDLE_VERSION)
      return firn_fail(err, FIRN_UNIMPLEMENTED,
                       "its writer bars readers of version %d", BUNDLE_VERSION);
  return FIRN_OK;
}

static bool machine_is_big(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 0;
}

static firn_code read_header(firn_checkpoint *ck, const firn_cursor *at,
                             firn_error *err) {
  void *parsed = NULL;
  if (at->end || at->key.size)
    return firn_fail(err, FIRN_DATA_LOSS, "the index has no header");
  FIRN_TRY(firn_pb_parse(&firn_pb_type_BundleHeaderProto, at->value,
                         &ck->env.limits, &ck->arena, &parsed, err));
  const firn_pb_BundleHeaderProto *header = parsed;
  if (header->num_shards < 1)
    return firn_fail(err, FIRN_DATA_LOSS, "the header counts %d shards",
                     header->num_shards);
  if (header->endianness != FIRN_PB_BundleHeaderProto_Endianness_LITTLE &&
      header->endianness != FIRN_PB_BundleHeaderProto_Endianness_BIG)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the header names byte order %d, wanted 0 or 1",
                     header->endianness);
  ck->num_shards = header->num_shards;
  ck->swap = machine_is_big() !=
             (header->endianness == FIRN_PB_BundleHeaderProto_Endianness_BIG);
  return check_version(header->version, err);
}

/* The slices of a partitioned tensor, parsed once: there are few of them. */
static firn_code add_parts(firn_checkpoint *ck, firn_record *record,
                           firn_error *err) {
  void *parsed = NULL;
  FIRN_TRY(firn_pb_parse(&firn_pb_type_BundleEntryProto, record->entry,
                         &ck->env.limits, &ck->arena, &parsed, err));
  const firn_pb_BundleEntryProto *entry = parsed;
  firn_parts *parts = firn_arena_zeroed(&ck->arena, sizeof *parts);
  if (!parts) return firn_oom(err, sizeof *parts);
  parts->count = entry->slices_count;
  parts->slice = entry->slices;
  record->parts = parts;
  return FIRN_OK;
}

static firn_code add_entry(firn_checkpoint *ck, const firn_cursor *at,
                           firn_error *err) {
  firn_bundle_entry entry;
  const firn_str last =
      ck->count ? ck->records[ck->count - 1].name : FIRN_STR("");
  if (firn_str_compare(last, at->key) >= 0)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the keys of the index are not in order at '%.*s'",
                     FIRN_ARG(at->key));
  if (!firn_bundle_entry_parse(at->value, &entry))
    return firn_fail(err, FIRN_DATA_LOSS, "the entry of '%.*s' is damaged",
                     FIRN_ARG(at->key));

  firn_record *record = firn_checkpoint_add(ck);
  if (!record) return firn_oom(err, sizeof *record);
  record->name = at->key;
  record->entry = at->value;
  if (at->key.data[0] == 0) ck->slices = ck->count;
  if (entry.slices) return add_parts(ck, record, err);

  /* A shard without a tensor need not exist; one out of range is reported when
   * the tensor is read. */
  if (entry.size > 0 && entry.shard >= 0 && entry.shard < ck->num_shards)
    return firn_checkpoint_add_shard(ck, entry.shard, err);
  return FIRN_OK;
}

static firn_code read_index(firn_checkpoint *ck, firn_error *err) {
  firn_sstable table;
  firn_cursor at;
  FIRN_TRY(firn_sstable_open(ck->index->bytes, true, &ck->arena, &table, err));
  FIRN_TRY(firn_cursor_first(&at, &table, &ck->arena, err));
  FIRN_TRY(read_header(ck, &at, err));
  for (;;) {
    FIRN_TRY(firn_cursor_next(&at, err));
    if (at.end) return FIRN_OK;
    FIRN_TRY(add_entry(ck, &at, err));
  }
}

static firn_code open_shards(firn_checkpoint *ck, firn_error *err) {
  for (size_t i = 0; i < ck->shard_count; i++) {
    firn_shard *shard = &ck->shards[i];
    const firn_str path =
        firn_arena_printf(&ck->arena, "%s.data-%05d-of-%05d", ck->prefix,
                          shard->id, ck->num_shards);
    if (!path.data) return firn_oom(err, strlen(ck->prefix));
    shard->path = path.data;
    FIRN_TRY(firn_file_open(shard->path, &ck->env.alloc, &shard->file, err));
    ck->file_bytes += shard->file->bytes.size;
  }
  return FIRN_OK;
}

firn_code firn_bundle_open(firn_checkpoint *ck, const char *index_path,
                           firn_error *err) {
  FIRN_TRY(firn_file_open(index_path, &ck->env.alloc, &ck->index, err));
  const firn_code code = read_index(ck, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "reading index '%s'", index_path);
  return open_shards(ck, err);
}

/* ---- Finding ------------------------------------------------------------ */

/* Type and shape of an entry. A type that TensorFlow got after firn was written
 * can be listed, but not read. */
static firn_code look(const firn_bundle_entry *entry, firn_dtype *dtype,
                      firn_shape *shape, firn_error *err) {
  *dtype = FIRN_INVALID;
  FIRN_TRY(firn_bundle_shape_parse(entry->shape, shape, err));
  if (entry->dtype <= FIRN_INVALID || firn_dtype_is_ref(entry->dtype) ||
      !firn_dtype_valid(entry->dtype))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "its type number %d is none that firn knows",
                     entry->dtype);
  *dtype = (firn_dtype)entry->dtype;
  return FIRN_OK;
}

static firn_code describe(const firn_checkpoint *ck, const firn_record *record,
                          firn_checkpoint_entry *out, firn_error *err) {
  firn_bundle_entry entry;
  FIRN_UNUSED(ck);
  *out = (firn_checkpoint_entry){.name = record->name,
                                 .shape = firn_shape_unknown()};
  if (!firn_bundle_entry_parse(record->entry, &entry))
    return firn_fail(err, FIRN_DATA_LOSS, "its entry is damaged");
  out->slices = record->parts ? record->parts->count : 0;
  return look(&entry, &out->dtype, &out->shape, err);
}

/* The entry of one slice, which has a key of its own. */
static firn_code find_slice(const firn_checkpoint *ck,
                            const firn_record *record,
                            const firn_checkpoint_entry *whole, size_t part,
                            firn_bundle_entry *out, firn_error *err) {
  char text[FIRN_SLICE_TEXT], have[256], want[256];
  firn_slice slice;
  firn_shape shape;
  firn_dtype dtype;
  firn_buf key;
  FIRN_TRY(firn_slice_from_proto(record->parts->slice[part], &slice, err));
  firn_slice_text(&slice, text);

  firn_buf_init(&key, &ck->env.alloc);
  firn_slice_key(&key, record->name, &slice);
  const bool failed = key.failed;
  const size_t at = firn_checkpoint_search(
      ck, 0, ck->slices, (firn_str){(const char *)key.data, key.size});
  firn_buf_fini(&key);
  if (failed) return firn_oom(err, record->name.size);
  if (at == SIZE_MAX)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the index lacks the entry of its slice '%s'", text);

  if (!firn_bundle_entry_parse(ck->records[at].entry, out) || out->slices)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the entry of its slice '%s' is damaged", text);
  const firn_code code = look(out, &dtype, &shape, err);
  if (code != FIRN_OK) return firn_while(err, code, "slice '%s'", text);
  const firn_shape wanted = firn_slice_shape(&slice, &whole->shape);
  if (dtype != whole->dtype || !firn_shape_equal(&shape, &wanted))
    return firn_fail(
        err, FIRN_DATA_LOSS, "its slice '%s' is %s %s, not %s %s", text,
        firn_dtype_name(dtype), firn_shape_text(&shape, have),
        firn_dtype_name(whole->dtype), firn_shape_text(&wanted, want));
  return FIRN_OK;
}

/* Whether what the entry says of its bytes fits its elements and its shard. */
static firn_code check_place(const firn_checkpoint *ck,
                             const firn_bundle_entry *entry, firn_part *part,
                             firn_error *err) {
  const size_t width = firn_dtype_size(part->dtype);
  size_t want = part->count;
  const bool fits = !firn_dtype_is_plain(part->dtype) ||
                    firn_mul_size(part->count, width, &want);
  const uint64_t size = (uint64_t)entry->size;
  if (firn_dtype_is_plain(part->dtype) ? !fits || size != want : size < want)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "its entry says %" PRId64
                     " bytes, %zu elements of %s take %s%zu",
                     entry->size, part->count, firn_dtype_name(part->dtype),
                     firn_dtype_is_plain(part->dtype) ? "" : "at least ",
                     fits ? want : SIZE_MAX);
  if (entry->size == 0) return FIRN_OK;

  if (entry->shard < 0 || entry->shard >= ck->num_shards)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "its entry says shard %d, the header counts %d",
                     entry->shard, ck->num_shards);
  const firn_shard *shard = firn_checkpoint_shard(ck, entry->shard);
  const size_t end = shard->file->bytes.size;
  if (entry->offset < 0 || (uint64_t)entry->offset > end ||
      size > end - (uint64_t)entry->offset)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "%" PRId64 " bytes at offset %" PRId64
                     " run past the end of '%s' (%zu)",
                     entry->size, entry->offset, shard->path, end);
  part->stored = (size_t)size;
  part->span = (firn_span){.file = shard->file,
                           .offset = (size_t)entry->offset,
                           .size = (size_t)size,
                           .crc = firn_bundle_crc(entry->crc)};
  return FIRN_OK;
}

static firn_code locate(const firn_checkpoint *ck, const firn_record *record,
                        const firn_checkpoint_entry *whole, size_t part,
                        firn_arena *scratch, firn_part *out, firn_error *err) {
  firn_bundle_entry entry;
  FIRN_UNUSED(scratch);
  if (record->parts)
    FIRN_TRY(find_slice(ck, record, whole, part, &entry, err));
  else if (!firn_bundle_entry_parse(record->entry, &entry))
    return firn_fail(err, FIRN_DATA_LOSS, "its entry is damaged");
  return check_place(ck, &entry, out, err);
}

const firn_format firn_bundle_format = {
    .version = 2,
    .describe = describe,
    .locate = locate,
    .read = firn_bundle_read,
};
