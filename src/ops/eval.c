/* ops/eval.c: the life of a step in one call, and what runs have in common.
 *
 * Files are hostile, and a kernel believes what the op's definition says. So
 * before an op's infer sees a node, the number and the types of its inputs are
 * held against that definition here, for every op alike.
 */
#include "ops/eval.h"

#include <stdio.h>

#include "ops/blame.h"
#include "ops/store.h"

/* ---- A node against its definition -------------------------------------- */

static int64_t list_length(const firn_pb_AttrValue_ListValue *list) {
  if (!list) return 0;
  return (int64_t)(list->s_count + list->i_count + list->f_count +
                   list->b_count + list->type_count + list->shape_count +
                   list->tensor_count + list->func_count);
}

static firn_code check_type(const firn_arg_walk *walk, size_t i, int want,
                            const firn_info *info, firn_error *err) {
  const firn_str name = walk->args[walk->arg - 1]->name;
  const firn_dtype have = firn_dtype_base(info->dtype);
  if (want == FIRN_INVALID)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "no attr says the type of input %zu ('%.*s')", i,
                     FIRN_ARG(name));
  if (have != firn_dtype_base(want))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input %zu ('%.*s') is %s, not %s", i, FIRN_ARG(name),
                     firn_dtype_name(have),
                     firn_dtype_name(firn_dtype_base(want)));
  if (firn_dtype_is_ref(want) && !firn_dtype_is_ref(info->dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input %zu ('%.*s') must be a variable, is a plain %s", i,
                     FIRN_ARG(name), firn_dtype_name(have));
  return FIRN_OK;
}

static firn_code check_minimum(const firn_pb_OpDef_AttrDef *attr,
                               const firn_pb_AttrValue *value,
                               firn_error *err) {
  int64_t have = INT64_MAX;
  if (value->value_case == FIRN_ATTR_INT) have = value->i;
  if (value->value_case == FIRN_ATTR_LIST) have = list_length(value->list);
  if (have >= attr->minimum) return FIRN_OK;
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT, "attr '%.*s' is %lld, must be at least %lld",
      FIRN_ARG(attr->name), (long long)have, (long long)attr->minimum);
}

static bool type_allowed(const firn_pb_AttrValue_ListValue *allowed,
                         int32_t type) {
  for (size_t i = 0; i < allowed->type_count; i++)
    if (allowed->type[i] == type) return true;
  return allowed->type_count == 0;
}

static bool text_allowed(const firn_pb_AttrValue_ListValue *allowed,
                         firn_str text) {
  for (size_t i = 0; i < allowed->s_count; i++)
    if (firn_str_eq(allowed->s[i], text)) return true;
  return allowed->s_count == 0;
}

static firn_code check_allowed(const firn_pb_OpDef_AttrDef *attr,
                               const firn_pb_AttrValue *value,
                               firn_error *err) {
  const firn_pb_AttrValue_ListValue *allowed =
      attr->allowed_values ? attr->allowed_values->list : NULL;
  if (!allowed) return FIRN_OK;
  if (value->value_case == FIRN_ATTR_STRING && !text_allowed(allowed, value->s))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr '%.*s' may not be '%.*s'", FIRN_ARG(attr->name),
                     FIRN_ARG(value->s));
  const bool list = value->value_case == FIRN_ATTR_LIST && value->list;
  const size_t count =
      list ? value->list->type_count : value->value_case == FIRN_ATTR_TYPE;
  for (size_t i = 0; i < count; i++) {
    const int32_t type = list ? value->list->type[i] : value->type;
    if (!type_allowed(allowed, type))
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "attr '%.*s' may not be %s",
                       FIRN_ARG(attr->name), firn_dtype_name((firn_dtype)type));
  }
  return FIRN_OK;
}

/* The attrs against the definition: what lets infer touch its first input, and
 * kernels believe a type. */
