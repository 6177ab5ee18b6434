/* support/op_case.h: the ops as rows of a table.
 *
 *   static const op_case rows[] = {
 *       {.name = "clips at zero", .op = "Relu T=float",
 *        .in = {"float[3] -1 0 2"}, .out = {"float[3] 0 0 2"}},
 *       {.name = "wants one axis", .op = "Softmax T=float", .in = {"float 1"},
 *        .code = FIRN_INVALID_ARGUMENT, .says = "at least 1 axis"},
 *   }, *row;
 *   EACH(row, rows) op_check(row);
 *
 * An op is its name and attrs: a type (T=float), a number (axis=-1, alpha=0.5:
 * with a point or exponent it is a float), true or false, a string ('SAME'), a
 * shape (shape=<2,?>, shape=<?...> for unknown rank), a tensor (value=`int32[2]
 * 1 2`), a function (@f), a list of these ([1,2], [float,int32], ['a'], [] for
 * an empty one).
 *
 * A tensor is a type, extents (none: a scalar) and elements: numbers, inf, nan,
 * true, false; complex numbers as re,im; strings in single quotes ('a\x00b'
 * knows \x, \n,
 * \\, \'). One element stands for all; `5..` counts up from 5. An input may be
 *   "float[2] 1 2"       a value
 *   "ref:float[2] 1 2"   a VariableV2 with that value; "ref:float" has none yet
 *   "res:float[2] 1 2"   the handle of a resource variable, likewise
 * An expected output "*" may be anything; "float[2,3] *" has that type and
 * shape.
 *
 * op_check runs the node with portable kernels and with all this CPU has,
 * compares numbers within tol * max(1, |want|) (NaN is NaN; tol 0: equal), and
 * holds what infer said, knowing everything, ranks only and nothing, against
 * the result.
 *
 * op_open ... op_close do the same by hand, for what a row cannot say.
 */
#ifndef FIRN_TEST_OP_CASE_H
#define FIRN_TEST_OP_CASE_H

#include "support/test.h"

#include <math.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "ops/eval.h"
#include "ops/packs.h"
#include "ops/store.h"

enum { OP_CASE_MAX = 24 };

typedef struct op_case {
  const char *name, *op;
  const char *in[OP_CASE_MAX], *out[OP_CASE_MAX];
  const char *after[OP_CASE_MAX]; /* input i is a variable: its value then */
  double tol;
  int repeat;       /* runs before outputs are looked at; 0 is 1 */
  firn_code code;   /* the failure that is wanted ... */
  const char *says; /* ... and part of its message    */
} op_case;

typedef struct op_rig {
  firn_env env;
  firn_arena arena;
  firn_graph *graph;
  firn_store *store;
  firn_packs *packs;
  const firn_node *node;
  firn_tensor *in[OP_CASE_MAX], *out[OP_CASE_MAX];
  size_t in_count, out_count;
  firn_error err;
  firn_code code;
} op_rig;

#define OP_UNUSED __attribute__((unused)) static

/* ---- Reading literals --------------------------------------------------- */

OP_UNUSED void op_skip(const char **at) {
  while (**at == ' ') (*at)++;
}

OP_UNUSED firn_dtype op_dtype(const char **at) {
  char word[40];
  size_t n = 0;
  while ((**at >= 'a' && **at <= 'z') || (**at >= '0' && **at <= '9') ||
         **at == '_')
    if (n < sizeof word - 1) word[n++] = *(*at)++;
  word[n] = 0;
  const firn_dtype dtype = firn_dtype_find(word);
  if (dtype == FIRN_INVALID) fail_msg("'%s' is no type", word);
  return dtype;
}

