/* ops/variable.c: variables, by reference (TF1) and by resource handle.
 *
 * A reference or a resource is a scalar tensor whose element is the variable.
 * An op that takes a reference gives the same one back, so that what follows it
 * in the graph sees the change. Changes happen under the variable's lock, on
 * bytes that nobody else holds: a value that was read stays what it was.
 */
#include "ops/combine.h"
#include "ops/infer.h"
#include "ops/store.h"

/* ---- Handles ------------------------------------------------------------ */

/* Makes output i the handle of `object`; takes over the reference to it. */
static firn_code give_handle(const firn_run *run, size_t i, firn_object *object,
                             firn_error *err) {
  const firn_shape scalar = firn_shape_scalar();
  firn_tensor *handle = NULL;
  const firn_code code =
      firn_tensor_make((firn_dtype)run->node->output_types[i], &scalar,
                       &run->env->alloc, &handle, err);
  if (code != FIRN_OK) {
    firn_object_release(object);
    return code;
  }
  *(firn_object **)handle->data = object;
  firn_run_give(run, i, handle);
  return FIRN_OK;
}

static firn_code need_store(const firn_run *run, firn_error *err) {
  return run->store ? FIRN_OK
                    : firn_fail(err, FIRN_FAILED_PRECONDITION,
                                "there is no session to keep variables");
}

static firn_code infer_variable(firn_infer *q, firn_error *err) {
  firn_shape shape;
  FIRN_TRY(firn_attr_shape(q->node, "shape", &shape, err));
  if (shape.rank == 0 && firn_str_is(q->node->type->name, "Variable"))
    shape = firn_shape_unknown();
  q->out[0].shape = q->out[0].handle_shape = shape;
  q->out[0].handle_dtype = firn_dtype_base(q->out[0].dtype);
  return FIRN_OK;
}

static firn_code infer_var_handle(firn_infer *q, firn_error *err) {
  q->out[0].shape = firn_shape_scalar();
  FIRN_TRY(firn_attr_type(q->node, "dtype", &q->out[0].handle_dtype, err));
  return firn_attr_shape(q->node, "shape", &q->out[0].handle_shape, err);
}

static firn_code drive_variable(const firn_run *run, firn_error *err) {
  firn_variable *variable = NULL;
  FIRN_TRY(need_store(run, err));
  FIRN_TRY(firn_store_variable(run->store, run->node, &variable, err));
  return give_handle(run, 0, (firn_object *)variable, err);
}

static firn_code infer_var_handles(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  for (size_t i = 0; i < q->out_count; i++) {
    q->out[i].shape = firn_shape_scalar();
    q->out[i].handle_dtype = firn_attr_type_at(q->node, "dtypes", i);
    q->out[i].handle_shape = firn_shape_unknown();
  }
  return FIRN_OK;
}

static firn_code drive_var_handles(const firn_run *run, firn_error *err) {
  FIRN_TRY(need_store(run, err));
  for (size_t i = 0; i < run->out_count; i++) {
    firn_variable *variable = NULL;
    FIRN_TRY(firn_store_variable_at(run->store, run->node, i, &variable, err));
    FIRN_TRY(give_handle(run, i, (firn_object *)variable, err));
  }
  return FIRN_OK;
}

/* A fresh variable in every run, which dies with its handle. */
static firn_code drive_temporary(const firn_run *run, firn_error *err) {
  firn_variable *variable = NULL;
  FIRN_TRY(firn_variable_new(run->node, run->env, &variable, err));
  return give_handle(run, 0, (firn_object *)variable, err);
}

/* Gives the reference of input 0 back as output 0. */
static firn_code give_back(const firn_run *run, firn_error *err) {
  firn_tensor *handle = NULL;
  if (run->out_count == 0) return FIRN_OK;
  FIRN_TRY(firn_tensor_keep(run->in[0], &run->env->alloc, &handle, err));
  firn_run_give(run, 0, handle);
  return FIRN_OK;
}

/* The variable of input i, which must hold `dtype`. */
static firn_code variable_at(const firn_run *run, size_t i, firn_dtype dtype,
                             firn_variable **out, firn_error *err) {
  FIRN_TRY(firn_variable_of(run->in[i], out, err));
  const firn_dtype have = firn_variable_dtype(*out);
  if (have == dtype) return FIRN_OK;
  const firn_str name = firn_variable_name(*out);
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "variable '%.*s' is %s, not %s",
                   FIRN_ARG(name), firn_dtype_name(have),
                   firn_dtype_name(dtype));
}