static firn_code check_attrs(const firn_node *node, firn_error *err) {
  const firn_pb_OpDef *def = node->type->def;
  for (size_t i = 0; i < def->attr_count; i++) {
    const firn_pb_OpDef_AttrDef *attr = def->attr[i];
    if (!attr->has_minimum && !attr->allowed_values) continue;
    const firn_pb_AttrValue *value = firn_attr_named(node, attr->name);
    if (!value) continue;
    if (attr->has_minimum) FIRN_TRY(check_minimum(attr, value, err));
    FIRN_TRY(check_allowed(attr, value, err));
  }
  return FIRN_OK;
}

/* Checks number and types of the inputs. *refs tells whether some input is a
 * reference where the op wants a value. */
static firn_code check_inputs(const firn_node *node, const firn_info *in,
                              size_t count, bool *refs, firn_error *err) {
  *refs = false;
  if (!node->type->def)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "nobody knows this op");
  FIRN_TRY(check_attrs(node, err));
  firn_arg_walk walk = firn_walk_inputs(node);
  size_t i = 0;
  for (int want; (want = firn_arg_next(&walk)) >= 0; i++) {
    if (i >= count)
      return firn_fail(
          err, FIRN_INVALID_ARGUMENT, "%zu input%s, none for '%.*s'", count,
          count == 1 ? "" : "s", FIRN_ARG(walk.args[walk.arg - 1]->name));
    FIRN_TRY(check_type(&walk, i, want, &in[i], err));
    *refs |= !firn_dtype_is_ref(want) && firn_dtype_is_ref(in[i].dtype);
  }
  if (walk.unknown || !node->outputs_known)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the attrs do not say which inputs and outputs there are");
  if (i != count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%zu inputs, not %zu", count,
                     i);
  return FIRN_OK;
}

firn_code firn_check_node(const firn_node *node, const firn_info *in,
                          size_t in_count, firn_error *err) {
  bool refs;
  const firn_code code = check_inputs(node, in, in_count, &refs, err);
  return firn_node_failed(node, in, in_count, code, err);
}

/* A reference that is used as a value is known by the value's type. */
static const firn_info *values_of(const firn_info *in, size_t count,
                                  const firn_node *node, firn_arena *arena) {
  firn_info *copy = firn_arena_array(arena, count, sizeof *copy);
  if (!copy) return NULL;
  firn_arg_walk walk = firn_walk_inputs(node);
  for (size_t i = 0; i < count; i++) {
    copy[i] = in[i];
    if (!firn_dtype_is_ref(firn_arg_next(&walk)))
      copy[i].dtype = firn_dtype_base(in[i].dtype);
  }
  return copy;
}

static firn_code infer_node(const firn_node *node, const firn_info *in,
                            size_t in_count, firn_info *out, size_t out_count,
                            firn_arena *arena, firn_error *err) {
  const firn_op *op = firn_op_of(node);
  if (!op)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "this op is not implemented");
  if (out_count != node->output_count)
    return firn_fail(err, FIRN_INTERNAL, "%zu outputs wanted of %u", out_count,
                     node->output_count);
  bool refs;
  FIRN_TRY(check_inputs(node, in, in_count, &refs, err));
  if (refs) {
    in = values_of(in, in_count, node, arena);
    if (!in) return firn_oom(err, in_count * sizeof *in);
  }
  for (size_t i = 0; i < out_count; i++)
    out[i] = (firn_info){.dtype = (firn_dtype)node->output_types[i],
                         .shape = firn_shape_unknown()};
  firn_infer q = {node, in_count, out_count, in, out, arena};
  if (op->infer) FIRN_TRY(op->infer(&q, err));
  for (size_t i = 0; i < out_count; i++)
    if (node->output_types[i]) out[i].dtype = (firn_dtype)node->output_types[i];
  return FIRN_OK;
}

firn_code firn_infer_node(const firn_node *node, const firn_info *in,
                          size_t in_count, firn_info *out, size_t out_count,
                          firn_arena *arena, firn_error *err) {
  const firn_code code =
      infer_node(node, in, in_count, out, out_count, arena, err);
  return firn_node_failed(node, in, in_count, code, err);
}

/* ---- What is known of a tensor ------------------------------------------ */

/* A variable tells the type and shape of what it holds, a reference stands for
 * that value. */
