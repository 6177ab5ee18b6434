/* ops/store.c: what a session remembers between runs, and its variables.
 *
 * Objects are found by container and name in one hash table under one lock; a
 * plan asks for each once. A variable has a lock of its own, held while its
 * value changes hands or is changed in place: readers take a counted snapshot,
 * and a writer copies when somebody still holds one.
 */
#include "ops/store.h"

#include <pthread.h>
#include <stdlib.h>

#include "ops/infer.h"

typedef struct item {
  firn_str container, name, key;
  firn_object *object; /* NULL: dropped */
} item;

struct firn_store {
  firn_env env;
  firn_values values;
  pthread_mutex_t lock; /* guards what follows, but for the generation */
  firn_arena arena;
  firn_map index; /* key → position in items */
  item *items;
  size_t count, capacity;
  atomic_uint_fast64_t generation;
};

struct firn_variable {
  firn_object object;
  firn_allocator alloc;
  firn_dtype dtype;
  firn_shape shape; /* as declared */
  firn_str name;    /* borrowed from the node */
  const firn_node *node;
  pthread_mutex_t lock; /* guards what follows */
  firn_store *store; /* NULL: a variable of no store, or of one that is gone */
  firn_tensor *value;
  bool asked; /* for the first value */
};

/* ---- The store ---------------------------------------------------------- */

firn_code firn_store_new(const firn_env *env, const firn_values *values,
                         firn_store **out, firn_error *err) {
  *out = NULL;
  firn_store *store = firn_new_zeroed(&env->alloc, sizeof *store);
  if (!store) return firn_oom(err, sizeof *store);
  store->env = *env;
  if (values) store->values = *values;
  pthread_mutex_init(&store->lock, NULL);
  firn_arena_init(&store->arena, &env->alloc);
  firn_map_init(&store->index, &env->alloc);
  *out = store;
  return FIRN_OK;
}

static void detach(firn_object *object) {
  if (!object || object->class != &firn_variable_class) return;
  firn_variable *variable = (firn_variable *)object;
  pthread_mutex_lock(&variable->lock);
  variable->store = NULL;
  pthread_mutex_unlock(&variable->lock);
}

void firn_store_free(firn_store *store) {
  if (!store) return;
  const firn_allocator alloc = store->env.alloc;
  for (size_t i = 0; i < store->count; i++) {
    detach(store->items[i].object);
    firn_object_release(store->items[i].object);
  }
  firn_delete(&alloc, store->items, store->capacity * sizeof *store->items);
  firn_map_fini(&store->index);
  firn_arena_fini(&store->arena);
  pthread_mutex_destroy(&store->lock);
  firn_delete(&alloc, store, sizeof *store);
}

const firn_env *firn_store_env(const firn_store *store) { return &store->env; }

uint64_t firn_store_generation(const firn_store *store) {
  return atomic_load_explicit(&store->generation, memory_order_acquire);
}

/* A container's name holds no zero byte, so that one ends the key's first half.
 */
static void make_key(char *key, firn_str container, firn_str name, item *out) {
  if (container.size) memcpy(key, container.data, container.size);
  key[container.size] = 0;
  if (name.size) memcpy(key + container.size + 1, name.data, name.size);
  out->key = (firn_str){key, container.size + 1 + name.size};
  out->container = (firn_str){key, container.size};
  out->name = (firn_str){key + container.size + 1, name.size};
}

static bool make_room(firn_store *store) {
  if (store->count < store->capacity) return true;
  const size_t more = store->capacity ? store->capacity * 2 : 16;
  item *items =
      firn_resize(&store->env.alloc, store->items,
                  store->capacity * sizeof *items, more * sizeof *items);
  if (!items) return false;
  store->items = items;
  store->capacity = more;
  return true;
}

/* The item of that key, with or without an object. */
static firn_code find_item(firn_store *store, const item *wanted, item **out,
                           firn_error *err) {
  uint64_t at = store->count;
  if (!firn_map_get(&store->index, wanted->key, &at)) {
    char *key = firn_arena_alloc(&store->arena, wanted->key.size);
    if (!key || !make_room(store)) return firn_oom(err, wanted->key.size);
    item *fresh = &store->items[at];
    *fresh = (item){.object = NULL};
    make_key(key, wanted->container, wanted->name, fresh);
    if (!firn_map_set(&store->index, fresh->key, at))
      return firn_oom(err, sizeof *fresh);
    store->count++;
  }
  *out = &store->items[at];
  return FIRN_OK;
}

