/* checkpoint/bundle_publish.c: the last step of writing a V2 checkpoint.
 *
 * Data first, index last, so that an index never names bytes that are not
 * there. Where a checkpoint of the same name and number of shards lies already,
 * that is not enough: between the two renames its index would meet our data. So
 * our data gets a second name first, as shards of one shard more:
 *
 *   link   P.data-00000-of-00002 → our data
 *   rename P.index               ← an index that counts two shards
 *   rename P.data-00000-of-00001 ← our data
 *   rename P.index               ← our index
 *   remove P.data-00000-of-00002
 *
 * Both indices are sound, and all that they need is there while they are.
 */
#include "checkpoint/bundle_write.h"
#include "checkpoint/table_writer.h"

enum {
  BUNDLE_VERSION = 1, /* as a producer */
  MOST_REMOVED = 4096 /* old shards that are cleared away */
};

typedef struct publishing {
  const firn_bundle_parts *parts;
  const firn_env *env;
  firn_arena *arena;
  const char *index;  /* the path */
  int32_t old_shards; /* of the checkpoint that is replaced; 0: none */
} publishing;

/* ---- Bytes -------------------------------------------------------------- */

static firn_code message_bytes(const firn_pb_type *type, const void *message,
                               firn_arena *arena, firn_bytes *out,
                               firn_error *err) {
  firn_buf buf;
  firn_buf_init(&buf, &arena->alloc);
  firn_code code = firn_pb_write(type, message, firn_sink_buf(&buf), err);
  if (code == FIRN_OK) {
    const firn_str text = {(const char *)buf.data, buf.size};
    const firn_str kept = firn_arena_str(arena, text);
    *out = (firn_bytes){(const uint8_t *)kept.data, kept.size};
    if (buf.failed || !kept.data) code = firn_oom(err, buf.size);
  }
  firn_buf_fini(&buf);
  return code;
}

firn_code firn_bundle_entry_bytes(const firn_pb_BundleEntryProto *entry,
                                  firn_arena *arena, firn_bytes *out,
                                  firn_error *err) {
  return message_bytes(&firn_pb_type_BundleEntryProto, entry, arena, out, err);
}

static firn_code header_bytes(int32_t shards, firn_arena *arena,
                              firn_bytes *out, firn_error *err) {
  firn_pb_VersionDef version = {.producer = BUNDLE_VERSION};
  const uint16_t one = 1;
  firn_pb_BundleHeaderProto header = {.num_shards = shards,
                                      .version = &version};
  if (*(const uint8_t *)&one == 0)
    header.endianness = FIRN_PB_BundleHeaderProto_Endianness_BIG;
  return message_bytes(&firn_pb_type_BundleHeaderProto, &header, arena, out,
                       err);
}

static firn_code put_lines(const publishing *p, int32_t shards,
                           firn_writer *file, firn_error *err) {
  firn_table_writer table;
  firn_bytes header = {NULL, 0};
  FIRN_TRY(header_bytes(shards, p->arena, &header, err));
  firn_table_writer_init(&table, file, &p->env->alloc);
  firn_code code = firn_table_put(&table, FIRN_STR(""), header, err);
  for (size_t i = 0; i < p->parts->line_count && code == FIRN_OK; i++)
    code = firn_table_put(&table, p->parts->lines[i].key,
                          p->parts->lines[i].value, err);
  if (code == FIRN_OK) code = firn_table_finish(&table, err);
  firn_table_writer_fini(&table);
  return code;
}

/* An index that counts so many shards, whole under a temporary name. */
static firn_code write_index(const publishing *p, int32_t shards,
                             firn_writer **out, firn_error *err) {
  firn_writer *file = NULL;
  *out = NULL;
  FIRN_TRY(firn_writer_create(p->index, &p->env->alloc, &file, err));
  firn_code code = put_lines(p, shards, file, err);
  if (code == FIRN_OK) code = firn_writer_settle(file, p->parts->sync, err);
  if (code != FIRN_OK) {
    firn_writer_abandon(file);
    return code;
  }
  *out = file;
  return FIRN_OK;
}

/* ---- What lies there already -------------------------------------------- */

/* The number of shards that the index under our name counts; 0 when there is no
 * sound one. */