static void know_handle(firn_info *info, const firn_tensor *tensor) {
  const bool ref = firn_dtype_is_ref(tensor->dtype);
  firn_object *const *object = tensor->data;
  if (ref) info->shape = firn_shape_unknown();
  if (tensor->count != 1 || !object[0] ||
      object[0]->class != &firn_variable_class)
    return;
  firn_variable *variable = (firn_variable *)object[0];
  firn_shape shape = *firn_variable_shape(variable);
  info->handle_dtype = firn_variable_dtype(variable);
  firn_tensor *value = NULL;
  if (ref && firn_variable_ready(variable) &&
      firn_variable_read(variable, &value, NULL) == FIRN_OK)
    shape = value->shape;
  firn_tensor_release(value);
  info->handle_shape = *firn_variable_shape(variable);
  if (ref) info->shape = shape;
}

firn_info firn_info_of(firn_tensor *tensor, firn_arena *arena) {
  firn_info info = {.dtype = tensor->dtype,
                    .shape = tensor->shape,
                    .handle_shape = firn_shape_unknown()};
  if (tensor->dtype == FIRN_RESOURCE || firn_dtype_is_ref(tensor->dtype)) {
    know_handle(&info, tensor);
    return info;
  }
  info.value = tensor;
  if ((tensor->dtype != FIRN_INT32 && tensor->dtype != FIRN_INT64) ||
      tensor->shape.rank > 1 || tensor->count > FIRN_MAX_INTS)
    return info;
  int64_t *ints = firn_arena_array(arena, tensor->count, sizeof *ints);
  for (size_t i = 0; ints && i < tensor->count; i++)
    ints[i] = firn_tensor_i64(tensor, i);
  info.ints = ints;
  return info;
}

/* ---- Results of a kernel ------------------------------------------------ */

/* A tensor of that shape, within the limit that the caller set. */
static firn_code make_output(const firn_env *env, firn_dtype dtype,
                             const firn_shape *shape, firn_tensor **out,
                             firn_error *err) {
  *out = NULL;
  FIRN_TRY(firn_tensor_within(dtype, shape, &env->limits, err));
  return firn_tensor_make(dtype, shape, &env->alloc, out, err);
}

firn_code firn_run_output(const firn_run *run, size_t i,
                          const firn_shape *shape, firn_tensor **out,
                          firn_error *err) {
  if (run->out[i]) {
    if (!firn_shape_equal(&run->out[i]->shape, shape)) {
      char have[256], want[256];
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "output %zu has shape %s, not %s as was inferred", i,
                       firn_shape_text(shape, have),
                       firn_shape_text(&run->out[i]->shape, want));
    }
  } else {
    FIRN_TRY(make_output(run->env, (firn_dtype)run->node->output_types[i],
                         shape, &run->made[i], err));
    run->out[i] = run->made[i];
  }
  if (out) *out = run->out[i];
  return FIRN_OK;
}

void firn_run_give(const firn_run *run, size_t i, firn_tensor *tensor) {
  firn_tensor_release(run->made[i]);
  run->made[i] = run->out[i] = tensor;
}

/* ---- The whole life of a step ------------------------------------------- */

typedef struct step {
  const firn_eval *eval;
  const firn_op *op;
  const firn_kernel *kernel;
  size_t in_count, out_count;
  firn_tensor **in;    /* what the kernel sees: retained, read or aligned   */
  firn_tensor **slots; /* outputs that lie ready, ours                      */
  firn_tensor **out;   /* what the kernel leaves in run->out                */
  firn_tensor **made;  /* what it made itself, ours                         */
  firn_info *in_info, *out_info;
  firn_arena arena;
} step;

static firn_code step_init(step *s, const firn_eval *eval, size_t in_count,
                           size_t out_count, firn_error *err) {
  *s = (step){.eval = eval, .in_count = in_count, .out_count = out_count};
  firn_arena_init(&s->arena, &eval->env->alloc);
  s->in = firn_arena_array(&s->arena, in_count, sizeof(firn_tensor *));
  s->slots = firn_arena_array(&s->arena, out_count, sizeof(firn_tensor *));
  s->out = firn_arena_array(&s->arena, out_count, sizeof(firn_tensor *));
  s->made = firn_arena_array(&s->arena, out_count, sizeof(firn_tensor *));
  s->in_info = firn_arena_array(&s->arena, in_count, sizeof(firn_info));
  s->out_info = firn_arena_array(&s->arena, out_count, sizeof(firn_info));
  if (!s->in || !s->slots || !s->out || !s->made || !s->in_info ||
      !s->out_info) {
    s->in_count = s->out_count = 0;
    return firn_oom(err, (in_count + out_count) * sizeof(firn_info));
  }
  return FIRN_OK;
}