firn_code firn_store_get(firn_store *store, firn_str container, firn_str name,
                         const firn_object_class *class,
                         firn_code (*make)(void *ud, firn_object **out,
                                           firn_error *err),
                         void *ud, firn_object **out, firn_error *err) {
  *out = NULL;
  item wanted, *found = NULL;
  size_t size;
  if (!firn_add_size(container.size + 1, name.size, &size))
    return firn_oom(err, SIZE_MAX);
  char *key = firn_new(&store->env.alloc, size);
  if (!key) return firn_oom(err, size);
  make_key(key, container, name, &wanted);
  pthread_mutex_lock(&store->lock);
  firn_code code = find_item(store, &wanted, &found, err);
  if (code == FIRN_OK && !found->object) {
    code = make ? make(ud, &found->object, err)
                : firn_fail(err, FIRN_NOT_FOUND, "there is no %s '%.*s'",
                            class->name, FIRN_ARG(name));
  } else if (code == FIRN_OK && found->object->class != class) {
    code = firn_fail(err, FIRN_INVALID_ARGUMENT, "'%.*s' is a %s, not a %s",
                     FIRN_ARG(name), found->object->class->name, class->name);
  }
  if (code == FIRN_OK) *out = firn_object_retain(found->object);
  pthread_mutex_unlock(&store->lock);
  firn_delete(&store->env.alloc, key, size);
  return code;
}

bool firn_store_drop(firn_store *store, const firn_object *object) {
  firn_object *dropped = NULL;
  pthread_mutex_lock(&store->lock);
  for (size_t i = 0; i < store->count && !dropped; i++)
    if (store->items[i].object == object) {
      dropped = store->items[i].object;
      store->items[i].object = NULL;
    }
  pthread_mutex_unlock(&store->lock);
  detach(dropped);
  firn_object_release(dropped);
  return dropped != NULL;
}

static int by_name(const void *pa, const void *pb) {
  const item *a = pa, *b = pb;
  const int order = firn_str_compare(a->container, b->container);
  return order ? order : firn_str_compare(a->name, b->name);
}

firn_code firn_store_each(firn_store *store, const firn_object_class *class,
                          firn_code (*visit)(void *ud, firn_str container,
                                             firn_str name, firn_object *object,
                                             firn_error *err),
                          void *ud, firn_error *err) {
  pthread_mutex_lock(&store->lock);
  const size_t size = store->count * sizeof(item);
  item *found = size ? firn_new(&store->env.alloc, size) : NULL;
  size_t count = 0;
  for (size_t i = 0; found && i < store->count; i++) {
    firn_object *object = store->items[i].object;
    if (!object || object->class != class) continue;
    found[count] = store->items[i];
    found[count++].object = firn_object_retain(object);
  }
  pthread_mutex_unlock(&store->lock);
  if (size && !found) return firn_oom(err, size);
  if (count) qsort(found, count, sizeof *found, by_name);
  firn_code code = FIRN_OK;
  for (size_t i = 0; i < count; i++) {
    const item *it = &found[i];
    if (code == FIRN_OK)
      code = visit(ud, it->container, it->name, it->object, err);
    firn_object_release(it->object);
  }
  firn_delete(&store->env.alloc, found, size);
  return code;
}

/* ---- Variables ---------------------------------------------------------- */

static void free_variable(firn_object *object) {
  firn_variable *variable = (firn_variable *)object;
  const firn_allocator alloc = variable->alloc;
  firn_tensor_release(variable->value);
  pthread_mutex_destroy(&variable->lock);
  firn_delete(&alloc, variable, sizeof *variable);
}

const firn_object_class firn_variable_class = {"variable", free_variable};

/* What TensorFlow's Python writes as the shared name of variables that are
 * nobody else's. */
static const char ANONYMOUS[] = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

static firn_str shared_or(firn_str shared, const firn_node *node) {
  return shared.size && !firn_str_is(shared, ANONYMOUS) ? shared
                                                        : node->def->name;
}

/* Its graphs could not say "unknown" any other way. */
static firn_shape legacy_shape(firn_shape shape, const firn_node *node) {
  return shape.rank == 0 && firn_str_is(node->type->name, "Variable")
             ? firn_shape_unknown()
             : shape;
}

/* What a node says of a variable. */
typedef struct declaration {
  firn_store *store;
  const firn_env *env;
  const firn_node *node;
  firn_str container, name;
  firn_dtype dtype;
  firn_shape shape;
} declaration;

static firn_code declare(const firn_node *node, declaration *d,
                         firn_error *err) {
  *d = (declaration){.node = node};
  d->container = firn_attr_str_or(node, "container", "");
  d->name = shared_or(firn_attr_str_or(node, "shared_name", ""), node);
  FIRN_TRY(firn_attr_type(node, "dtype", &d->dtype, err));
  FIRN_TRY(firn_attr_shape(node, "shape", &d->shape, err));
  d->shape = legacy_shape(d->shape, node);
  return FIRN_OK;
}