static int32_t shards_there(const publishing *p) {
  firn_file *file = NULL;
  firn_sstable table;
  firn_cursor at;
  void *parsed = NULL;
  int32_t shards = 0;
  if (firn_file_open(p->index, &p->env->alloc, &file, NULL) != FIRN_OK)
    return 0;
  if (firn_sstable_open(file->bytes, true, p->arena, &table, NULL) == FIRN_OK &&
      firn_cursor_first(&at, &table, p->arena, NULL) == FIRN_OK && !at.end &&
      !at.key.size &&
      firn_pb_parse(&firn_pb_type_BundleHeaderProto, at.value, &p->env->limits,
                    p->arena, &parsed, NULL) == FIRN_OK)
    shards = ((const firn_pb_BundleHeaderProto *)parsed)->num_shards;
  firn_file_close(file);
  return shards;
}

static const char *data_path(const publishing *p, int32_t i, int32_t count) {
  return firn_arena_printf(p->arena, "%s.data-%05d-of-%05d", p->parts->prefix,
                           i, count)
      .data;
}

static void remove_data(const publishing *p, int32_t count) {
  for (int32_t i = 0; i < count && i < MOST_REMOVED; i++) {
    const char *path = data_path(p, i, count);
    if (path) firn_path_remove(path);
  }
}

/* ---- Names -------------------------------------------------------------- */

static const char *source(const firn_data_file *file) {
  return file->writer ? firn_writer_temp(*file->writer) : file->from;
}

/* Gives every data file a second name as one of `count` shards. */
static firn_code link_data(const publishing *p, int32_t count,
                           firn_error *err) {
  for (int32_t i = 0; i < p->parts->file_count; i++) {
    const char *path = data_path(p, i, count);
    if (!path) return firn_oom(err, strlen(p->parts->prefix));
    firn_path_remove(path);
    FIRN_TRY(firn_path_link(source(&p->parts->files[i]), path, err));
  }
  return FIRN_OK;
}

static firn_code name_data(const publishing *p, firn_error *err) {
  const int32_t count = p->parts->file_count;
  for (int32_t i = 0; i < count; i++) {
    firn_data_file *file = &p->parts->files[i];
    if (file->writer) {
      firn_writer *writer = *file->writer;
      *file->writer = NULL; /* commit frees it in any case */
      FIRN_TRY(firn_writer_commit(writer, p->parts->sync, err));
      continue;
    }
    const char *path = data_path(p, i, count);
    if (!path) return firn_oom(err, strlen(p->parts->prefix));
    if (strcmp(file->from, path) != 0)
      FIRN_TRY(firn_path_rename(file->from, path, err));
  }
  return FIRN_OK;
}

/* A count of shards that neither the old checkpoint nor ours has. */
static int32_t between(const publishing *p) { return p->parts->file_count + 1; }

/* Makes the checkpoint under our name ours, by way of another count of shards.
 * Where files cannot have two names the step is left out. */
static firn_code step_over(const publishing *p, firn_error *err) {
  firn_writer *index = NULL;
  if (link_data(p, between(p), NULL) != FIRN_OK) {
    remove_data(p, between(p));
    return FIRN_OK;
  }
  firn_code code = write_index(p, between(p), &index, err);
  if (code == FIRN_OK) code = firn_writer_commit(index, p->parts->sync, err);
  if (code != FIRN_OK) remove_data(p, between(p));
  return code;
}

static firn_code give_names(const publishing *p, firn_writer **index,
                            firn_error *err) {
  const bool same = p->old_shards == p->parts->file_count;
  if (same) FIRN_TRY(step_over(p, err));
  FIRN_TRY(name_data(p, err));
  firn_writer *last = *index;
  *index = NULL;
  FIRN_TRY(firn_writer_commit(last, p->parts->sync, err));
  if (p->old_shards) remove_data(p, same ? between(p) : p->old_shards);
  return FIRN_OK;
}

firn_code firn_bundle_publish(const firn_bundle_parts *parts,
                              const firn_env *env, firn_arena *arena,
                              firn_error *err) {
  publishing p = {.parts = parts, .env = env, .arena = arena};
  firn_writer *index = NULL;
  p.index = firn_arena_printf(arena, "%s.index", parts->prefix).data;
  if (!p.index) return firn_oom(err, strlen(parts->prefix));
  p.old_shards = shards_there(&p);
  FIRN_TRY(write_index(&p, parts->file_count, &index, err));
  const firn_code code = give_names(&p, &index, err);
  firn_writer_abandon(index);
  return code;
}