/* Extents up to `end`. */
OP_UNUSED firn_shape op_shape(const char **at, char end) {
  firn_shape shape = {.rank = 0};
  if (!strncmp(*at, "?...", 4)) {
    *at += 4;
    shape.rank = FIRN_UNKNOWN_RANK;
  }
  while (**at != end && **at) {
    if (**at == '?') {
      shape.dims[shape.rank++] = FIRN_UNKNOWN_DIM;
      (*at)++;
    } else {
      char *stop;
      shape.dims[shape.rank++] = strtoll(*at, &stop, 10);
      if (stop == *at) fail_msg("no extent at '%s'", *at);
      *at = stop;
    }
    if (**at == ',') (*at)++;
  }
  if (**at == end) (*at)++;
  return shape;
}

OP_UNUSED firn_str op_string(const char **at, firn_arena *arena) {
  char *text = firn_arena_alloc(arena, strlen(*at) + 1);
  size_t n = 0;
  (*at)++; /* the quote */
  while (**at != '\'') {
    if (!**at) fail_msg("a string does not end");
    if (**at == '\\') {
      (*at)++;
      if (**at == 'x') {
        const char hex[3] = {(*at)[1], (*at)[2], 0};
        text[n++] = (char)strtol(hex, NULL, 16);
        *at += 3;
        continue;
      }
      text[n++] = **at == 'n' ? '\n' : **at;
      (*at)++;
      continue;
    }
    text[n++] = *(*at)++;
  }
  (*at)++;
  return (firn_str){text, n};
}

OP_UNUSED double op_number(const char **at) {
  char *stop;
  if (!strncmp(*at, "true", 4)) return *at += 4, 1;
  if (!strncmp(*at, "false", 5)) return *at += 5, 0;
  const double value = strtod(*at, &stop);
  if (stop == *at) fail_msg("no number at '%s'", *at);
  *at = stop;
  return value;
}

/* Integers are read as such, since a double has but 53 bits. */
OP_UNUSED int64_t op_integer(const char **at) {
  if (**at == 't' || **at == 'f') return (int64_t)op_number(at);
  char *stop;
  const int64_t value =
      **at == '-' ? strtoll(*at, &stop, 0) : (int64_t)strtoull(*at, &stop, 0);
  if (stop == *at) fail_msg("no integer at '%s'", *at);
  *at = stop;
  return value;
}

OP_UNUSED void op_put_float(firn_dtype dtype, void *to, double v) {
  const float single = (float)v;
  uint16_t half;
  uint8_t tiny;
  switch (dtype) {
    case FIRN_FLOAT: memcpy(to, &single, 4); break;
    case FIRN_DOUBLE: memcpy(to, &v, 8); break;
    case FIRN_HALF:
      half = firn_half_from_float(single);
      memcpy(to, &half, 2);
      break;
    case FIRN_BFLOAT16:
      half = firn_bfloat16_from_float(single);
      memcpy(to, &half, 2);
      break;
    default: tiny = firn_float8_from_float(dtype, single); memcpy(to, &tiny, 1);
  }
}

OP_UNUSED bool op_is_float(firn_dtype t) {
  return t == FIRN_FLOAT || t == FIRN_DOUBLE || t == FIRN_HALF ||
         t == FIRN_BFLOAT16 ||
         (t >= FIRN_FLOAT8_E5M2 && t <= FIRN_FLOAT8_E5M2FNUZ);
}

/* Reads one element; *number keeps it, so that `5..` can count on. */
OP_UNUSED void op_element(firn_tensor *t, size_t i, const char **at,
                          firn_arena *arena, int64_t *number) {
  const size_t size = firn_dtype_size(t->dtype);
  uint8_t *to = (uint8_t *)t->data + i * size;
  if (t->dtype == FIRN_STRING) {
    if (**at != '\'') fail_msg("no string at '%s'", *at);
    CHECK(firn_tstring_set((firn_tstring *)to, op_string(at, arena)));
  } else if (t->dtype == FIRN_COMPLEX64 || t->dtype == FIRN_COMPLEX128) {
    const firn_dtype part =
        t->dtype == FIRN_COMPLEX64 ? FIRN_FLOAT : FIRN_DOUBLE;
    op_put_float(part, to, op_number(at));
    if (**at == ',') (*at)++;
    op_put_float(part, to + size / 2, op_number(at));
  } else if (op_is_float(t->dtype)) {
    const double v = op_number(at);
    *number = isfinite(v) ? (int64_t)v : 0;
    op_put_float(t->dtype, to, v);
  } else {
    *number = op_integer(at);
    memcpy(to, number, size);
  }
}

