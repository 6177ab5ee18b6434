/* model/saved_model_fingerprint.c: fingerprint.pb, by which programs tell two
 * SavedModels apart without reading them.
 *
 * TensorFlow's numbers, all of them of FarmHash: of the whole message; of the
 * first meta graph's nodes without what differs between machines (values of
 * string constants, configurations and running numbers of called functions);
 * of its signatures; of its objects' functions; of the variables' index. Maps
 * count in rising order, as TensorFlow's C++ writes them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/entropy.h"
#include "model/freeze.h"
#include "model/saved_model_write.h"
#include "ops/hash64.h"

enum { PRODUCER = 4 }; /* the version of the numbers, as of TensorFlow 2.21 */

static firn_code take(void *ud, const void *data, size_t size,
                      firn_error *err) {
  FIRN_UNUSED(err);
  firn_farm64_put(ud, data, size);
  return FIRN_OK;
}

static firn_code hash(const firn_pb_type *type, const void *msg, uint64_t *out,
                      firn_error *err) {
  firn_farm64_pieces pieces = {.total = 0};
  const firn_sink sink = {take, &pieces};
  FIRN_TRY(firn_pb_write_rising(type, msg, sink, err));
  *out = firn_farm64_end(&pieces);
  return FIRN_OK;
}

/* FingerprintCat64. */
static uint64_t join(uint64_t a, uint64_t b) {
  const uint64_t by = 0xc6a4a7935bd1e995u;
  uint64_t r = a ^ by;
  b *= by;
  r ^= (b ^ b >> 47) * by;
  r *= by;
  r = (r ^ r >> 47) * by;
  return r ^ r >> 47;
}

/* ---- Nodes -------------------------------------------------------------- */

/* The number behind the last underscore; false when there is none. */
static bool running_number(firn_str name, firn_str *stem, int64_t *number) {
  size_t at = name.size;
  *stem = name;
  if (!name.size) return false;
  while (at && name.data[at - 1] != '_') at--;
  const firn_str digits = {name.data + at, name.size - at};
  *stem = (firn_str){name.data, at};
  return digits.size && digits.size < 19 && firn_parse_i64(digits, number);
}

/* A function's name without its running number; the text of the number is as
 * the number prints, so that one with zeros in front stays. */
static firn_str regular_name(firn_str name) {
  firn_str stem;
  int64_t number;
  char text[32];
  if (!running_number(name, &stem, &number)) return name;
  const int size = snprintf(text, sizeof text, "%" PRId64, number);
  const firn_str digits = {text, (size_t)size};
  if (firn_str_ends(name, digits)) name.size -= digits.size;
  return name;
}

static bool is_call(firn_str op) {
  return firn_str_is(op, "PartitionedCall") ||
         firn_str_is(op, "StatefulPartitionedCall");
}

static bool has_type(const firn_pb_NodeDef *node, firn_dtype type) {
  for (size_t i = 0; i < node->attr_count; i++)
    if (firn_str_is(node->attr[i]->key, "dtype") && node->attr[i]->value)
      return node->attr[i]->value->value_case == FIRN_ATTR_TYPE &&
             node->attr[i]->value->type == (int32_t)type;
  return false;
}

/* The attr with an empty value; a set text stays set. */
static firn_pb_NodeDef_AttrEntry *emptied(const char *name, bool text,
                                          firn_arena *arena) {
  firn_pb_NodeDef_AttrEntry *e =
      firn_new_attr(arena, name, text ? FIRN_ATTR_STRING : 0);
  if (e && text) e->value->s = FIRN_STR("");
  return e;
}

static firn_pb_NodeDef_AttrEntry *renamed(const firn_pb_AttrValue *v,
                                          firn_arena *arena) {
  firn_pb_NodeDef_AttrEntry *e = firn_new_attr(arena, "f", FIRN_ATTR_FUNC);
  firn_pb_NameAttrList *func = firn_arena_alloc(arena, sizeof *func);
  if (!e || !func) return NULL;
  *func = *v->func;
  func->name = regular_name(v->func->name);
  e->value->func = func;
  return e;
}

/* The node without what differs between machines; NULL: no memory. */
static firn_pb_NodeDef *regular_node(firn_pb_NodeDef *node, firn_arena *arena) {
  const bool call = is_call(node->op);
  const bool text =
      firn_str_is(node->op, "Const") && has_type(node, FIRN_STRING);
  if (!call && !text) return node;
  firn_pb_NodeDef *copy = firn_edit_node(node, arena);
  for (size_t i = 0; copy && i < copy->attr_count; i++) {
    const firn_pb_AttrValue *v = copy->attr[i]->value;
    const firn_str key = copy->attr[i]->key;
    if (call && firn_str_is(key, "f") && v && v->value_case == FIRN_ATTR_FUNC &&
        v->func)
      copy->attr[i] = renamed(v, arena);
    else if (call && firn_str_is(key, "config_proto"))
      copy->attr[i] = emptied("config_proto", true, arena);
    else if (text && firn_str_is(key, "value"))
      copy->attr[i] = emptied("value", false, arena);
    if (!copy->attr[i]) return NULL;
  }
  return copy;
}

