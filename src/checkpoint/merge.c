/* checkpoint/merge.c: several V2 checkpoints become one without their data
 * being read.
 *
 * Their data files are renamed to be the shards of the new one, numbered in the
 * order in which the indices first mention them, and the entries of all indices
 * are written into one. What was saved in slices may be spread over several.
 */
#include <stdlib.h>

#include "checkpoint/bundle_write.h"
#include "checkpoint/paths.h"
#include "checkpoint/reader.h"

typedef struct merged {
  firn_str key;
  firn_pb_BundleEntryProto *entry;
} merged;

/* A data file that some index mentions. */
typedef struct shard {
  const char *path;
  size_t part;
  int32_t id; /* in its part */
} shard;

typedef struct merging {
  firn_env env;
  firn_arena arena;
  const char *prefix;
  firn_map by_key; /* → position in entries */
  merged *entries;
  size_t count, capacity;
  shard *shards;
  size_t shard_count, shard_capacity;
  firn_checkpoint **parts; /* open until everything has its name */
  size_t part_count;
} merging;

static void *grow(const firn_allocator *alloc, void *array, size_t count,
                  size_t *capacity, size_t size) {
  if (count < *capacity) return array;
  const size_t more = *capacity ? 2 * *capacity : 16;
  void *grown = firn_resize(alloc, array, *capacity * size, more * size);
  if (grown) *capacity = more;
  return grown;
}

/* The number that a part's data file gets in the whole. */
static firn_code number_of(merging *m, size_t part, int32_t id, int32_t *out,
                           firn_error *err) {
  const firn_checkpoint *ck = m->parts[part];
  for (size_t i = m->shard_count; i-- > 0;)
    if (m->shards[i].part == part && m->shards[i].id == id) {
      *out = (int32_t)i;
      return FIRN_OK;
    }
  if (id < 0 || id >= ck->num_shards)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "an entry says shard %d, the header counts %d", id,
                     ck->num_shards);
  shard *shards = grow(&m->env.alloc, m->shards, m->shard_count,
                       &m->shard_capacity, sizeof *shards);
  const char *path = firn_arena_printf(&m->arena, "%s.data-%05d-of-%05d",
                                       ck->prefix, id, ck->num_shards)
                         .data;
  if (shards) m->shards = shards;
  if (!shards || !path) return firn_oom(err, sizeof *shards);
  *out = (int32_t)m->shard_count;
  m->shards[m->shard_count++] = (shard){path, part, id};
  return FIRN_OK;
}

/* The slices of a tensor that another part has others of. */
static firn_code join(merging *m, firn_pb_BundleEntryProto *to,
                      const firn_pb_BundleEntryProto *from, firn_error *err) {
  const size_t count = to->slices_count + from->slices_count;
  firn_pb_TensorSliceProto **all =
      firn_arena_array(&m->arena, count, sizeof(firn_pb_TensorSliceProto *));
  if (!all) return firn_oom(err, count * sizeof *all);
  memcpy(all, to->slices, to->slices_count * sizeof *all);
  memcpy(all + to->slices_count, from->slices,
         from->slices_count * sizeof *all);
  to->slices = all;
  to->slices_count = count;
  return FIRN_OK;
}

static firn_code add_new(merging *m, size_t part, firn_str key,
                         firn_pb_BundleEntryProto *entry, firn_error *err) {
  FIRN_TRY(number_of(m, part, entry->shard_id, &entry->shard_id, err));
  merged *entries =
      grow(&m->env.alloc, m->entries, m->count, &m->capacity, sizeof *entries);
  if (!entries) return firn_oom(err, sizeof *entries);
  m->entries = entries;
  m->entries[m->count] = (merged){key, entry};
  if (!firn_map_set(&m->by_key, key, m->count)) return firn_oom(err, key.size);
  m->count++;
  return FIRN_OK;
}

static firn_code add_entry(merging *m, size_t part, const firn_record *record,
                           firn_error *err) {
  void *parsed = NULL;
  uint64_t at;
  FIRN_TRY(firn_pb_parse(&firn_pb_type_BundleEntryProto, record->entry,
                         &m->env.limits, &m->arena, &parsed, err));
  firn_pb_BundleEntryProto *entry = parsed;
  if (!firn_map_get(&m->by_key, record->name, &at))
    return add_new(m, part, record->name, entry, err);

  firn_pb_BundleEntryProto *have = m->entries[at].entry;
  const bool same = have->shape && entry->shape
                        ? firn_pb_equal(&firn_pb_type_TensorShapeProto,
                                        have->shape, entry->shape)
                        : have->shape == entry->shape;
  if (!have->slices_count || !entry->slices_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' is in an earlier part too",
                     FIRN_ARG(record->name));
  if (have->dtype != entry->dtype || !same)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' has another type or shape in an earlier part",
                     FIRN_ARG(record->name));
  return join(m, have, entry, err);
}