OP_UNUSED void op_count_on(firn_tensor *t, size_t i, int64_t number) {
  void *to = (uint8_t *)t->data + i * firn_dtype_size(t->dtype);
  if (op_is_float(t->dtype))
    op_put_float(t->dtype, to, (double)number);
  else
    memcpy(to, &number, firn_dtype_size(t->dtype));
}

OP_UNUSED firn_tensor *op_tensor_at(const char **at, const firn_env *env,
                                    firn_arena *arena) {
  const firn_dtype dtype = op_dtype(at);
  firn_shape shape = firn_shape_scalar();
  firn_tensor *t = NULL;
  firn_error err = FIRN_ERROR_INIT;
  if (**at == '[') (*at)++, shape = op_shape(at, ']');
  CHECK_OK(firn_tensor_make(dtype, &shape, &env->alloc, &t, &err), &err);
  int64_t number = 0;
  size_t i = 0;
  for (op_skip(at); **at && **at != '`' && i < t->count; op_skip(at)) {
    if (!strncmp(*at, "..", 2)) {
      *at += 2;
      while (i < t->count) op_count_on(t, i++, ++number);
      break;
    }
    op_element(t, i++, at, arena, &number);
    if ((*at)[-1] == '.' && **at == '.')
      (*at)--; /* strtod took "5." of "5.." */
  }
  op_skip(at);
  if (**at && **at != '`')
    fail_msg("more elements than the shape has: '%s'", *at);
  if (i == 1) {
    const size_t size = firn_dtype_size(dtype);
    for (; i < t->count; i++)
      CHECK(
          firn_elements_copy(dtype, (uint8_t *)t->data + i * size, t->data, 1));
  }
  if (i != t->count) fail_msg("%zu elements, not %zu", i, t->count);
  return t;
}

/* ---- Building a node ---------------------------------------------------- */

OP_UNUSED firn_pb_TensorShapeProto *op_shape_proto(op_rig *rig,
                                                   const char **at) {
  firn_pb_TensorShapeProto *proto = NULL;
  (*at)++; /* < */
  const firn_shape shape = op_shape(at, '>');
  CHECK_OK(firn_shape_to_proto(&shape, &rig->arena, &proto, &rig->err),
           &rig->err);
  return proto;
}

OP_UNUSED void *op_arena_resize(void *ud, void *ptr, size_t old_size,
                                size_t new_size) {
  void *moved = new_size ? firn_arena_alloc(ud, new_size) : NULL;
  if (moved && ptr)
    memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
  return moved;
}

/* What is made with this lives as long as the rig. */
OP_UNUSED firn_env op_arena_env(op_rig *rig) {
  firn_env env = rig->env;
  env.alloc = (firn_allocator){op_arena_resize, &rig->arena};
  return env;
}