static firn_code hash_nodes(const firn_pb_GraphDef *def, firn_arena *arena,
                            uint64_t *out, firn_error *err) {
  firn_pb_GraphDef regular = def ? *def : (firn_pb_GraphDef){.version = 0};
  firn_pb_FunctionDefLibrary no_library = {.function_count = 0};
  firn_pb_VersionDef no_versions = {.producer = 0};
  regular.node =
      firn_arena_array(arena, regular.node_count, sizeof(*regular.node));
  if (!regular.node) return firn_oom(err, regular.node_count);
  for (size_t i = 0; i < regular.node_count; i++) {
    regular.node[i] = regular_node(def->node[i], arena);
    if (!regular.node[i]) return firn_oom(err, sizeof *def->node[i]);
  }
  /* Emptied, not taken away: they count as there. */
  regular.library = &no_library;
  regular.versions = &no_versions;
  return hash(&firn_pb_type_GraphDef, &regular, out, err);
}

/* ---- Signatures --------------------------------------------------------- */

static int by_key(const void *a, const void *b) {
  const firn_pb_MetaGraphDef_SignatureDefEntry *const *x = a, *const *y = b;
  return firn_str_compare((*x)->key, (*y)->key);
}

static firn_code hash_signatures(const firn_pb_MetaGraphDef *meta,
                                 firn_arena *arena, uint64_t *out,
                                 firn_error *err) {
  const size_t count = meta->signature_def_count;
  static const firn_pb_SignatureDef none;
  firn_pb_MetaGraphDef_SignatureDefEntry **list =
      firn_arena_array(arena, count, sizeof(*list));
  if (!list) return firn_oom(err, count);
  if (count) {
    memcpy(list, meta->signature_def, count * sizeof(*list));
    qsort(list, count, sizeof(*list), by_key);
  }
  *out = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t own = 0;
    FIRN_TRY(hash(&firn_pb_type_SignatureDef,
                  list[i]->value ? list[i]->value : &none, &own, err));
    *out = join(join(*out, firn_farm64(list[i]->key)), own);
  }
  return FIRN_OK;
}

/* ---- Objects ------------------------------------------------------------ */

typedef struct numbered {
  int64_t number;
  firn_str stem;
  const firn_pb_SavedObjectGraph_ConcreteFunctionsEntry *entry;
} numbered;

static int by_number(const void *a, const void *b) {
  const numbered *x = a, *y = b;
  if (x->number != y->number) return x->number < y->number ? -1 : 1;
  return firn_str_compare(x->entry->key, y->entry->key);
}

static firn_code hash_objects(const firn_pb_SavedObjectGraph *objects,
                              firn_arena *arena, uint64_t *out, bool *made,
                              firn_error *err) {
  const size_t count = objects ? objects->concrete_functions_count : 0;
  static const firn_pb_SavedConcreteFunction none;
  numbered *list = firn_arena_array(arena, count, sizeof *list);
  if (!list) return firn_oom(err, count * sizeof *list);
  *out = 0;
  *made = true;
  for (size_t i = 0; i < count; i++) {
    list[i].entry = objects->concrete_functions[i];
    if (!running_number(list[i].entry->key, &list[i].stem, &list[i].number)) {
      *made = false;
      return FIRN_OK;
    }
  }
  if (count) qsort(list, count, sizeof *list, by_number);
  for (size_t i = 0; i < count; i++) {
    uint64_t own = 0;
    if (i && list[i].number == list[i - 1].number) continue;
    const firn_pb_SavedConcreteFunction *f = list[i].entry->value;
    FIRN_TRY(
        hash(&firn_pb_type_SavedConcreteFunction, f ? f : &none, &own, err));
    *out = join(join(*out, firn_farm64(regular_name(list[i].entry->key))), own);
  }
  return FIRN_OK;
}

/* ---- All of it ---------------------------------------------------------- */

static uint64_t hash_file(const char *path, const firn_env *env) {
  firn_file *file = NULL;
  if (firn_file_open(path, &env->alloc, &file, NULL) != FIRN_OK) return 0;
  const uint64_t own =
      firn_farm64((firn_str){(const char *)file->bytes.data, file->bytes.size});
  firn_file_close(file);
  return own;
}