static void step_fini(step *s) {
  for (size_t i = 0; i < s->in_count; i++) firn_tensor_release(s->in[i]);
  for (size_t i = 0; i < s->out_count; i++) {
    firn_tensor_release(s->slots[i]);
    firn_tensor_release(s->made[i]);
  }
  firn_arena_fini(&s->arena);
}

/* Takes the inputs: a reference is read where the op wants a value. */
static firn_code take_inputs(step *s, firn_tensor *const *in, firn_error *err) {
  firn_arg_walk walk = firn_walk_inputs(s->eval->node);
  for (size_t i = 0; i < s->in_count; i++) {
    const int want = firn_arg_next(&walk);
    if (!firn_dtype_is_ref(want) && firn_dtype_is_ref(in[i]->dtype)) {
      firn_variable *variable = NULL;
      FIRN_TRY(firn_variable_of(in[i], &variable, err));
      FIRN_TRY(firn_variable_read(variable, &s->in[i], err));
    } else {
      s->in[i] = firn_tensor_retain(in[i]);
    }
    s->in_info[i] = firn_info_of(s->in[i], &s->arena);
  }
  return FIRN_OK;
}

static firn_code align_inputs(step *s, firn_error *err) {
  for (size_t i = 0; i < s->in_count; i++) {
    firn_tensor *copy = NULL;
    if ((i < 32 && s->kernel->unaligned >> i & 1) || s->in[i]->count == 0 ||
        (uintptr_t)s->in[i]->data % 64 == 0)
      continue;
    FIRN_TRY(firn_tensor_copy(s->in[i], &s->eval->env->alloc, &copy, err));
    firn_tensor_release(s->in[i]);
    s->in[i] = copy;
    if (s->in_info[i].value) s->in_info[i].value = copy;
  }
  return FIRN_OK;
}

static firn_code run_alias(step *s, firn_error *err) {
  const firn_shape *shape = &s->out_info[0].shape;
  firn_tensor *owner = NULL;
  int64_t count;
  if (!firn_shape_known(shape) || !firn_shape_count(shape, &count) ||
      (size_t)count != s->in[0]->count) {
    char have[256], want[256];
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "the bytes of shape %s do not fit shape %s",
        firn_shape_text(&s->in[0]->shape, have), firn_shape_text(shape, want));
  }
  FIRN_TRY(firn_tensor_keep(s->in[0], &s->eval->env->alloc, &owner, err));
  const firn_code code =
      firn_tensor_view(owner, s->out_info[0].dtype, shape, &s->made[0], err);
  firn_tensor_release(owner);
  s->out[0] = s->made[0];
  return code;
}

static firn_code no_kernel(const step *s, firn_error *err) {
  const firn_node *node = s->eval->node;
  if (!s->op->kernels)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "only a session can run this op");
  char types[128] = "";
  for (size_t i = 0; i < node->def->attr_count; i++) {
    const firn_pb_NodeDef_AttrEntry *attr = node->def->attr[i];
    const size_t used = strlen(types);
    if (!attr->value || attr->value->value_case != FIRN_ATTR_TYPE) continue;
    snprintf(types + used, sizeof types - used, "%s%.*s = %s", used ? ", " : "",
             FIRN_ARG(attr->key),
             firn_dtype_name((firn_dtype)attr->value->type));
  }
  return firn_fail(err, FIRN_UNIMPLEMENTED, "no kernel for %s",
                   types[0] ? types : "these attrs");
}