/* Reads one value into an AttrValue, or onto the end of a list. */
OP_UNUSED void op_value(op_rig *rig, const char **at, firn_pb_AttrValue *v,
                        firn_pb_AttrValue_ListValue *list) {
  const char c = **at;
#define PUT(CASE, FIELD, VALUE)                   \
  do {                                            \
    if (list) {                                   \
      list->FIELD[list->FIELD##_count++] = VALUE; \
    } else {                                      \
      v->FIELD = VALUE;                           \
      v->value_case = CASE;                       \
    }                                             \
  } while (0)
  if (c == '\'') {
    PUT(FIRN_ATTR_STRING, s, op_string(at, &rig->arena));
  } else if (c == '<') {
    PUT(FIRN_ATTR_SHAPE, shape, op_shape_proto(rig, at));
  } else if (c == '`') {
    (*at)++;
    const firn_env env = op_arena_env(rig); /* the message points into it */
    firn_tensor *t = op_tensor_at(at, &env, &rig->arena);
    firn_pb_TensorProto *proto = NULL;
    (*at)++;
    CHECK_OK(firn_tensor_to_proto(t, &rig->arena, &proto, &rig->err),
             &rig->err);
    for (size_t i = 0; i < proto->string_val_count; i++)
      proto->string_val[i] = firn_arena_str(&rig->arena, proto->string_val[i]);
    PUT(FIRN_ATTR_TENSOR, tensor, proto);
    firn_tensor_release(t);
  } else if (c == '@') {
    const size_t size = strcspn(++*at, " ,]");
    firn_pb_NameAttrList *func = firn_arena_zeroed(&rig->arena, sizeof *func);
    func->name = firn_arena_str(&rig->arena, (firn_str){*at, size});
    *at += size;
    PUT(FIRN_ATTR_FUNC, func, func);
  } else if (!strncmp(*at, "true", 4) || !strncmp(*at, "false", 5)) {
    PUT(FIRN_ATTR_BOOL, b, op_number(at) != 0);
  } else if ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.') {
    const size_t word = strcspn(*at, " ,]");
    if (strcspn(*at, ".en") < word)
      PUT(FIRN_ATTR_FLOAT, f, (float)op_number(at));
    else
      PUT(FIRN_ATTR_INT, i, op_integer(at));
  } else {
    PUT(FIRN_ATTR_TYPE, type, (int32_t)op_dtype(at));
  }
#undef PUT
}

OP_UNUSED firn_pb_AttrValue *op_attr_value(op_rig *rig, const char **at) {
  firn_pb_AttrValue *v = firn_arena_zeroed(&rig->arena, sizeof *v);
  if (**at != '[') {
    op_value(rig, at, v, NULL);
    return v;
  }
  enum { MOST = 64 };
  firn_pb_AttrValue_ListValue *l = firn_arena_zeroed(&rig->arena, sizeof *l);
  l->s = firn_arena_array(&rig->arena, MOST, sizeof *l->s);
  l->i = firn_arena_array(&rig->arena, MOST, sizeof *l->i);
  l->f = firn_arena_array(&rig->arena, MOST, sizeof *l->f);
  l->b = firn_arena_array(&rig->arena, MOST, sizeof *l->b);
  l->type = firn_arena_array(&rig->arena, MOST, sizeof *l->type);
  l->shape = firn_arena_array(&rig->arena, MOST, sizeof *l->shape);
  l->tensor = firn_arena_array(&rig->arena, MOST, sizeof *l->tensor);
  l->func = firn_arena_array(&rig->arena, MOST, sizeof *l->func);
  v->value_case = FIRN_ATTR_LIST;
  v->list = l;
  for ((*at)++; **at != ']'; *at += **at == ',') op_value(rig, at, NULL, l);
  (*at)++;
  return v;
}

OP_UNUSED void op_add_attr(op_rig *rig, firn_pb_NodeDef *def, firn_str key,
                           firn_pb_AttrValue *value) {
  firn_pb_NodeDef_AttrEntry *entry =
      firn_arena_zeroed(&rig->arena, sizeof *entry);
  entry->key = key;
  entry->value = value;
  def->attr[def->attr_count++] = entry;
}

OP_UNUSED firn_pb_NodeDef *op_new_node(op_rig *rig, const char *name) {
  firn_pb_NodeDef *def = firn_arena_zeroed(&rig->arena, sizeof *def);
  def->name = firn_str_of(name);
  def->attr = firn_arena_array(&rig->arena, 40, sizeof *def->attr);
  def->input = firn_arena_array(&rig->arena, OP_CASE_MAX, sizeof *def->input);
  return def;
}

