/* ops/optional.c: Optionals: some tensors, or none, as one value. */
#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/tensor_text.h"

typedef struct optional {
  firn_object object;
  firn_allocator alloc;
  size_t count;
  bool there;
  firn_tensor *items[];
} optional;

static size_t size_of(size_t count) {
  return sizeof(optional) + count * sizeof(firn_tensor *);
}

static void free_optional(firn_object *object) {
  optional *o = (optional *)object;
  const firn_allocator alloc = o->alloc;
  for (size_t i = 0; i < o->count; i++) firn_tensor_release(o->items[i]);
  firn_delete(&alloc, o, size_of(o->count));
}

static const firn_object_class optional_class = {"optional", free_optional};

bool firn_text_optional(firn_buf *text, const firn_object *object) {
  const optional *o = (const optional *)object;
  if (!object || object->class != &optional_class) return false;
  if (!o->there || !o->count) {
    firn_buf_puts(text, "OptionalVariant<None>");
    return true;
  }
  firn_buf_puts(text, "OptionalVariant<values: (");
  firn_text_described(text, o->items[o->count - 1]); /* so does TensorFlow */
  firn_buf_puts(text, ")>");
  return true;
}

static firn_code make(const firn_run *run, bool there, firn_error *err) {
  const size_t count = run->in_count;
  optional *o = firn_new_zeroed(&run->env->alloc, size_of(count));
  if (!o) return firn_oom(err, size_of(count));
  firn_object_init(&o->object, &optional_class);
  o->alloc = run->env->alloc;
  o->count = count;
  o->there = there;
  for (size_t i = 0; i < count; i++) {
    const firn_code code =
        firn_tensor_settle(run->in[i], &o->alloc, &o->items[i], err);
    if (code == FIRN_OK) continue;
    firn_object_release(&o->object);
    return code;
  }
  return firn_give_object(run, 0, &o->object, err);
}

static firn_code drive_from_value(const firn_run *run, firn_error *err) {
  return make(run, true, err);
}

static firn_code drive_none(const firn_run *run, firn_error *err) {
  return make(run, false, err);
}

static firn_code optional_of(const firn_run *run, optional **out,
                             firn_error *err) {
  firn_object *object = NULL;
  FIRN_TRY(firn_object_of(run->in[0], &optional_class, &object, err));
  *out = (optional *)object;
  return FIRN_OK;
}

static firn_code drive_has_value(const firn_run *run, firn_error *err) {
  optional *o;
  FIRN_TRY(optional_of(run, &o, err));
  *(bool *)run->out[0]->data = o->there;
  return FIRN_OK;
}

static firn_code shape_at(const firn_node *node, size_t i, firn_shape *out,
                          firn_error *err) {
  const firn_pb_AttrValue *shapes = firn_attr(node, "output_shapes");
  if (!shapes || shapes->value_case != FIRN_ATTR_LIST || !shapes->list ||
      i >= shapes->list->shape_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'output_shapes' has no shape %zu", i);
  return firn_shape_from_proto(shapes->list->shape[i], out, err);
}

static firn_code check_item(const firn_run *run, const firn_tensor *item,
                            size_t i, firn_error *err) {
  const firn_dtype dtype = (firn_dtype)run->node->output_types[i];
  firn_shape shape;
  char have[256], want[256];
  FIRN_TRY(shape_at(run->node, i, &shape, err));
  if (item->dtype == dtype && firn_shape_fits(&shape, &item->shape))
    return FIRN_OK;
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT, "component %zu is %s %s, not %s %s", i,
      firn_dtype_name(item->dtype), firn_shape_text(&item->shape, have),
      firn_dtype_name(dtype), firn_shape_text(&shape, want));
}

static firn_code drive_get(const firn_run *run, firn_error *err) {
  optional *o;
  FIRN_TRY(optional_of(run, &o, err));
  if (!o->there)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the optional has no value");
  if (o->count != run->out_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the optional has %zu components, not %zu", o->count,
                     run->out_count);
  for (size_t i = 0; i < o->count; i++) {
    FIRN_TRY(check_item(run, o->items[i], i, err));
    firn_run_give(run, i, firn_tensor_retain(o->items[i]));
  }
  return FIRN_OK;
}

static firn_code infer_get(firn_infer *q, firn_error *err) {
  for (size_t i = 0; i < q->out_count; i++)
    FIRN_TRY(shape_at(q->node, i, &q->out[i].shape, err));
  return FIRN_OK;
}

#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

KERNEL(from_value);
KERNEL(none);
KERNEL(has_value);
KERNEL(get);

static const firn_op ops[] = {
    {"OptionalFromValue", firn_infer_scalar, from_value, FIRN_OP_GIVES},
    {"OptionalNone", firn_infer_scalar, none, FIRN_OP_GIVES},
    {"OptionalHasValue", firn_infer_scalar, has_value, 0},
    {"OptionalGetValue", infer_get, get, FIRN_OP_GIVES},
};

FIRN_OP_FAMILY(optional, ops);