/* Lays the outputs out whose shape is known, and runs the kernel. */
static firn_code drive(step *s, const firn_prepare *prepared, firn_error *err) {
  const firn_eval *eval = s->eval;
  const bool gives = s->op->flags & FIRN_OP_GIVES;
  for (size_t i = 0; i < s->out_count; i++) {
    const firn_info *info = &s->out_info[i];
    if (gives || firn_dtype_is_ref(info->dtype) ||
        !firn_shape_known(&info->shape))
      continue;
    FIRN_TRY(
        make_output(eval->env, info->dtype, &info->shape, &s->slots[i], err));
    s->out[i] = s->slots[i];
  }
  void *scratch = NULL;
  if (prepared->scratch) {
    scratch = firn_new_aligned(&eval->env->alloc, prepared->scratch);
    if (!scratch) return firn_oom(err, prepared->scratch);
  }
  const firn_run run = {
      .node = eval->node,
      .kernel = s->kernel,
      .state = prepared->state,
      .in_count = s->in_count,
      .out_count = s->out_count,
      .in = s->in,
      .out = s->out,
      .scratch = scratch,
      .pool = eval->pool,
      .env = eval->env,
      .cpu = eval->cpu,
      .store = eval->store,
      .made = s->made,
      .stop = eval->stop,
      .stop_ud = eval->stop_ud,
  };
  firn_code code = s->kernel->drive(&run, err);
  if (scratch)
    firn_delete_aligned(&eval->env->alloc, scratch, prepared->scratch);
  for (size_t i = 0; code == FIRN_OK && i < s->out_count; i++)
    if (!s->out[i])
      code = firn_fail(err, FIRN_INTERNAL, "output %zu was not made", i);
  return code;
}

/* Before a kernel takes scratch memory in proportion. */
static firn_code check_outputs(const step *s, firn_error *err) {
  for (size_t i = 0; i < s->out_count; i++) {
    const firn_info *info = &s->out_info[i];
    if (firn_shape_known(&info->shape) && !firn_dtype_is_ref(info->dtype))
      FIRN_TRY(firn_tensor_within(info->dtype, &info->shape,
                                  &s->eval->env->limits, err));
  }
  return FIRN_OK;
}

static firn_code prepare_and_drive(step *s, firn_error *err) {
  const firn_eval *eval = s->eval;
  firn_prepare p = {
      .node = eval->node,
      .kernel = s->kernel,
      .in_count = s->in_count,
      .out_count = s->out_count,
      .in = s->in_info,
      .out = s->out_info,
      .fused = eval->fused,
      .env = eval->env,
      .cpu = eval->cpu,
      .packs = eval->packs,
  };
  FIRN_TRY(check_outputs(s, err));
  firn_code code = s->kernel->prepare ? s->kernel->prepare(&p, err) : FIRN_OK;
  if (code == FIRN_OK) code = drive(s, &p, err);
  if (p.state && p.free_state) p.free_state(p.state, eval->env);
  return code;
}

static firn_code step_run(step *s, firn_tensor *const *in, firn_error *err) {
  const firn_eval *eval = s->eval;
  s->op = firn_op_of(eval->node);
  if (!s->op)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "this op is not implemented");
  FIRN_TRY(take_inputs(s, in, err));
  FIRN_TRY(infer_node(eval->node, s->in_info, s->in_count, s->out_info,
                      s->out_count, &s->arena, err));
  if (s->op->flags & FIRN_OP_ALIAS) return run_alias(s, err);
  s->kernel = firn_op_kernel(s->op, eval->node, eval->cpu);
  if (!s->kernel) return no_kernel(s, err);
  FIRN_TRY(align_inputs(s, err));
  return prepare_and_drive(s, err);
}

firn_code firn_eval_run(const firn_eval *eval, firn_tensor *const *in,
                        size_t in_count, firn_tensor **out, size_t out_count,
                        firn_error *err) {
  for (size_t i = 0; i < out_count; i++) out[i] = NULL;
  step s;
  firn_code code = step_init(&s, eval, in_count, out_count, err);
  if (code == FIRN_OK) code = step_run(&s, in, err);
  for (size_t i = 0; code == FIRN_OK && i < out_count; i++)
    out[i] = firn_tensor_retain(s.out[i]);
  code = firn_node_failed(eval->node, s.in_info, s.in_count, code, err);
  step_fini(&s);
  return code;
}