/* ---- Reading ------------------------------------------------------------ */

/* What is known of the value behind a resource, against the dtype attr. */
static firn_code value_of(const firn_info *handle, firn_dtype dtype,
                          firn_shape *out, firn_error *err) {
  *out = firn_shape_unknown();
  if (handle->handle_dtype == FIRN_INVALID) return FIRN_OK;
  if (handle->handle_dtype != dtype)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "the variable is %s, attr 'dtype' %s",
        firn_dtype_name(handle->handle_dtype), firn_dtype_name(dtype));
  *out = handle->handle_shape;
  return FIRN_OK;
}

static firn_code infer_read(firn_infer *q, firn_error *err) {
  if (q->in_count != q->out_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu resources, but %zu types in attr 'dtypes'",
                     q->in_count, q->out_count);
  for (size_t i = 0; i < q->out_count; i++)
    FIRN_TRY(value_of(&q->in[i], q->out[i].dtype, &q->out[i].shape, err));
  return FIRN_OK;
}

static firn_code drive_read(const firn_run *run, firn_error *err) {
  for (size_t i = 0; i < run->out_count; i++) {
    firn_variable *variable;
    firn_tensor *value = NULL;
    FIRN_TRY(variable_at(run, i, (firn_dtype)run->node->output_types[i],
                         &variable, err));
    FIRN_TRY(firn_variable_read(variable, &value, err));
    firn_run_give(run, i, value);
  }
  return FIRN_OK;
}

static firn_code infer_end_temporary(firn_infer *q, firn_error *err) {
  return firn_infer_same(q, err);
}

static firn_code drive_ready(const firn_run *run, firn_error *err) {
  firn_variable *variable;
  FIRN_TRY(firn_variable_of(run->in[0], &variable, err));
  *(bool *)run->out[0]->data = firn_variable_ready(variable);
  return FIRN_OK;
}

static firn_code infer_variable_shape(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  const firn_info *in = &q->in[0];
  int64_t ints[FIRN_MAX_RANK];
  q->out[0].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  if (in->handle_dtype == FIRN_INVALID || in->handle_shape.rank < 0)
    return FIRN_OK;
  const int rank = in->handle_shape.rank;
  for (int k = 0; k < rank; k++)
    ints[k] = in->handle_shape.dims[k] < 0 ? FIRN_UNKNOWN_INT
                                           : in->handle_shape.dims[k];
  q->out[0].shape = firn_shape_vector(rank);
  firn_infer_set_ints(q, 0, ints, (size_t)rank);
  return FIRN_OK;
}

static firn_code drive_variable_shape(const firn_run *run, firn_error *err) {
  firn_variable *variable;
  firn_tensor *value = NULL, *out = NULL;
  FIRN_TRY(firn_variable_of(run->in[0], &variable, err));
  const firn_code code = firn_variable_read(variable, &value, err);
  if (code == FIRN_FAILED_PRECONDITION) { /* TensorFlow: there is none */
    if (err) err->code = FIRN_NOT_FOUND;
    return FIRN_NOT_FOUND;
  }
  if (code != FIRN_OK) return code;
  const firn_shape shape = value->shape;
  firn_tensor_release(value);
  const firn_shape want = firn_shape_vector(shape.rank);
  FIRN_TRY(firn_run_output(run, 0, &want, &out, err));
  for (int k = 0; k < shape.rank; k++) {
    if (out->dtype == FIRN_INT64)
      ((int64_t *)out->data)[k] = shape.dims[k];
    else if (shape.dims[k] <= INT32_MAX)
      ((int32_t *)out->data)[k] = (int32_t)shape.dims[k];
    else
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "extent %lld does not fit an int32; want out_type int64",
                       (long long)shape.dims[k]);
  }
  return FIRN_OK;
}

/* ---- Assigning ---------------------------------------------------------- */

static firn_code infer_assign(firn_infer *q, firn_error *err) {
  firn_shape shape = q->in[1].shape;
  if (firn_attr_bool_or(q->node, "validate_shape", true)) {
    const firn_code code =
        firn_shape_merge(&q->in[0].handle_shape, &shape, &shape, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "the variable and its new value");
  }
  q->out[0] = q->in[0];
  q->out[0].shape = shape;
  return FIRN_OK;
}