/* "Relu T=float" as a node. */
OP_UNUSED firn_pb_NodeDef *op_parse(op_rig *rig, const char *name,
                                    const char *text) {
  firn_pb_NodeDef *def = op_new_node(rig, name);
  const char *at = text + strcspn(text, " ");
  def->op = (firn_str){text, (size_t)(at - text)};
  for (op_skip(&at); *at; op_skip(&at)) {
    const firn_str key = {at, strcspn(at, "=")};
    at += key.size;
    if (*at++ != '=') fail_msg("attr without a value in '%s'", text);
    op_add_attr(rig, def, key, op_attr_value(rig, &at));
  }
  return def;
}

/* ---- Inputs ------------------------------------------------------------- */

/* The node that an input comes out of: a placeholder or a variable. */
OP_UNUSED firn_pb_NodeDef *op_source(op_rig *rig, size_t i, const char *text) {
  const bool ref = !strncmp(text, "ref:", 4), res = !strncmp(text, "res:", 4);
  const char *at = ref || res ? text + 4 : text;
  const firn_dtype dtype = op_dtype(&at);
  const firn_str name = firn_arena_printf(&rig->arena, "in%zu", i);
  firn_pb_NodeDef *def = op_new_node(rig, name.data);
  def->op = ref   ? FIRN_STR("VariableV2")
            : res ? FIRN_STR("VarHandleOp")
                  : FIRN_STR("Placeholder");
  firn_pb_AttrValue *type = firn_arena_zeroed(&rig->arena, sizeof *type);
  type->value_case = FIRN_ATTR_TYPE;
  type->type = (int32_t)dtype;
  op_add_attr(rig, def, FIRN_STR("dtype"), type);
  firn_shape extents = firn_shape_unknown();
  if (ref || res) {
    if (*at == '[')
      at++, extents = op_shape(&at, ']');
    else if (*at)
      extents = firn_shape_scalar();
  }
  firn_pb_AttrValue *shape = firn_arena_zeroed(&rig->arena, sizeof *shape);
  shape->value_case = FIRN_ATTR_SHAPE;
  CHECK_OK(firn_shape_to_proto(&extents, &rig->arena, &shape->shape, &rig->err),
           &rig->err);
  op_add_attr(rig, def, FIRN_STR("shape"), shape);
  return def;
}

OP_UNUSED firn_tensor *op_input(op_rig *rig, size_t i, const char *text) {
  const bool ref = !strncmp(text, "ref:", 4), res = !strncmp(text, "res:", 4);
  if (!ref && !res) return op_tensor_at(&text, &rig->env, &rig->arena);
  text += 4;
  const firn_str name = firn_arena_printf(&rig->arena, "in%zu", i);
  const firn_node *node = firn_graph_find(rig->graph, name);
  firn_variable *variable = NULL;
  firn_tensor *handle = NULL;
  CHECK_OK(firn_store_variable(rig->store, node, &variable, &rig->err),
           &rig->err);
  const char *end = text;
  const firn_dtype dtype = op_dtype(&end);
  if (*end) {
    firn_tensor *value = op_tensor_at(&text, &rig->env, &rig->arena);
    CHECK_OK(firn_variable_assign(variable, value, &rig->err), &rig->err);
  }
  const firn_shape scalar = firn_shape_scalar();
  CHECK_OK(firn_tensor_make(ref ? firn_dtype_ref(dtype) : FIRN_RESOURCE,
                            &scalar, &rig->env.alloc, &handle, &rig->err),
           &rig->err);
  *(firn_object **)handle->data = (firn_object *)variable;
  return handle;
}

/* ---- The life of a rig -------------------------------------------------- */