static firn_code make_variable(void *ud, firn_object **out, firn_error *err) {
  const declaration *d = ud;
  firn_variable *variable = firn_new_zeroed(&d->env->alloc, sizeof *variable);
  if (!variable) return firn_oom(err, sizeof *variable);
  firn_object_init(&variable->object, &firn_variable_class);
  pthread_mutex_init(&variable->lock, NULL);
  variable->alloc = d->env->alloc;
  variable->dtype = d->dtype;
  variable->shape = d->shape;
  variable->name = d->name;
  variable->node = d->node;
  variable->store = d->store;
  *out = &variable->object;
  return FIRN_OK;
}

firn_code firn_variable_new(const firn_node *node, const firn_env *env,
                            firn_variable **out, firn_error *err) {
  *out = NULL;
  declaration d;
  firn_object *object = NULL;
  FIRN_TRY(declare(node, &d, err));
  d.env = env;
  FIRN_TRY(make_variable(&d, &object, err));
  *out = (firn_variable *)object;
  return FIRN_OK;
}

static firn_code get_variable(firn_store *store, declaration *d,
                              firn_variable **out, firn_error *err) {
  firn_object *object = NULL;
  d->store = store;
  d->env = &store->env;
  FIRN_TRY(firn_store_get(store, d->container, d->name, &firn_variable_class,
                          make_variable, d, &object, err));
  firn_variable *variable = (firn_variable *)object;
  if (d->dtype != variable->dtype) {
    firn_fail(err, FIRN_INVALID_ARGUMENT,
              "variable '%.*s' is declared %s here, and %s by node '%.*s'",
              FIRN_ARG(variable->name), firn_dtype_name(d->dtype),
              firn_dtype_name(variable->dtype),
              FIRN_ARG(variable->node->def->name));
    firn_object_release(object);
    return FIRN_INVALID_ARGUMENT;
  }
  *out = variable;
  return FIRN_OK;
}

firn_code firn_store_variable(firn_store *store, const firn_node *node,
                              firn_variable **out, firn_error *err) {
  *out = NULL;
  declaration d;
  FIRN_TRY(declare(node, &d, err));
  return get_variable(store, &d, out, err);
}

firn_code firn_store_variable_at(firn_store *store, const firn_node *node,
                                 size_t i, firn_variable **out,
                                 firn_error *err) {
  *out = NULL;
  const firn_pb_AttrValue *containers = firn_attr(node, "containers");
  const firn_pb_AttrValue *names = firn_attr(node, "shared_names");
  const firn_pb_AttrValue *shapes = firn_attr(node, "shapes");
  declaration d = {.node = node, .dtype = firn_attr_type_at(node, "dtypes", i)};
  if (!names || names->value_case != FIRN_ATTR_LIST || !names->list ||
      i >= names->list->s_count || !containers ||
      containers->value_case != FIRN_ATTR_LIST || !containers->list ||
      i >= containers->list->s_count || !shapes ||
      shapes->value_case != FIRN_ATTR_LIST || !shapes->list ||
      i >= shapes->list->shape_count || d.dtype == FIRN_INVALID)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'shared_names' does not name variable %zu", i);
  d.container = containers->list->s[i];
  d.name = names->list->s[i];
  FIRN_TRY(firn_shape_from_proto(shapes->list->shape[i], &d.shape, err));
  return get_variable(store, &d, out, err);
}

firn_dtype firn_variable_dtype(const firn_variable *variable) {
  return variable->dtype;
}

const firn_shape *firn_variable_shape(const firn_variable *variable) {
  return &variable->shape;
}

firn_code firn_variable_of(const firn_tensor *handle, firn_variable **out,
                           firn_error *err) {
  *out = NULL;
  if (!firn_dtype_is_handle(handle->dtype) || handle->count < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a %s tensor is no handle of a variable",
                     firn_dtype_name(handle->dtype));
  firn_object *object = *(firn_object *const *)handle->data;
  if (!object || object->class != &firn_variable_class)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the handle is of a %s, not of a variable",
                     object ? object->class->name : "thing that is not there");
  *out = (firn_variable *)object;
  return FIRN_OK;
}

/* A tensor that owns its bytes, at an address that every kernel takes. */
static firn_code settle(const firn_variable *variable, firn_tensor *value,
                        firn_tensor **out, firn_error *err) {
  return value->buffer && ((uintptr_t)value->data % 64 == 0 || !value->count)
             ? firn_tensor_keep(value, &variable->alloc, out, err)
             : firn_tensor_copy(value, &variable->alloc, out, err);
}

