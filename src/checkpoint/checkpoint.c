/* checkpoint/checkpoint.c: the public calls: opening, listing, finding. */
#include "checkpoint/checkpoint.h"

#include "checkpoint/paths.h"
#include "checkpoint/reader.h"

/* ---- Records and shards, for the formats -------------------------------- */

/* Makes room for one more of `size` bytes; the array doubles. */
static void *grow(const firn_allocator *alloc, void *array, size_t count,
                  size_t *capacity, size_t size) {
  if (count < *capacity) return array;
  const size_t more = *capacity ? 2 * *capacity : 8;
  void *grown = firn_resize(alloc, array, *capacity * size, more * size);
  if (grown) *capacity = more;
  return grown;
}

firn_record *firn_checkpoint_add(firn_checkpoint *ck) {
  firn_record *records = grow(&ck->env.alloc, ck->records, ck->count,
                              &ck->capacity, sizeof *records);
  if (!records) return NULL;
  ck->records = records;
  ck->records[ck->count] = (firn_record){.parts = NULL};
  return &ck->records[ck->count++];
}

/* The place of a shard, or where it belongs. */
static size_t shard_place(const firn_checkpoint *ck, int32_t id) {
  size_t low = 0, high = ck->shard_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (ck->shards[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

firn_shard *firn_checkpoint_shard(const firn_checkpoint *ck, int32_t id) {
  const size_t at = shard_place(ck, id);
  return at < ck->shard_count && ck->shards[at].id == id ? &ck->shards[at]
                                                         : NULL;
}

firn_code firn_checkpoint_add_shard(firn_checkpoint *ck, int32_t id,
                                    firn_error *err) {
  const size_t at = shard_place(ck, id);
  if (at < ck->shard_count && ck->shards[at].id == id) return FIRN_OK;
  firn_shard *shards = grow(&ck->env.alloc, ck->shards, ck->shard_count,
                            &ck->shard_capacity, sizeof *shards);
  if (!shards) return firn_oom(err, sizeof *shards);
  ck->shards = shards;
  memmove(&shards[at + 1], &shards[at],
          (ck->shard_count - at) * sizeof *shards);
  shards[at] = (firn_shard){.id = id};
  ck->shard_count++;
  return FIRN_OK;
}

size_t firn_checkpoint_search(const firn_checkpoint *ck, size_t begin,
                              size_t end, firn_str name) {
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    const int order = firn_str_compare(ck->records[middle].name, name);
    if (order == 0) return middle;
    if (order < 0)
      begin = middle + 1;
    else
      end = middle;
  }
  return SIZE_MAX;
}

/* ---- Opening and closing ------------------------------------------------ */

static firn_code open_files(firn_checkpoint *ck, const char *name,
                            firn_error *err) {
  firn_checkpoint_paths paths;
  FIRN_TRY(
      firn_checkpoint_paths_find(firn_str_of(name), &ck->arena, &paths, err));
  ck->prefix = paths.prefix;
  if (paths.version == 2) {
    ck->format = &firn_bundle_format;
    return firn_bundle_open(ck, paths.index, err);
  }
  ck->format = &firn_saved_slices_format;
  return firn_saved_slices_open(ck, paths.files, paths.count, err);
}

firn_code firn_checkpoint_open(const char *prefix, const firn_options *options,
                               firn_checkpoint **out, firn_error *err) {
  const firn_env env = firn_env_from(options);
  *out = NULL;
  firn_checkpoint *ck = firn_new_zeroed(&env.alloc, sizeof *ck);
  if (!ck) return firn_oom(err, sizeof *ck);
  ck->env = env;
  firn_arena_init(&ck->arena, &env.alloc);

  const firn_code code = open_files(ck, prefix, err);
  if (code != FIRN_OK) {
    firn_checkpoint_close(ck);
    return firn_while(err, code, "opening checkpoint '%s'", prefix);
  }
  *out = ck;
  return FIRN_OK;
}

void firn_checkpoint_close(firn_checkpoint *ck) {
  if (!ck) return;
  const firn_allocator alloc = ck->env.alloc;
  for (size_t i = 0; i < ck->shard_count; i++)
    firn_file_close(ck->shards[i].file);
  firn_file_close(ck->index);
  firn_delete(&alloc, ck->shards, ck->shard_capacity * sizeof *ck->shards);
  firn_delete(&alloc, ck->records, ck->capacity * sizeof *ck->records);
  firn_arena_fini(&ck->arena);
  firn_delete(&alloc, ck, sizeof *ck);
}

/* ---- Looking ------------------------------------------------------------ */

int firn_checkpoint_version(const firn_checkpoint *ck) {
  return ck->format->version;
}

firn_str firn_checkpoint_prefix(const firn_checkpoint *ck) {
  return firn_str_of(ck->prefix);
}

size_t firn_checkpoint_count(const firn_checkpoint *ck) {
  return ck->count - ck->slices;
}

firn_checkpoint_entry firn_checkpoint_at(const firn_checkpoint *ck, size_t i) {
  firn_checkpoint_entry entry;
  /* What cannot be described is listed all the same; reading it says why. */
  const firn_code ignored =
      ck->format->describe(ck, &ck->records[ck->slices + i], &entry, NULL);
  FIRN_UNUSED(ignored);
  return entry;
}

size_t firn_checkpoint_lookup(const firn_checkpoint *ck, firn_str name) {
  const size_t at = firn_checkpoint_search(ck, ck->slices, ck->count, name);
  return at == SIZE_MAX ? SIZE_MAX : at - ck->slices;
}

size_t firn_checkpoint_find(const firn_checkpoint *ck, const char *name) {
  return firn_checkpoint_lookup(ck, firn_str_of(name));
}

firn_slice firn_checkpoint_slice_at(const firn_checkpoint *ck, size_t tensor,
                                    size_t i) {
  const firn_parts *parts = ck->records[ck->slices + tensor].parts;
  firn_slice slice = {.rank = 0};
  if (parts && i < parts->count &&
      firn_slice_from_proto(parts->slice[i], &slice, NULL) != FIRN_OK)
    slice = (firn_slice){.rank = 0};
  return slice;
}

/* ---- Near names --------------------------------------------------------- */

enum { NEAR_NAMES = 3 };

typedef struct near_name {
  firn_str name;
  size_t distance;
} near_name;

/* Whether one of the two is the other with a scope before it, or an attribute
 * (as in "w/.ATTRIBUTES/VARIABLE_VALUE") behind it. */
static bool nested(firn_str outer, firn_str inner) {
  if (!inner.size || outer.size <= inner.size) return false;
  const char edge_before = outer.data[outer.size - inner.size - 1];
  return (firn_str_ends(outer, inner) && edge_before == '/') ||
         (firn_str_starts(outer, inner) && outer.data[inner.size] == '/');
}

static size_t distance(firn_str want, firn_str have) {
  if (nested(want, have) || nested(have, want)) return 1;
  return firn_str_distance(want, have);
}

/* Adds up to three names that may have been meant, the nearest first. */
static void add_near_names(const firn_checkpoint *ck, firn_str want,
                           firn_error *err) {
  near_name near[NEAR_NAMES];
  size_t count = 0;
  for (size_t i = ck->slices; i < ck->count; i++) {
    const near_name it = {ck->records[i].name,
                          distance(want, ck->records[i].name)};
    size_t at = count;
    if (it.distance > 1 + want.size / 3) continue;
    while (at > 0 && near[at - 1].distance > it.distance) at--;
    if (at == NEAR_NAMES) continue;
    if (count < NEAR_NAMES) count++;
    memmove(&near[at + 1], &near[at], (count - at - 1) * sizeof *near);
    near[at] = it;
  }
  for (size_t i = 0; i < count; i++)
    firn_error_add(err, "perhaps '%.*s'", FIRN_ARG(near[i].name));
}

/* ---- Reading by name ---------------------------------------------------- */

firn_code firn_checkpoint_read_slice(const firn_checkpoint *ck,
                                     const char *name, const firn_slice *slice,
                                     firn_tensor **out, firn_error *err) {
  const size_t tensor = firn_checkpoint_find(ck, name);
  *out = NULL;
  if (tensor != SIZE_MAX)
    return firn_checkpoint_load(ck, tensor, slice, out, err);
  firn_fail(err, FIRN_NOT_FOUND,
            "reading '%s' from checkpoint '%s': no tensor of that name", name,
            ck->prefix);
  add_near_names(ck, firn_str_of(name), err);
  return FIRN_NOT_FOUND;
}

firn_code firn_checkpoint_read(const firn_checkpoint *ck, const char *name,
                               firn_tensor **out, firn_error *err) {
  return firn_checkpoint_read_slice(ck, name, NULL, out, err);
}
