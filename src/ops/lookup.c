/* ops/lookup.c: the ops on lookup tables, of V1 graphs (by reference) and V2
 * (by resource).
 *
 * A table belongs to the session under its shared name or its node's name; an
 * anonymous one lives as long as its handle. */
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/lookup_file.h"
#include "ops/store.h"
#include "ops/table.h"

/* ---- Making ------------------------------------------------------------- */

/* A handle knows the type and shape of a value, if a key is a scalar. */
static firn_code infer_table(firn_infer *q, firn_error *err) {
  firn_info *out = &q->out[0];
  if (!firn_dtype_is_ref(out->dtype)) out->shape = firn_shape_scalar();
  out->handle_dtype = firn_attr_type_or(q->node, "value_dtype", FIRN_INVALID);
  out->handle_shape = firn_shape_scalar();
  if (firn_attr(q->node, "value_shape"))
    FIRN_TRY(firn_attr_shape(q->node, "value_shape", &out->handle_shape, err));
  if (q->in_count && q->in[0].shape.rank != 0)
    out->handle_shape = firn_shape_unknown();
  return FIRN_OK;
}

typedef struct declaration {
  const firn_env *env;
  const firn_table_kind *kind;
  firn_dtype key, value;
  firn_shape value_shape;
  firn_tensor *empty, *deleted;
  int64_t buckets;
  float load;
} declaration;

static firn_code declare(const firn_run *run, declaration *d, firn_error *err) {
  const firn_node *node = run->node;
  *d = (declaration){.env = run->env, .kind = run->kernel->micro.table};
  FIRN_TRY(firn_attr_type(node, "key_dtype", &d->key, err));
  FIRN_TRY(firn_attr_type(node, "value_dtype", &d->value, err));
  d->value_shape = firn_shape_scalar();
  if (firn_attr(node, "value_shape"))
    FIRN_TRY(firn_attr_shape(node, "value_shape", &d->value_shape, err));
  if (d->kind == &firn_table_mutable && firn_attr(node, "value_shape") &&
      d->value_shape.rank != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'value_shape' must be a vector's");
  if (run->in_count == 0) return FIRN_OK;
  d->empty = run->in[0];
  d->deleted = run->in_count > 1 ? run->in[1] : NULL;
  FIRN_TRY(firn_attr_int(node, "initial_num_buckets", &d->buckets, err));
  return firn_attr_float(node, "max_load_factor", &d->load, err);
}

static firn_code make_table(void *ud, firn_object **out, firn_error *err) {
  const declaration *d = ud;
  firn_table *table = NULL;
  if (d->kind == &firn_table_dense)
    FIRN_TRY(firn_dense_table_new(d->env, d->value, &d->value_shape, d->empty,
                                  d->deleted, d->buckets, d->load, &table,
                                  err));
  else
    FIRN_TRY(firn_plain_table_new(d->env, d->kind, d->key, d->value,
                                  &d->value_shape, &table, err));
  *out = &table->object;
  return FIRN_OK;
}

static firn_code check_declared(const firn_table *t, const declaration *d,
                                firn_error *err) {
  if (t->kind == d->kind && t->key == d->key && t->value == d->value)
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the table is a %s from %s to %s elsewhere, here a %s from "
                   "%s to %s",
                   t->kind->name, firn_dtype_name(t->key),
                   firn_dtype_name(t->value), d->kind->name,
                   firn_dtype_name(d->key), firn_dtype_name(d->value));
}

static firn_code drive_table(const firn_run *run, firn_error *err) {
  declaration d;
  firn_object *object = NULL;
  FIRN_TRY(declare(run, &d, err));
  if (!firn_attr(run->node, "shared_name")) {
    FIRN_TRY(make_table(&d, &object, err));
    return firn_give_object(run, 0, object, err);
  }
  if (!run->store)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "there is no session to keep tables");
  firn_str name = firn_attr_str_or(run->node, "shared_name", "");
  if (!name.size) name = run->node->def->name;
  FIRN_TRY(firn_store_get(run->store,
                          firn_attr_str_or(run->node, "container", ""), name,
                          &firn_table_class, make_table, &d, &object, err));
  const firn_code code = check_declared((firn_table *)object, &d, err);
  if (code == FIRN_OK) return firn_give_object(run, 0, object, err);
  firn_object_release(object);
  return code;
}

/* ---- What arrives ------------------------------------------------------- */

static firn_code table_of(const firn_run *run, firn_table **out,
                          firn_error *err) {
  firn_object *object = NULL;
  FIRN_TRY(firn_object_of(run->in[0], &firn_table_class, &object, err));
  *out = (firn_table *)object;
  return FIRN_OK;
}

static firn_code check_types(const firn_table *t, firn_dtype key,
                             firn_dtype value, firn_error *err) {
  if (key == t->key && (value == t->value || value == FIRN_INVALID))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the table goes from %s to %s, the op from %s to %s",
                   firn_dtype_name(t->key), firn_dtype_name(t->value),
                   firn_dtype_name(key),
                   firn_dtype_name(value == FIRN_INVALID ? t->value : value));
}