/* TensorFlow lets a value into a variable whose shape it has, or whose shape is
 * not declared. */
static firn_code drive_assign(const firn_run *run, firn_error *err) {
  firn_variable *variable;
  FIRN_TRY(variable_at(run, 0, run->in[1]->dtype, &variable, err));
  FIRN_TRY(firn_variable_assign(variable, firn_tensor_retain(run->in[1]), err));
  return give_back(run, err);
}

static firn_code infer_assign_resource(firn_infer *q, firn_error *err) {
  firn_shape shape;
  FIRN_TRY(value_of(&q->in[0], q->in[1].dtype, &shape, err));
  const firn_code code = firn_shape_merge(&shape, &q->in[1].shape, &shape, err);
  return code == FIRN_OK
             ? code
             : firn_while(err, code, "the variable and its new value");
}

/* With validate_shape a value must have the shape of the one it replaces. */
static firn_code drive_assign_resource(const firn_run *run, firn_error *err) {
  firn_variable *variable;
  FIRN_TRY(variable_at(run, 0, run->in[1]->dtype, &variable, err));
  if (firn_attr_bool_or(run->node, "validate_shape", false) &&
      firn_variable_ready(variable)) {
    firn_tensor *old = NULL;
    FIRN_TRY(firn_variable_read(variable, &old, err));
    const firn_shape have = old->shape, want = run->in[1]->shape;
    firn_tensor_release(old);
    char th[256], tw[256];
    if (!firn_shape_equal(&have, &want))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the variable has shape %s, its new value %s",
                       firn_shape_text(&have, th), firn_shape_text(&want, tw));
  }
  return firn_variable_assign(variable, firn_tensor_retain(run->in[1]), err);
}

typedef struct addition {
  firn_combine op;
  const firn_tensor *by;
} addition;

static firn_code add_to(void *ud, firn_tensor *value, firn_error *err) {
  const addition *a = ud;
  char th[256], tw[256];
  if (!firn_shape_equal(&value->shape, &a->by->shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the variable has shape %s, what changes it %s",
                     firn_shape_text(&value->shape, th),
                     firn_shape_text(&a->by->shape, tw));
  return firn_combine_run(a->op, value->dtype, value->data, a->by->data,
                          value->count, 1, err);
}

static firn_code change(const firn_run *run, firn_combine op, firn_error *err) {
  firn_variable *variable;
  addition a = {op, run->in[1]};
  FIRN_TRY(variable_at(run, 0, run->in[1]->dtype, &variable, err));
  FIRN_TRY(firn_variable_update(variable, add_to, &a, err));
  return give_back(run, err);
}

static firn_code drive_add(const firn_run *run, firn_error *err) {
  return change(run, FIRN_COMBINE_ADD, err);
}

static firn_code drive_sub(const firn_run *run, firn_error *err) {
  return change(run, FIRN_COMBINE_SUB, err);
}

static firn_code infer_change(firn_infer *q, firn_error *err) {
  firn_shape shape;
  const firn_code code =
      firn_shape_merge(&q->in[0].shape, &q->in[1].shape, &shape, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "the variable and what changes it");
  q->out[0] = q->in[0];
  q->out[0].shape = shape;
  return FIRN_OK;
}

/* ---- Counting ----------------------------------------------------------- */

typedef struct count {
  int64_t limit;
  firn_tensor *before; /* gets the value as it was */
} count;

static firn_code count_on(void *ud, firn_tensor *value, firn_error *err) {
  const count *c = ud;
  if (!firn_tensor_is_scalar(value)) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the counter must be a scalar, has shape %s",
                     firn_shape_text(&value->shape, text));
  }
  const int64_t now = firn_tensor_i64(value, 0);
  if (now >= c->limit)
    return firn_fail(err, FIRN_OUT_OF_RANGE, "the counter has reached %lld",
                     (long long)c->limit);
  memcpy(c->before->data, value->data, firn_dtype_size(value->dtype));
  const int64_t next = now + 1;
  memcpy(value->data, &next, firn_dtype_size(value->dtype));
  return FIRN_OK;
}

static firn_code drive_count(const firn_run *run, firn_error *err) {
  firn_variable *variable;
  count c = {0, run->out[0]};
  FIRN_TRY(firn_attr_int(run->node, "limit", &c.limit, err));
  FIRN_TRY(variable_at(run, 0, run->out[0]->dtype, &variable, err));
  return firn_variable_update(variable, count_on, &c, err);
}

