/* checkpoint/bundle_write.c: the data files and index of a V2 checkpoint.
 *
 * Tensors lie one after the other without gaps, in the order in which they were
 * added; strings as all their lengths, a checksum of the lengths, and all their
 * bytes. docs/formats/bundle.md has the layout.
 */
#include "checkpoint/bundle_write.h"

#include "base/crc32c.h"
#include "checkpoint/table_writer.h"
#include "tensor/tensor_proto.h"

enum { LENGTHS_AT_ONCE = 4096 }; /* bytes of lengths, written together */

/* ---- Elements ----------------------------------------------------------- */

static firn_code put_bytes(firn_writer *file, const void *data, size_t size,
                           uint32_t *crc, firn_error *err) {
  const uint8_t *bytes = data;
  for (size_t done = 0; done < size;) {
    const size_t part = firn_writer_step(file, size - done);
    *crc = firn_crc32c_extend(*crc, bytes + done, part);
    FIRN_TRY(firn_writer_put(file, bytes + done, part, err));
    done += part;
  }
  return FIRN_OK;
}

/* The checksum takes a length as four bytes, or eight when it needs them. */
static uint32_t hash_length(uint32_t crc, uint64_t length) {
  const uint32_t small = (uint32_t)length;
  return length <= UINT32_MAX ? firn_crc32c_extend(crc, &small, sizeof small)
                              : firn_crc32c_extend(crc, &length, sizeof length);
}

static firn_code put_lengths(firn_writer *file, const firn_tensor *tensor,
                             firn_buf *buf, uint32_t *crc, firn_error *err) {
  for (size_t i = 0; i < tensor->count; i++) {
    const uint64_t length = firn_tensor_string(tensor, i).size;
    *crc = hash_length(*crc, length);
    firn_put_varint(buf, length);
    if (buf->size < LENGTHS_AT_ONCE && i + 1 < tensor->count) continue;
    if (buf->failed) return firn_oom(err, buf->size);
    FIRN_TRY(firn_writer_put(file, buf->data, buf->size, err));
    buf->size = 0;
  }
  return FIRN_OK;
}

static firn_code put_strings(firn_writer *file, const firn_tensor *tensor,
                             const firn_allocator *alloc, uint32_t *crc,
                             firn_error *err) {
  firn_buf buf;
  firn_buf_init(&buf, alloc);
  firn_code code = put_lengths(file, tensor, &buf, crc, err);
  firn_buf_fini(&buf);
  FIRN_TRY(code);
  const uint32_t masked = firn_crc32c_mask(*crc);
  FIRN_TRY(put_bytes(file, &masked, sizeof masked, crc, err));
  for (size_t i = 0; i < tensor->count; i++) {
    const firn_str text = firn_tensor_string(tensor, i);
    FIRN_TRY(put_bytes(file, text.data, text.size, crc, err));
  }
  return FIRN_OK;
}

static firn_code put(firn_checkpoint_writer *w, const firn_tensor *tensor,
                     const firn_saved *saved, firn_saved_part *part,
                     firn_error *err) {
  firn_writer *file = w->files[w->shard];
  firn_place *place = &part->place;
  FIRN_UNUSED(saved);
  *place = (firn_place){.shard = w->shard, .offset = firn_writer_size(file)};
  const firn_code code =
      tensor->dtype == FIRN_STRING
          ? put_strings(file, tensor, &w->env.alloc, &place->crc, err)
          : put_bytes(file, tensor->data, firn_tensor_bytes(tensor),
                      &place->crc, err);
  place->size = firn_writer_size(file) - place->offset;
  return code;
}

/* ---- The index ---------------------------------------------------------- */