/* 128 random bits as a decimal number. */
static firn_code make_id(firn_arena *arena, firn_str *out, firn_error *err) {
  char text[40];
  size_t at = sizeof text;
  unsigned __int128 bits =
      (unsigned __int128)firn_entropy() << 64 | firn_entropy();
  do {
    text[--at] = (char)('0' + (int)(bits % 10));
    bits /= 10;
  } while (bits);
  *out = firn_arena_str(arena, (firn_str){text + at, sizeof text - at});
  return out->data ? FIRN_OK : firn_oom(err, sizeof text);
}

static firn_code compute(const firn_pb_SavedModel *saved, const char *index,
                         const firn_env *env, firn_arena *arena,
                         firn_pb_FingerprintDef *out, bool *made,
                         firn_error *err) {
  const firn_pb_MetaGraphDef *meta = saved->meta_graphs[0];
  FIRN_TRY(hash_objects(meta->object_graph_def, arena,
                        &out->saved_object_graph_hash, made, err));
  if (!*made) return FIRN_OK;
  FIRN_TRY(
      hash(&firn_pb_type_SavedModel, saved, &out->saved_model_checksum, err));
  FIRN_TRY(
      hash_nodes(meta->graph_def, arena, &out->graph_def_program_hash, err));
  FIRN_TRY(hash_signatures(meta, arena, &out->signature_def_hash, err));
  out->checkpoint_hash = hash_file(index, env);
  return FIRN_OK;
}

firn_code firn_fingerprint(const firn_pb_SavedModel *saved, const char *index,
                           const firn_env *env, firn_pb_FingerprintDef *out,
                           bool *made, firn_error *err) {
  firn_arena arena;
  *out = (firn_pb_FingerprintDef){.checkpoint_hash = 0};
  *made = false;
  if (!saved->meta_graphs_count) return FIRN_OK;
  firn_arena_init(&arena, &env->alloc);
  const firn_code code = compute(saved, index, env, &arena, out, made, err);
  firn_arena_fini(&arena);
  return code;
}

static firn_code put_bytes(void *ud, const void *data, size_t size,
                           firn_error *err) {
  return firn_writer_put(ud, data, size, err);
}

/* Writes a message as a file. */
static firn_code put_message(const firn_pb_type *type, const void *msg,
                             const char *path, bool text, bool sync,
                             const firn_env *env, firn_error *err) {
  firn_writer *file = NULL;
  FIRN_TRY(firn_writer_create(path, &env->alloc, &file, err));
  const firn_sink sink = {put_bytes, file};
  const firn_code code = text ? firn_pb_write_text(type, msg, sink, err)
                              : firn_pb_write(type, msg, sink, err);
  if (code == FIRN_OK) return firn_writer_commit(file, sync, err);
  firn_writer_abandon(file);
  return code;
}

static firn_code put_fingerprint(const firn_pb_SavedModel *saved,
                                 const char *folder, bool sync,
                                 firn_arena *arena, const firn_env *env,
                                 firn_error *err) {
  firn_pb_FingerprintDef def;
  firn_pb_VersionDef version = {.producer = PRODUCER};
  bool made = false;
  const firn_str index =
      firn_arena_printf(arena, "%s/variables/variables.index", folder);
  const firn_str path = firn_arena_printf(arena, "%s/fingerprint.pb", folder);
  if (!index.data || !path.data) return firn_oom(err, strlen(folder));
  FIRN_TRY(firn_fingerprint(saved, index.data, env, &def, &made, err));
  if (!made) return FIRN_OK;
  def.version = &version;
  FIRN_TRY(make_id(arena, &def.uuid, err));
  return put_message(&firn_pb_type_FingerprintDef, &def, path.data, false, sync,
                     env, err);
}

firn_code firn_saved_model_put(const firn_pb_SavedModel *saved,
                               const char *folder, bool text, bool sync,
                               const firn_env *env, firn_error *err) {
  uint64_t size = 0;
  firn_arena arena;
  firn_arena_init(&arena, &env->alloc);
  const firn_str path = firn_arena_printf(&arena, "%s/saved_model.%s", folder,
                                          text ? "pbtxt" : "pb");
  const firn_str old = firn_arena_printf(&arena, "%s/fingerprint.pb", folder);
  firn_code code = path.data && old.data ? FIRN_OK : firn_oom(err, 0);
  if (code == FIRN_OK)
    code = firn_pb_size(&firn_pb_type_SavedModel, saved, &size, err);
  if (code == FIRN_OK && size > INT32_MAX)
    code = firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "the graphs take %" PRIu64
                     " bytes; a saved_model.pb that "
                     "others can read has at most 2147483647",
                     size);
  /* A fingerprint that is not this model's is worse than none. */
  if (code == FIRN_OK) firn_path_remove(old.data);
  if (code == FIRN_OK)
    code = put_message(&firn_pb_type_SavedModel, saved, path.data, text, sync,
                       env, err);
  if (code == FIRN_OK && !text)
    code = put_fingerprint(saved, folder, sync, &arena, env, err);
  firn_arena_fini(&arena);
  return code;
}