static firn_code check_first(const firn_variable *variable,
                             const firn_tensor *value, firn_error *err) {
  firn_shape shape;
  if (value->dtype != variable->dtype)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "variable '%.*s' is %s, its stored value %s",
                     FIRN_ARG(variable->name), firn_dtype_name(variable->dtype),
                     firn_dtype_name(value->dtype));
  const firn_code code =
      firn_shape_merge(&variable->shape, &value->shape, &shape, err);
  return code == FIRN_OK
             ? code
             : firn_while(err, code, "stored value of variable '%.*s'",
                          FIRN_ARG(variable->name));
}

/* Asks for the first value, once. Called with the lock held. */
static firn_code ask(firn_variable *variable, firn_error *err) {
  if (variable->value || variable->asked || !variable->store) return FIRN_OK;
  const firn_values *values = &variable->store->values;
  firn_tensor *value = NULL;
  if (values->get)
    FIRN_TRY(values->get(values->ud, variable->node, &value, err));
  variable->asked = true;
  if (!value) return FIRN_OK;
  firn_code code = check_first(variable, value, err);
  if (code == FIRN_OK) code = settle(variable, value, &variable->value, err);
  firn_tensor_release(value);
  variable->asked = code == FIRN_OK;
  return code;
}

static firn_code need_value(firn_variable *variable, firn_error *err) {
  FIRN_TRY(ask(variable, err));
  if (variable->value) return FIRN_OK;
  return firn_fail(err, FIRN_FAILED_PRECONDITION,
                   "variable '%.*s' has no value yet: run its initialiser or "
                   "restore a checkpoint first",
                   FIRN_ARG(variable->name));
}

firn_code firn_variable_read(firn_variable *variable, firn_tensor **out,
                             firn_error *err) {
  *out = NULL;
  pthread_mutex_lock(&variable->lock);
  const firn_code code = need_value(variable, err);
  if (code == FIRN_OK) *out = firn_tensor_retain(variable->value);
  pthread_mutex_unlock(&variable->lock);
  return code;
}

bool firn_variable_ready(firn_variable *variable) {
  pthread_mutex_lock(&variable->lock);
  const bool ready = ask(variable, NULL) == FIRN_OK && variable->value;
  pthread_mutex_unlock(&variable->lock);
  return ready;
}

/* Called with the lock held. */
static void count_change(firn_variable *variable) {
  if (variable->store)
    atomic_fetch_add_explicit(&variable->store->generation, 1,
                              memory_order_acq_rel);
}

firn_code firn_variable_assign(firn_variable *variable, firn_tensor *value,
                               firn_error *err) {
  firn_tensor *own = NULL;
  firn_code code = FIRN_OK;
  if (value->dtype != variable->dtype)
    code = firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "variable '%.*s' is %s and cannot hold %s",
                     FIRN_ARG(variable->name), firn_dtype_name(variable->dtype),
                     firn_dtype_name(value->dtype));
  if (code == FIRN_OK) code = settle(variable, value, &own, err);
  firn_tensor_release(value);
  if (code != FIRN_OK) return code;
  pthread_mutex_lock(&variable->lock);
  firn_tensor *old = variable->value;
  variable->value = own;
  variable->asked = true;
  count_change(variable);
  pthread_mutex_unlock(&variable->lock);
  firn_tensor_release(old);
  return FIRN_OK;
}

void firn_variable_clear(firn_variable *variable) {
  pthread_mutex_lock(&variable->lock);
  firn_tensor *old = variable->value;
  variable->value = NULL;
  variable->asked = true;
  count_change(variable);
  pthread_mutex_unlock(&variable->lock);
  firn_tensor_release(old);
}

/* Whether nobody else can see the bytes, and they are ours to write to. */
static bool sole_owner(const firn_tensor *value) {
  const firn_buffer *buffer = value->buffer;
  return buffer && !buffer->release &&
         atomic_load_explicit(&value->owners, memory_order_acquire) == 1 &&
         atomic_load_explicit(&buffer->owners, memory_order_acquire) == 1;
}

firn_code firn_variable_update(firn_variable *variable,
                               firn_code (*edit)(void *ud, firn_tensor *value,
                                                 firn_error *err),
                               void *ud, firn_error *err) {
  pthread_mutex_lock(&variable->lock);
  firn_code code = need_value(variable, err);
  if (code == FIRN_OK && !sole_owner(variable->value)) {
    firn_tensor *copy = NULL;
    code = firn_tensor_copy(variable->value, &variable->alloc, &copy, err);
    if (code == FIRN_OK) {
      firn_tensor_release(variable->value);
      variable->value = copy;
    }
  }
  if (code == FIRN_OK) {
    count_change(variable);
    code = edit(ud, variable->value, err);
  }
  pthread_mutex_unlock(&variable->lock);
  return code;
}

firn_str firn_variable_name(const firn_variable *variable) {
  return variable->name;
}

const firn_node *firn_variable_node(const firn_variable *variable) {
  return variable->node;
}