/* The shape of the values of these keys. */
static firn_code values_shape(const firn_table *t, const firn_shape *keys,
                              const firn_shape *value, firn_shape *out,
                              firn_error *err) {
  char have[256], want[256];
  const int rank = keys->rank - t->key_shape.rank;
  bool ends = rank >= 0;
  for (int i = 0; ends && i < t->key_shape.rank; i++)
    ends = keys->dims[rank + i] == t->key_shape.dims[i];
  if (!ends)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT,
        "the keys have shape %s, which does not end with a key's %s",
        firn_shape_text(keys, have), firn_shape_text(&t->key_shape, want));
  *out = *value;
  for (int i = rank; i-- > 0;)
    FIRN_TRY(firn_shape_prepend(keys->dims[i], out, out, err));
  return FIRN_OK;
}

static firn_code check_values(const firn_shape *have, const firn_shape *want,
                              const char *what, firn_error *err) {
  char th[256], tw[256];
  if (firn_shape_equal(have, want)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s has shape %s, not %s", what,
                   firn_shape_text(have, th), firn_shape_text(want, tw));
}

/* ---- Finding ------------------------------------------------------------ */

/* A value for each key, when the handle knows what a value is. */
static firn_code infer_find(firn_infer *q, firn_error *err) {
  const firn_info *handle = &q->in[0], *keys = &q->in[1];
  if (handle->handle_dtype == FIRN_INVALID || keys->shape.rank < 0 ||
      !firn_shape_known(&handle->handle_shape))
    return FIRN_OK;
  firn_shape shape = handle->handle_shape;
  for (int i = keys->shape.rank; i-- > 0;)
    FIRN_TRY(firn_shape_prepend(keys->shape.dims[i], &shape, &shape, err));
  q->out[0].shape = shape;
  return FIRN_OK;
}

static firn_code drive_find(const firn_run *run, firn_error *err) {
  const firn_tensor *keys = run->in[1], *other = run->in[2];
  firn_table *t;
  firn_shape shape;
  firn_tensor *out = NULL;
  FIRN_TRY(table_of(run, &t, err));
  FIRN_TRY(check_types(t, keys->dtype, other->dtype, err));
  FIRN_TRY(values_shape(t, &keys->shape, &t->value_shape, &shape, err));
  if (!firn_shape_equal(&other->shape, &shape))
    FIRN_TRY(
        check_values(&other->shape, &t->value_shape, "default_value", err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  return t->kind->find(t, keys, other, out, err);
}

/* ---- Changing ----------------------------------------------------------- */

static firn_code keys_and_values(const firn_run *run, firn_table **out,
                                 firn_error *err) {
  FIRN_TRY(table_of(run, out, err));
  return check_types(*out, run->in[1]->dtype, run->in[2]->dtype, err);
}

static firn_code drive_insert(const firn_run *run, firn_error *err) {
  firn_table *t;
  firn_shape shape;
  FIRN_TRY(keys_and_values(run, &t, err));
  FIRN_TRY(values_shape(t, &run->in[1]->shape, &t->value_shape, &shape, err));
  FIRN_TRY(check_values(&run->in[2]->shape, &shape, "values", err));
  return t->kind->insert(t, run->env, run->in[1], run->in[2], err);
}

/* A dense table's buckets come as vectors, as its export gives them. */
static firn_code drive_import(const firn_run *run, firn_error *err) {
  const firn_shape *keys = &run->in[1]->shape;
  firn_table *t;
  firn_shape shape, value;
  FIRN_TRY(keys_and_values(run, &t, err));
  value = t->value_shape;
  if (t->kind == &firn_table_dense) {
    if (value.rank == 0) value = firn_shape_vector(1);
    if (keys->rank != 2 || keys->dims[1] != (int64_t)firn_table_key_width(t))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the keys must be [buckets, %zu]",
                       firn_table_key_width(t));
    FIRN_TRY(firn_shape_prepend(keys->dims[0], &value, &shape, err));
  } else {
    FIRN_TRY(values_shape(t, keys, &value, &shape, err));
  }
  FIRN_TRY(check_values(&run->in[2]->shape, &shape, "values", err));
  return t->kind->import(t, run->env, run->in[1], run->in[2], err);
}

static firn_code drive_remove(const firn_run *run, firn_error *err) {
  firn_table *t;
  firn_shape shape;
  FIRN_TRY(table_of(run, &t, err));
  FIRN_TRY(check_types(t, run->in[1]->dtype, FIRN_INVALID, err));
  FIRN_TRY(values_shape(t, &run->in[1]->shape, &t->value_shape, &shape, err));
  return t->kind->remove(t, run->in[1], err);
}

static firn_code infer_initialize(firn_infer *q, firn_error *err) {
  firn_shape keys, values;
  FIRN_TRY(firn_infer_rank(q, 1, 1, "keys", &keys, err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "values", &values, err));
  return firn_shape_merge(&keys, &values, &keys, err);
}

static firn_code drive_initialize(const firn_run *run, firn_error *err) {
  firn_table *t;
  FIRN_TRY(keys_and_values(run, &t, err));
  FIRN_TRY(check_values(&run->in[2]->shape, &run->in[1]->shape, "values", err));
  if (!run->in[1]->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "there are no keys to initialise the table with");
  return firn_table_fill(t, run->env, run->in[1], run->in[2], err);
}

static firn_code drive_initialize_file(const firn_run *run, firn_error *err) {
  firn_table *t;
  FIRN_TRY(table_of(run, &t, err));
  if (run->in[1]->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "filename must be a single string");
  return firn_lookup_fill_from_file(run, t, firn_tensor_string(run->in[1], 0),
                                    err);
}

/* ---- The whole table ---------------------------------------------------- */

static firn_code drive_size(const firn_run *run, firn_error *err) {
  firn_table *t;
  FIRN_TRY(table_of(run, &t, err));
  *(int64_t *)run->out[0]->data = (int64_t)firn_table_count(t);
  return FIRN_OK;
}

static firn_code drive_export(const firn_run *run, firn_error *err) {
  firn_table *t;
  firn_tensor *keys = NULL, *values = NULL;
  FIRN_TRY(table_of(run, &t, err));
  FIRN_TRY(check_types(t, (firn_dtype)run->node->output_types[0],
                       (firn_dtype)run->node->output_types[1], err));
  const firn_code code = t->kind->export(t, run->env, &keys, &values, err);
  if (code != FIRN_OK) {
    firn_tensor_release(keys);
    return code;
  }
  firn_run_give(run, 0, keys);
  firn_run_give(run, 1, values);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KEYS                                                                \
  {                                                                         \
    "key_dtype",                                                            \
        FIRN_BIT(FIRN_INT32) | FIRN_BIT(FIRN_INT64) | FIRN_BIT(FIRN_STRING) \
  }
#define VALUES                                                          \
  {                                                                     \
    "value_dtype", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) |       \
                       FIRN_BIT(FIRN_INT32) | FIRN_BIT(FIRN_INT64) |    \
                       FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING) |    \
                       FIRN_BIT(FIRN_VARIANT) | FIRN_BIT(FIRN_RESOURCE) \
  }