static firn_code add_part(merging *m, const char *prefix, firn_error *err) {
  const firn_options options = {.size = sizeof options,
                                .allocator = &m->env.alloc,
                                .limits = m->env.limits};
  const size_t part = m->part_count;
  FIRN_TRY(firn_checkpoint_open(prefix, m->env.alloc.resize ? &options : NULL,
                                &m->parts[part], err));
  m->part_count++;
  const firn_checkpoint *ck = m->parts[part];
  if (ck->format->version != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%s' is a checkpoint of version 1", prefix);
  if (ck->swap)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "'%s' has the other byte order",
                     prefix);
  for (size_t i = 0; i < ck->count; i++) {
    const firn_code code = add_entry(m, part, &ck->records[i], err);
    if (code != FIRN_OK) return firn_while(err, code, "part '%s'", prefix);
  }
  return FIRN_OK;
}

/* ---- Writing ------------------------------------------------------------ */

static int by_key(const void *a, const void *b) {
  const merged *ma = a, *mb = b;
  return firn_str_compare(ma->key, mb->key);
}

static firn_code publish(merging *m, firn_error *err) {
  if (m->count) qsort(m->entries, m->count, sizeof *m->entries, by_key);
  firn_index_line *lines =
      firn_arena_array(&m->arena, m->count + 1, sizeof *lines);
  firn_data_file *files =
      firn_arena_array(&m->arena, m->shard_count + 1, sizeof *files);
  if (!lines || !files) return firn_oom(err, m->count * sizeof *lines);
  for (size_t i = 0; i < m->count; i++) {
    lines[i].key = m->entries[i].key;
    FIRN_TRY(firn_bundle_entry_bytes(m->entries[i].entry, &m->arena,
                                     &lines[i].value, err));
  }
  for (size_t i = 0; i < m->shard_count; i++) files[i].from = m->shards[i].path;
  const firn_bundle_parts parts = {.prefix = m->prefix,
                                   .lines = lines,
                                   .line_count = m->count,
                                   .files = files,
                                   .file_count = (int32_t)m->shard_count};
  return firn_bundle_publish(&parts, &m->env, &m->arena, err);
}

/* The parts' indices name data that is no longer there; their folders go when
 * nothing is left in them. */
static void clear_away(merging *m, bool keep_folders) {
  for (size_t i = 0; i < m->part_count; i++) {
    const firn_str prefix = firn_checkpoint_prefix(m->parts[i]);
    if (firn_str_is(prefix, m->prefix)) continue;
    const firn_str index = firn_arena_printf(&m->arena, "%.*s.index",
                                             (int)prefix.size, prefix.data);
    if (index.data) firn_path_remove(index.data);
    const char *folder = firn_arena_cstr(&m->arena, firn_path_folder(prefix));
    if (!keep_folders && folder) firn_folder_drop(folder);
  }
}

static firn_code run(merging *m, const char *const *prefixes, size_t count,
                     const firn_checkpoint_merge_options *o, firn_error *err) {
  m->parts = firn_arena_array(&m->arena, count + 1, sizeof *m->parts);
  if (!m->parts) return firn_oom(err, count * sizeof *m->parts);
  for (size_t i = 0; i < count; i++) {
    firn_error missing = FIRN_ERROR_INIT;
    const firn_code code =
        add_part(m, prefixes[i], o->allow_missing ? &missing : err);
    const bool passed = code == FIRN_NOT_FOUND && o->allow_missing;
    if (code != FIRN_OK && !passed && o->allow_missing)
      firn_fail(err, code, "%s", missing.message);
    firn_error_clear(&missing);
    if (code != FIRN_OK && !passed) return code;
  }
  if (!m->part_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "none of its %zu parts is there", count);
  FIRN_TRY(publish(m, err));
  clear_away(m, o->keep_folders);
  return FIRN_OK;
}

firn_code firn_checkpoint_merge(
    const char *const *prefixes, size_t count, const char *prefix,
    const firn_checkpoint_merge_options *merge_options,
    const firn_options *options, firn_error *err) {
  merging m = {.env = firn_env_from(options), .prefix = prefix};
  firn_checkpoint_merge_options o = {.size = sizeof o};
  if (merge_options)
    memcpy(&o, merge_options, firn_min_size(merge_options->size, sizeof o));
  firn_arena_init(&m.arena, &m.env.alloc);
  firn_map_init(&m.by_key, &m.env.alloc);
  const firn_code code = run(&m, prefixes, count, &o, err);
  for (size_t i = 0; i < m.part_count; i++) firn_checkpoint_close(m.parts[i]);
  firn_delete(&m.env.alloc, m.entries, m.capacity * sizeof *m.entries);
  firn_delete(&m.env.alloc, m.shards, m.shard_capacity * sizeof *m.shards);
  firn_map_fini(&m.by_key);
  firn_arena_fini(&m.arena);
  if (code != FIRN_OK)
    firn_while(err, code, "merging %zu checkpoints into '%s'", count, prefix);
  return code;
}