/* Makes a graph of the node and its inputs; ends with a NULL in `in`. */
OP_UNUSED void op_open(op_rig *rig, const char *op, const char *const *in) {
  memset(rig, 0, sizeof *rig);
  rig->env = firn_env_from(NULL);
  rig->env.threads = 1;
  firn_arena_init(&rig->arena, &rig->env.alloc);
  firn_pb_GraphDef *def = firn_arena_zeroed(&rig->arena, sizeof *def);
  def->node = firn_arena_array(&rig->arena, OP_CASE_MAX + 1, sizeof *def->node);
  firn_pb_NodeDef *node = op_parse(rig, "x", op);
  while (rig->in_count < OP_CASE_MAX && in[rig->in_count]) {
    const size_t i = rig->in_count++;
    def->node[def->node_count++] = op_source(rig, i, in[i]);
    node->input[node->input_count++] = def->node[i]->name;
  }
  def->node[def->node_count++] = node;
  CHECK_OK(firn_graph_import(def, NULL, &rig->env, &rig->graph, &rig->err),
           &rig->err);
  CHECK_OK(firn_store_new(&rig->env, NULL, &rig->store, &rig->err), &rig->err);
  CHECK_OK(firn_packs_new(&rig->env, &rig->packs, &rig->err), &rig->err);
  rig->node = firn_graph_find(rig->graph, FIRN_STR("x"));
  rig->out_count = rig->node->output_count;
  if (rig->out_count > OP_CASE_MAX) fail_msg("too many outputs for a test");
  for (size_t i = 0; i < rig->in_count; i++)
    rig->in[i] = op_input(rig, i, in[i]);
}

/* Runs the node once more; rig->code and rig->err say how it went. */
OP_UNUSED void op_run(op_rig *rig, uint32_t cpu) {
  const firn_eval eval = {.node = rig->node,
                          .env = &rig->env,
                          .cpu = cpu,
                          .store = rig->store,
                          .packs = rig->packs};
  for (size_t i = 0; i < rig->out_count; i++) firn_tensor_release(rig->out[i]);
  firn_error_clear(&rig->err);
  rig->code = firn_eval_run(&eval, rig->in, rig->in_count, rig->out,
                            rig->out_count, &rig->err);
}

OP_UNUSED void op_close(op_rig *rig) {
  for (size_t i = 0; i < rig->in_count; i++) firn_tensor_release(rig->in[i]);
  for (size_t i = 0; i < rig->out_count; i++) firn_tensor_release(rig->out[i]);
  firn_packs_free(rig->packs);
  firn_store_free(rig->store);
  firn_graph_free(rig->graph);
  firn_error_clear(&rig->err);
  firn_arena_fini(&rig->arena);
}

/* ---- Comparing ---------------------------------------------------------- */

OP_UNUSED bool op_close_to(double have, double want, double tol) {
  if (isnan(want) || isnan(have)) return isnan(want) && isnan(have);
  if (have == want) return true;
  return fabs(have - want) <= tol * (fabs(want) > 1 ? fabs(want) : 1);
}

OP_UNUSED bool op_same_element(const firn_tensor *have, const firn_tensor *want,
                               size_t i, double tol) {
  const size_t size = firn_dtype_size(have->dtype);
  const char *a = (const char *)have->data + i * size;
  const char *b = (const char *)want->data + i * size;
  if (have->dtype == FIRN_STRING)
    return firn_str_eq(firn_tstring_get((const firn_tstring *)a),
                       firn_tstring_get((const firn_tstring *)b));
  if (have->dtype == FIRN_COMPLEX64) {
    const float *x = (const float *)a, *y = (const float *)b;
    return op_close_to(x[0], y[0], tol) && op_close_to(x[1], y[1], tol);
  }
  if (have->dtype == FIRN_COMPLEX128) {
    const double *x = (const double *)a, *y = (const double *)b;
    return op_close_to(x[0], y[0], tol) && op_close_to(x[1], y[1], tol);
  }
  if (op_is_float(have->dtype))
    return op_close_to(firn_tensor_f64(have, i), firn_tensor_f64(want, i), tol);
  return !memcmp(a, b, size);
}

