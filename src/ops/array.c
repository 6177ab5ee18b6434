/* ops/array.c: the state of a TensorArray, and the rules of writing and reading
 * it once.
 *
 * A gradient array starts with elements that are known by their shape only:
 * they count as zeros until something is written. */
#include "ops/array.h"

#include <pthread.h>

#include "ops/combine.h"
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/pieces.h"

typedef struct cell {
  firn_tensor *tensor;
  firn_shape *zeros; /* written, but only as zeros of this shape */
  bool written, was_read, cleared, summed;
} cell;

typedef struct gradient {
  struct gradient *next;
  char *source;
  size_t source_size;
  firn_array *array;
} gradient;

struct firn_array {
  firn_object object;
  firn_allocator alloc;
  firn_array_traits traits;
  pthread_mutex_t lock; /* guards what follows, and traits.shape and .dynamic */
  cell *cells;
  size_t size, capacity;
  gradient *gradients;
  bool closed, summed;
};

static void clear(firn_array *a) {
  for (size_t i = 0; i < a->size; i++) {
    firn_tensor_release(a->cells[i].tensor);
    if (a->cells[i].zeros)
      firn_delete(&a->alloc, a->cells[i].zeros, sizeof(firn_shape));
  }
  firn_delete(&a->alloc, a->cells, a->capacity * sizeof *a->cells);
  a->cells = NULL;
  a->size = a->capacity = 0;
}

static void free_array(firn_object *object) {
  firn_array *a = (firn_array *)object;
  const firn_allocator alloc = a->alloc;
  clear(a);
  for (gradient *g = a->gradients, *next; g; g = next) {
    next = g->next;
    if (g->array) firn_object_release(&g->array->object);
    firn_delete(&alloc, g->source, g->source_size + 1);
    firn_delete(&alloc, g, sizeof *g);
  }
  pthread_mutex_destroy(&a->lock);
  firn_delete(&alloc, a, sizeof *a);
}

const firn_object_class firn_array_class = {"TensorArray", free_array};

/* Makes the array longer. Called with the lock held. */
static firn_code grow(firn_array *a, const firn_env *env, size_t size,
                      firn_error *err) {
  const firn_shape bytes = firn_shape_vector((int64_t)(size * sizeof(cell)));
  if (size <= a->size) return FIRN_OK;
  FIRN_TRY(firn_tensor_within(FIRN_UINT8, &bytes, &env->limits, err));
  if (size > a->capacity) {
    const size_t more = firn_max_size(size, a->size ? a->capacity * 2 : 0);
    cell *cells = firn_resize(&a->alloc, a->cells, a->capacity * sizeof *cells,
                              more * sizeof *cells);
    if (!cells) return firn_oom(err, more * sizeof *cells);
    a->cells = cells;
    a->capacity = more;
  }
  memset(a->cells + a->size, 0, (size - a->size) * sizeof(cell));
  a->size = size;
  return FIRN_OK;
}

firn_code firn_array_new(const firn_env *env, const firn_array_traits *traits,
                         int64_t size, firn_array **out, firn_error *err) {
  *out = NULL;
  if (size < 0 || size > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "size = %lld must not be negative", (long long)size);
  firn_array *a = firn_new_zeroed(&env->alloc, sizeof *a);
  if (!a) return firn_oom(err, sizeof *a);
  firn_object_init(&a->object, &firn_array_class);
  pthread_mutex_init(&a->lock, NULL);
  a->alloc = env->alloc;
  a->traits = *traits;
  const firn_code code = grow(a, env, (size_t)size, err);
  if (code != FIRN_OK) {
    firn_object_release(&a->object);
    return code;
  }
  *out = a;
  return FIRN_OK;
}

firn_dtype firn_array_dtype(const firn_array *a) { return a->traits.dtype; }

static firn_code need_open(const firn_array *a, firn_error *err) {
  if (!a->closed) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the TensorArray has been closed");
}

bool firn_array_dynamic(firn_array *a) {
  pthread_mutex_lock(&a->lock);
  const bool dynamic = a->traits.dynamic;
  pthread_mutex_unlock(&a->lock);
  return dynamic;
}

firn_code firn_array_size(firn_array *a, size_t *out, firn_error *err) {
  pthread_mutex_lock(&a->lock);
  const firn_code code = need_open(a, err);
  *out = a->size;
  pthread_mutex_unlock(&a->lock);
  return code;
}

firn_shape firn_array_shape(firn_array *a) {
  pthread_mutex_lock(&a->lock);
  const firn_shape shape = a->traits.shape;
  pthread_mutex_unlock(&a->lock);
  return shape;
}