/* The entry of bytes: of a whole tensor, or of a slice. */
static firn_code part_line(firn_checkpoint_writer *w, const firn_saved *saved,
                           const firn_saved_part *part, firn_bytes *out,
                           firn_error *err) {
  firn_pb_BundleEntryProto entry = {
      .dtype = saved->dtype,
      .shard_id = part->place.shard,
      .offset = (int64_t)part->place.offset,
      .size = (int64_t)part->place.size,
      .crc32c = firn_crc32c_mask(part->place.crc)};
  firn_shape shape = saved->shape;
  if (!saved->whole) shape = firn_slice_shape(&part->slice, &shape);
  FIRN_TRY(firn_shape_to_proto(&shape, &w->arena, &entry.shape, err));
  return firn_bundle_entry_bytes(&entry, &w->arena, out, err);
}

/* The entry of a tensor in slices. Nothing lies there, but TensorFlow's merging
 * says where the first part is. */
static firn_code slices_line(firn_checkpoint_writer *w, const firn_saved *saved,
                             firn_bytes *out, firn_error *err) {
  firn_pb_BundleEntryProto entry = {.dtype = saved->dtype,
                                    .shard_id = saved->parts[0].place.shard};
  FIRN_TRY(firn_shape_to_proto(&saved->shape, &w->arena, &entry.shape, err));
  entry.slices =
      firn_arena_array(&w->arena, saved->count + 1, sizeof *entry.slices);
  if (!entry.slices) return firn_oom(err, saved->count * sizeof *entry.slices);
  entry.slices_count = saved->count;
  for (size_t i = 0; i < saved->count; i++)
    FIRN_TRY(firn_slice_to_proto(&saved->parts[i].slice, &w->arena,
                                 &entry.slices[i], err));
  return firn_bundle_entry_bytes(&entry, &w->arena, out, err);
}

/* The slices come first: their keys begin with a zero byte. */
static firn_code make_lines(firn_checkpoint_writer *w, firn_index_line **out,
                            size_t *count, firn_error *err) {
  firn_saved_key *keys = NULL;
  size_t parts = 0;
  FIRN_TRY(firn_saved_part_keys(w, &keys, &parts, err));
  firn_saved **sorted = firn_saved_by_name(w);
  firn_index_line *lines =
      firn_arena_array(&w->arena, parts + w->count + 1, sizeof *lines);
  if (!sorted || !lines) return firn_oom(err, w->count * sizeof *lines);

  for (size_t i = 0; i < parts; i++) {
    lines[i].key = keys[i].key;
    FIRN_TRY(part_line(w, keys[i].tensor, keys[i].part, &lines[i].value, err));
  }
  for (size_t i = 0; i < w->count; i++) {
    const firn_saved *saved = sorted[i];
    firn_bytes *value = &lines[parts + i].value;
    lines[parts + i].key = saved->name;
    FIRN_TRY(saved->whole ? part_line(w, saved, &saved->parts[0], value, err)
                          : slices_line(w, saved, value, err));
  }
  *out = lines;
  *count = parts + w->count;
  return FIRN_OK;
}

static firn_code commit(firn_checkpoint_writer *w, firn_error *err) {
  firn_index_line *lines = NULL;
  size_t count = 0;
  for (int32_t i = 0; i < w->file_count; i++)
    FIRN_TRY(firn_writer_settle(w->files[i], w->sync, err));
  FIRN_TRY(make_lines(w, &lines, &count, err));
  firn_data_file *files =
      firn_arena_array(&w->arena, (size_t)w->file_count, sizeof *files);
  if (!files) return firn_oom(err, (size_t)w->file_count * sizeof *files);
  for (int32_t i = 0; i < w->file_count; i++) files[i].writer = &w->files[i];

  const firn_bundle_parts parts = {.prefix = w->prefix,
                                   .lines = lines,
                                   .line_count = count,
                                   .files = files,
                                   .file_count = w->file_count,
                                   .sync = w->sync};
  return firn_bundle_publish(&parts, &w->env, &w->arena, err);
}

const firn_write_format firn_bundle_write_format = {.put = put,
                                                    .commit = commit};