#define TABLE(NAME)                             \
  static const firn_kernel NAME[] = {           \
      {.types = {KEYS, VALUES},                 \
       .drive = drive_table,                    \
       .micro = {.table = &firn_table_##NAME}}, \
      {.drive = NULL},                          \
  }
#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

TABLE(fixed);
TABLE(mutable);
TABLE(dense);
KERNEL(find);
KERNEL(insert);
KERNEL(import);
KERNEL(remove);
KERNEL(initialize);
KERNEL(initialize_file);
KERNEL(size);
KERNEL(export);

enum {
  STATE = FIRN_OP_STATEFUL,
  GIVES = FIRN_OP_STATEFUL | FIRN_OP_GIVES,
  HANDLE = FIRN_OP_STATEFUL | FIRN_OP_GIVES | FIRN_OP_HANDLE,
};

static const firn_op ops[] = {
    {"HashTable", infer_table, fixed, HANDLE},
    {"HashTableV2", infer_table, fixed, HANDLE},
    {"AnonymousHashTable", infer_table, fixed, GIVES},
    {"MutableHashTable", infer_table, mutable, HANDLE},
    {"MutableHashTableV2", infer_table, mutable, HANDLE},
    {"AnonymousMutableHashTable", infer_table, mutable, GIVES},
    {"MutableHashTableOfTensors", infer_table, mutable, HANDLE},
    {"MutableHashTableOfTensorsV2", infer_table, mutable, HANDLE},
    {"AnonymousMutableHashTableOfTensors", infer_table, mutable, GIVES},
    {"MutableDenseHashTable", infer_table, dense, HANDLE},
    {"MutableDenseHashTableV2", infer_table, dense, HANDLE},
    {"AnonymousMutableDenseHashTable", infer_table, dense, GIVES},
    {"InitializeTable", infer_initialize, initialize, STATE},
    {"InitializeTableV2", infer_initialize, initialize, STATE},
    {"InitializeTableFromTextFile", firn_infer_none, initialize_file, STATE},
    {"InitializeTableFromTextFileV2", firn_infer_none, initialize_file, STATE},
    {"LookupTableFind", infer_find, find, STATE},
    {"LookupTableFindV2", infer_find, find, STATE},
    {"LookupTableInsert", firn_infer_none, insert, STATE},
    {"LookupTableInsertV2", firn_infer_none, insert, STATE},
    {"LookupTableRemoveV2", firn_infer_none, remove, STATE},
    {"LookupTableImport", firn_infer_none, import, STATE},
    {"LookupTableImportV2", firn_infer_none, import, STATE},
    {"LookupTableSize", firn_infer_scalar, size, STATE},
    {"LookupTableSizeV2", firn_infer_scalar, size, STATE},
    {"LookupTableExport", firn_infer_unknown, export, GIVES},
    {"LookupTableExportV2", firn_infer_unknown, export, GIVES},
};

FIRN_OP_FAMILY(lookup, ops);