OP_UNUSED void op_compare(const firn_tensor *have, const firn_tensor *want,
                          double tol, const char *what) {
  char ts[256], tw[256];
  if (have->dtype != want->dtype)
    fail_msg("%s is %s, not %s", what, firn_dtype_name(have->dtype),
             firn_dtype_name(want->dtype));
  if (!firn_shape_equal(&have->shape, &want->shape))
    fail_msg("%s has shape %s, not %s", what, firn_shape_text(&have->shape, ts),
             firn_shape_text(&want->shape, tw));
  for (size_t i = 0; i < have->count; i++)
    if (!op_same_element(have, want, i, tol)) {
      char *a = firn_tensor_json(have), *b = firn_tensor_json(want);
      fprintf(stderr, "have %.2000s\nwant %.2000s\n", a ? a : "?", b ? b : "?");
      free(a);
      free(b);
      fail_msg("%s differs at element %zu", what, i);
    }
}

/* Output i of the last run against a literal. */
OP_UNUSED void op_expect(op_rig *rig, size_t i, const char *literal,
                         double tol) {
  char what[64];
  snprintf(what, sizeof what, "output %zu", i);
  const size_t n = strlen(literal);
  if (!strcmp(literal, "*")) return;
  if (i >= rig->out_count) fail_msg("there is no %s", what);
  if (n > 2 && !strcmp(literal + n - 2, " *")) {
    char ts[256];
    const char *at = literal;
    CHECK_EQ(rig->out[i]->dtype, op_dtype(&at));
    const firn_shape shape =
        *at == '[' ? (at++, op_shape(&at, ']')) : firn_shape_scalar();
    if (!firn_shape_equal(&rig->out[i]->shape, &shape))
      fail_msg("%s has shape %s: not as '%s'", what,
               firn_shape_text(&rig->out[i]->shape, ts), literal);
    return;
  }
  firn_tensor *want = op_tensor_at(&literal, &rig->env, &rig->arena);
  op_compare(rig->out[i], want, tol, what);
  firn_tensor_release(want);
}

/* The variable behind input i against a literal. */
OP_UNUSED void op_expect_variable(op_rig *rig, size_t i, const char *literal,
                                  double tol) {
  firn_variable *variable = NULL;
  firn_tensor *have = NULL;
  CHECK_OK(firn_variable_of(rig->in[i], &variable, &rig->err), &rig->err);
  CHECK_OK(firn_variable_read(variable, &have, &rig->err), &rig->err);
  firn_tensor *want = op_tensor_at(&literal, &rig->env, &rig->arena);
  op_compare(have, want, tol, "the variable");
  firn_tensor_release(want);
  firn_tensor_release(have);
}

/* ---- What infer says ---------------------------------------------------- */

enum { OP_KNOW_ALL, OP_KNOW_SHAPES, OP_KNOW_RANKS, OP_KNOW_NOTHING };

OP_UNUSED void op_forget(firn_info *info, int know) {
  if (know >= OP_KNOW_SHAPES) info->value = NULL, info->ints = NULL;
  if (know == OP_KNOW_RANKS)
    for (int k = 0; k < info->shape.rank; k++) info->shape.dims[k] = -1;
  if (know == OP_KNOW_NOTHING)
    info->shape = info->handle_shape = firn_shape_unknown();
}

OP_UNUSED bool op_agrees(const firn_info *said, const firn_tensor *is) {
  if (firn_dtype_is_ref(is->dtype) || said->shape.rank < 0) return true;
  if (said->shape.rank != is->shape.rank) return false;
  for (int k = 0; k < is->shape.rank; k++)
    if (said->shape.dims[k] >= 0 && said->shape.dims[k] != is->shape.dims[k])
      return false;
  for (size_t k = 0; said->ints && k < is->count; k++)
    if (said->ints[k] != FIRN_UNKNOWN_INT &&
        said->ints[k] != firn_tensor_i64(is, k))
      return false;
  return true;
}