firn_code firn_array_refine(firn_array *a, const firn_shape *shape,
                            firn_error *err) {
  pthread_mutex_lock(&a->lock);
  const firn_code code =
      firn_shape_merge(&a->traits.shape, shape, &a->traits.shape, err);
  pthread_mutex_unlock(&a->lock);
  return code == FIRN_OK
             ? code
             : firn_while(err, code, "the elements of the TensorArray");
}

void firn_array_close(firn_array *a) {
  pthread_mutex_lock(&a->lock);
  clear(a);
  a->closed = true;
  pthread_mutex_unlock(&a->lock);
}

/* ---- Writing ------------------------------------------------------------ */

static const firn_shape *cell_shape(const cell *c) {
  return c->tensor ? &c->tensor->shape : c->zeros;
}

static firn_code check_shape(firn_array *a, int64_t i, const firn_shape *shape,
                             firn_error *err) {
  char have[256], want[256];
  if (!firn_shape_fits(&a->traits.shape, shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the value for element %lld has shape %s, the elements "
                     "have %s",
                     (long long)i, firn_shape_text(shape, have),
                     firn_shape_text(&a->traits.shape, want));
  if (a->traits.identical) a->traits.shape = *shape;
  return FIRN_OK;
}

static firn_code add_to(firn_array *a, cell *c, int64_t i, firn_tensor *value,
                        firn_error *err) {
  const firn_shape *shape = cell_shape(c);
  char have[256], want[256];
  if (shape && !firn_shape_equal(shape, &value->shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "element %lld has shape %s, what is added to it %s",
                     (long long)i, firn_shape_text(shape, want),
                     firn_shape_text(&value->shape, have));
  if (!c->tensor || !c->tensor->count) {
    firn_tensor_release(c->tensor);
    return firn_tensor_settle(value, &a->alloc, &c->tensor, err);
  }
  if (!c->summed) {
    firn_tensor *own = NULL;
    FIRN_TRY(firn_tensor_copy(c->tensor, &a->alloc, &own, err));
    firn_tensor_release(c->tensor);
    c->tensor = own;
    c->summed = true;
  }
  a->summed = true;
  return firn_combine_run(FIRN_COMBINE_ADD, value->dtype, c->tensor->data,
                          value->data, value->count, 1, err);
}

static firn_code write_cell(firn_array *a, const firn_env *env, int64_t i,
                            firn_tensor *value, firn_error *err) {
  FIRN_TRY(need_open(a, err));
  if (i < 0 || (!a->traits.dynamic && (uint64_t)i >= a->size))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "index = %lld is not in [0, %zu)", (long long)i, a->size);
  FIRN_TRY(grow(a, env, (size_t)i + 1, err));
  FIRN_TRY(check_shape(a, i, &value->shape, err));
  cell *c = &a->cells[i];
  if (c->was_read)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "element %lld has been read: it cannot be written any "
                     "more",
                     (long long)i);
  if (c->written && !a->traits.gradient)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "element %lld has been written already", (long long)i);
  if (c->written) return add_to(a, c, i, value, err);
  FIRN_TRY(firn_tensor_settle(value, &a->alloc, &c->tensor, err));
  c->written = true;
  return FIRN_OK;
}

firn_code firn_array_write(firn_array *a, const firn_env *env, int64_t i,
                           firn_tensor *value, firn_error *err) {
  pthread_mutex_lock(&a->lock);
  const firn_code code = write_cell(a, env, i, value, err);
  pthread_mutex_unlock(&a->lock);
  return code;
}

/* ---- Reading ------------------------------------------------------------ */

/* Makes cell i one of zeros of that shape. */
static firn_code be_zeros(firn_array *a, size_t i, const firn_shape *shape,
                          firn_error *err) {
  cell *c = &a->cells[i];
  if (!c->zeros) c->zeros = firn_new(&a->alloc, sizeof *c->zeros);
  if (!c->zeros) return firn_oom(err, sizeof *c->zeros);
  *c->zeros = *shape;
  c->written = true;
  return FIRN_OK;
}