/* ---- The end of a thing ------------------------------------------------- */

static firn_code drive_destroy(const firn_run *run, firn_error *err) {
  const firn_tensor *handle = run->in[0];
  firn_object *object =
      handle->count ? *(firn_object *const *)handle->data : NULL;
  bool there = false;
  if (object && object->class == &firn_variable_class) {
    firn_variable *variable = (firn_variable *)object;
    there = firn_variable_ready(variable);
    firn_variable_clear(variable);
  } else if (object && run->store) {
    there = firn_store_drop(run->store, object);
  }
  if (there || firn_attr_bool_or(run->node, "ignore_lookup_error", true))
    return FIRN_OK;
  return firn_fail(err, FIRN_NOT_FOUND, "there is nothing to destroy");
}

static firn_code drive_nothing(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(run);
  FIRN_UNUSED(err);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(NAME, DRIVE) \
  static const firn_kernel NAME[] = {{.drive = DRIVE}, {.drive = NULL}}
#define NUMBER_KERNEL(NAME, ATTR, DRIVE)                 \
  static const firn_kernel NAME[] = {                    \
      {.types = {{ATTR, FIRN_NUMBERS}}, .drive = DRIVE}, \
      {.drive = NULL},                                   \
  }

KERNEL(variable, drive_variable);
KERNEL(var_handles, drive_var_handles);
KERNEL(temporary, drive_temporary);
KERNEL(read, drive_read);
KERNEL(ready, drive_ready);
KERNEL(variable_shape, drive_variable_shape);
KERNEL(assign, drive_assign);
KERNEL(assign_resource, drive_assign_resource);
NUMBER_KERNEL(add, "T", drive_add);
NUMBER_KERNEL(sub, "T", drive_sub);
NUMBER_KERNEL(add_resource, "dtype", drive_add);
NUMBER_KERNEL(sub_resource, "dtype", drive_sub);
KERNEL(counter, drive_count);
KERNEL(destroy, drive_destroy);
KERNEL(nothing, drive_nothing);

enum {
  HANDLE = FIRN_OP_STATEFUL | FIRN_OP_GIVES | FIRN_OP_HANDLE,
  READS = FIRN_OP_STATEFUL | FIRN_OP_GIVES | FIRN_OP_READS,
  WRITES = FIRN_OP_STATEFUL | FIRN_OP_GIVES | FIRN_OP_WRITES,
  COUNTS = FIRN_OP_STATEFUL | FIRN_OP_WRITES,
};

static const firn_op ops[] = {
    {"Variable", infer_variable, variable, HANDLE},
    {"VariableV2", infer_variable, variable, HANDLE},
    {"VarHandleOp", infer_var_handle, variable, HANDLE},
    {"_VarHandlesOp", infer_var_handles, var_handles, HANDLE},
    {"TemporaryVariable", infer_variable, temporary,
     FIRN_OP_STATEFUL | FIRN_OP_GIVES},
    {"DestroyTemporaryVariable", infer_end_temporary, read,
     FIRN_OP_STATEFUL | FIRN_OP_GIVES},
    {"ReadVariableOp", infer_read, read, READS},
    {"_ReadVariablesOp", infer_read, read, READS},
    {"VariableShape", infer_variable_shape, variable_shape, FIRN_OP_STATEFUL},
    {"IsVariableInitialized", firn_infer_scalar, ready, FIRN_OP_STATEFUL},
    {"VarIsInitializedOp", firn_infer_scalar, ready, FIRN_OP_STATEFUL},
    {"Assign", infer_assign, assign, WRITES},
    {"AssignAdd", infer_change, add, WRITES},
    {"AssignSub", infer_change, sub, WRITES},
    {"AssignVariableOp", infer_assign_resource, assign_resource, WRITES},
    {"AssignAddVariableOp", infer_assign_resource, add_resource, WRITES},
    {"AssignSubVariableOp", infer_assign_resource, sub_resource, WRITES},
    {"CountUpTo", firn_infer_scalar, counter, COUNTS},
    {"ResourceCountUpTo", firn_infer_scalar, counter, COUNTS},
    {"DestroyResourceOp", firn_infer_none, destroy, WRITES},
    {"DisableCopyOnRead", firn_infer_none, nothing, FIRN_OP_STATEFUL},
};

FIRN_OP_FAMILY(variable, ops);