/* Infers with ever less known, and holds it against the last run's outputs. */
OP_UNUSED void op_infer(op_rig *rig) {
  for (int know = OP_KNOW_ALL; know <= OP_KNOW_NOTHING; know++) {
    firn_arena arena;
    firn_info in[OP_CASE_MAX], out[OP_CASE_MAX];
    firn_arena_init(&arena, &rig->env.alloc);
    for (size_t i = 0; i < rig->in_count; i++) {
      in[i] = firn_info_of(rig->in[i], &arena);
      op_forget(&in[i], know);
    }
    CHECK_OK(firn_infer_node(rig->node, in, rig->in_count, out, rig->out_count,
                             &arena, &rig->err),
             &rig->err);
    for (size_t i = 0; i < rig->out_count; i++)
      if (!op_agrees(&out[i], rig->out[i])) {
        char said[256], is[256];
        fail_msg("infer (level %d) said output %zu is %s, it is %s", know, i,
                 firn_shape_text(&out[i].shape, said),
                 firn_shape_text(&rig->out[i]->shape, is));
      }
    firn_arena_fini(&arena);
  }
}

/* ---- A row -------------------------------------------------------------- */

OP_UNUSED void op_check_on(const op_case *c, uint32_t cpu) {
  op_rig rig;
  op_open(&rig, c->op, c->in);
  op_run(&rig, cpu);
  for (int i = 1; i < c->repeat; i++) op_run(&rig, cpu);
  if (c->code != FIRN_OK || c->says) {
    if (c->code != rig.code)
      fail_msg("code %s, not %s: %s", firn_code_name(rig.code),
               firn_code_name(c->code), rig.err.message);
    if (c->says) CHECK_HAS(rig.err.message, c->says);
  } else {
    if (rig.code != FIRN_OK) fail_msg("%s", rig.err.message);
    for (size_t i = 0; i < rig.out_count && c->out[i]; i++)
      op_expect(&rig, i, c->out[i], c->tol);
    op_infer(&rig);
  }
  for (size_t i = 0; i < rig.in_count; i++)
    if (c->after[i]) op_expect_variable(&rig, i, c->after[i], c->tol);
  op_close(&rig);
}

OP_UNUSED void op_check(const op_case *c) {
  op_check_on(c, 0);
  if (firn_cpu_features()) op_check_on(c, firn_cpu_features());
}

/* ---- A file of rows ----------------------------------------------------- */

/* One line of a case: "in float[2] 1 2", "after 0 int32 3". */
OP_UNUSED void op_take_line(op_case *c, char *line) {
  char *rest = line + strcspn(line, " ");
  if (*rest) *rest++ = 0;
  size_t i = 0;
  if (!strcmp(line, "op")) c->op = rest;
  if (!strcmp(line, "tol")) c->tol = strtod(rest, NULL);
  if (!strcmp(line, "repeat")) c->repeat = (int)strtol(rest, NULL, 10);
  if (!strcmp(line, "in")) {
    while (c->in[i]) i++;
    c->in[i] = rest;
  }
  if (!strcmp(line, "out")) {
    while (c->out[i]) i++;
    c->out[i] = rest;
  }
  if (!strcmp(line, "after")) {
    i = strtoul(rest, &rest, 10);
    if (i < OP_CASE_MAX) c->after[i] = rest + 1;
  }
}

/* Checks every case of a golden file; lines are `case NAME`, then `op`, `in`,
 * `out`, `after I`, `tol`, `repeat` as in op_case. Returns their number. */
OP_UNUSED int op_check_file(const char *path) {
  char *text = NULL, *next;
  size_t size = 0;
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("cannot open '%s'", path);
  if (getdelim(&text, &size, 0, file) < 0) fail_msg("'%s' is empty", path);
  fclose(file);
  op_case c = {.name = NULL};
  int count = 0;
  for (char *line = text; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    if (!strncmp(line, "case ", 5) || !next) {
      if (c.name) op_check(&c);
      c = (op_case){.name = line + 5};
      test_row_name = c.name;
      count += next != NULL;
    } else if (*line && *line != '#') {
      op_take_line(&c, line);
    }
  }
  test_row_name = NULL;
  free(text);
  return count;
}

#endif