/* What was never written is zeros, if its shape is known. */
static firn_code fill_in(firn_array *a, const firn_env *env, size_t i,
                         firn_error *err) {
  char text[256];
  if (i < a->size && a->cells[i].written) return FIRN_OK;
  if (!firn_shape_known(&a->traits.shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "element %zu was never written, and the elements' shape "
                     "is %s",
                     i, firn_shape_text(&a->traits.shape, text));
  const size_t size = a->size;
  FIRN_TRY(grow(a, env, i + 1, err));
  for (size_t k = firn_min_size(size, i); k <= i; k++)
    FIRN_TRY(be_zeros(a, k, &a->traits.shape, err));
  return FIRN_OK;
}

static firn_code read_cell(firn_array *a, const firn_env *env, int64_t i,
                           firn_tensor **out, firn_error *err) {
  FIRN_TRY(need_open(a, err));
  if (i < 0 || (!a->traits.gradient && (uint64_t)i >= a->size))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "index = %lld is not in [0, %zu)", (long long)i, a->size);
  FIRN_TRY(fill_in(a, env, (size_t)i, err));
  cell *c = &a->cells[i];
  if (c->cleared)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "element %lld is gone since it was read; "
                     "clear_after_read = false keeps it",
                     (long long)i);
  if (!c->tensor)
    FIRN_TRY(firn_piece_zeros(a->traits.dtype, c->zeros, env, &c->tensor, err));
  *out = c->tensor;
  if (a->traits.clears) {
    c->tensor = NULL;
    c->cleared = true;
  } else {
    firn_tensor_retain(*out);
  }
  c->was_read = true;
  c->summed = false; /* somebody else holds the bytes now */
  return FIRN_OK;
}

firn_code firn_array_read(firn_array *a, const firn_env *env, int64_t i,
                          firn_tensor **out, firn_error *err) {
  *out = NULL;
  pthread_mutex_lock(&a->lock);
  const firn_code code = read_cell(a, env, i, out, err);
  pthread_mutex_unlock(&a->lock);
  return code;
}

/* ---- Gradients ---------------------------------------------------------- */

static firn_code behind(const firn_shape *prepend, const firn_shape *shape,
                        firn_shape *out, firn_error *err) {
  *out = *shape;
  if (!prepend || shape->rank < 0) return FIRN_OK;
  for (int k = prepend->rank; k-- > 0;)
    FIRN_TRY(firn_shape_prepend(prepend->dims[k], out, out, err));
  return FIRN_OK;
}

/* Each element that was written has a gradient of its shape. */
static firn_code take_shapes(firn_array *g, const firn_array *from,
                             const firn_shape *prepend, firn_error *err) {
  for (size_t i = 0; i < from->size; i++) {
    const firn_shape *of = cell_shape(&from->cells[i]);
    firn_shape shape;
    if (!from->cells[i].written || !of) continue;
    FIRN_TRY(behind(prepend, of, &shape, err));
    FIRN_TRY(be_zeros(g, i, &shape, err));
  }
  return FIRN_OK;
}

static firn_code make_gradient(firn_array *a, const firn_env *env,
                               const firn_shape *prepend, firn_array **out,
                               firn_error *err) {
  firn_array_traits traits = {.dtype = a->traits.dtype,
                              .identical = a->traits.identical,
                              .clears = true,
                              .gradient = true};
  if (a->summed)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "elements of the TensorArray were written more than once: "
                     "it has no gradient");
  FIRN_TRY(behind(prepend, &a->traits.shape, &traits.shape, err));
  FIRN_TRY(firn_array_new(env, &traits, (int64_t)a->size, out, err));
  const firn_code code = take_shapes(*out, a, prepend, err);
  if (code == FIRN_OK) return code;
  firn_object_release(&(*out)->object);
  *out = NULL;
  return code;
}

static firn_code find_gradient(firn_array *a, const firn_env *env,
                               firn_str source, const firn_shape *prepend,
                               firn_array **out, firn_error *err) {
  FIRN_TRY(need_open(a, err));
  a->traits.dynamic = false;
  for (const gradient *g = a->gradients; g; g = g->next)
    if (firn_str_eq(source, (firn_str){g->source, g->source_size})) {
      *out = g->array;
      return FIRN_OK;
    }
  gradient *g = firn_new_zeroed(&a->alloc, sizeof *g);
  char *text = firn_new(&a->alloc, source.size + 1);
  if (g && text) {
    if (source.size) memcpy(text, source.data, source.size);
    *g = (gradient){a->gradients, text, source.size, NULL};
  }
  const firn_code code = g && text ? make_gradient(a, env, prepend, out, err)
                                   : firn_oom(err, source.size + sizeof *g);
  if (code != FIRN_OK) {
    firn_delete(&a->alloc, text, source.size + 1);
    firn_delete(&a->alloc, g, sizeof *g);
    return code;
  }
  g->array = *out;
  a->gradients = g;
  return FIRN_OK;
}

firn_code firn_array_gradient(firn_array *a, const firn_env *env,
                              firn_str source, const firn_shape *prepend,
                              firn_array **out, firn_error *err) {
  *out = NULL;
  pthread_mutex_lock(&a->lock);
  const firn_code code = find_gradient(a, env, source, prepend, out, err);
  if (code == FIRN_OK) firn_object_retain(&(*out)->object);
  pthread_mutex_unlock(&a->lock);
  return code;
}
