/* build/nn_init.c: first values of variables, node by node as TensorFlow makes
 * them, so that the same seeds give the same numbers. */
#include "build/nn_init.h"

#include <math.h>

/* ---- Seeds -------------------------------------------------------------- */

enum { DEFAULT_GRAPH_SEED = 87654321 };

static int64_t truncate_seed(int64_t seed) {
  const int64_t rest = seed % INT32_MAX;
  return rest < 0 ? rest + INT32_MAX : rest;
}

void firn_nn_seed(firn_builder *b, int64_t seed) {
  b->has_seed = true;
  b->seed = seed;
}

void firn_nn_seeds(firn_builder *b, const int64_t *seed) {
  int64_t first = 0, second = 0;
  if (b->failed != FIRN_OK || (!b->has_seed && !seed)) return;
  first = truncate_seed(b->has_seed ? b->seed : DEFAULT_GRAPH_SEED);
  second = truncate_seed(seed ? *seed : b->random_count++);
  /* Two zeros would stand for a seed of the machine's choice. */
  if (first == 0 && second == 0) second = INT32_MAX;
  firn_op_attr_int(b, "seed", first);
  firn_op_attr_int(b, "seed2", second);
}

/* ---- Constants ---------------------------------------------------------- */

/* Sets element 0 of a number's tensor. */
static void set_number(firn_tensor *t, double value) {
  switch (t->dtype) {
    case FIRN_FLOAT: *(float *)t->data = (float)value; break;
    case FIRN_DOUBLE: *(double *)t->data = value; break;
    case FIRN_HALF:
      *(uint16_t *)t->data = firn_half_from_float((float)value);
      break;
    case FIRN_BFLOAT16:
      *(uint16_t *)t->data = firn_bfloat16_from_float((float)value);
      break;
    case FIRN_COMPLEX64: *(float *)t->data = (float)value; break;
    case FIRN_COMPLEX128: *(double *)t->data = value; break;
    case FIRN_INT64:
    case FIRN_UINT64: *(int64_t *)t->data = (int64_t)value; break;
    case FIRN_INT32:
    case FIRN_UINT32: *(int32_t *)t->data = (int32_t)value; break;
    case FIRN_INT16:
    case FIRN_UINT16: *(int16_t *)t->data = (int16_t)value; break;
    default: *(uint8_t *)t->data = (uint8_t)(int64_t)value; break;
  }
}

void firn_nn_fill_attrs(firn_builder *b, firn_dtype dtype, firn_shape shape,
                        double value) {
  firn_error err = FIRN_ERROR_INIT;
  const firn_shape scalar = FIRN_SCALAR;
  firn_pb_TensorProto *pb = NULL;
  firn_tensor *one = NULL;
  if (b->failed != FIRN_OK) return;
  if (!firn_dtype_is_plain(dtype)) {
    firn_builder_fail(b, FIRN_INVALID_ARGUMENT,
                      "%s has no numbers to begin with",
                      firn_dtype_name(dtype));
    return;
  }
  firn_op_attr_type(b, "dtype", dtype);
  firn_code code = firn_tensor_make(dtype, &scalar, &b->env.alloc, &one, &err);
  if (code == FIRN_OK) {
    memset(one->data, 0, firn_dtype_size(dtype));
    set_number(one, value);
    firn_op_attr_tensor(b, "value", one);
    if (b->failed == FIRN_OK) {
      pb = b->draft->attrs[b->draft->attr_count - 1]->value->tensor;
      code = firn_shape_to_proto(&shape, &b->arena, &pb->tensor_shape, &err);
    }
  }
  firn_tensor_release(one);
  (void)firn_builder_ok(b, code, &err);
}

/* ---- Nodes beside the variable ------------------------------------------ */

typedef struct maker {
  firn_builder *b;
  const firn_variable_spec *spec;
  const char *class; /* loc:@NAME */
} maker;

static void beside(const maker *m) {
  firn_op_attr_strings(m->b, "_class", &m->class, 1);
}

static firn_output fill(const maker *m, const char *name, firn_shape shape,
                        double value) {
  firn_op_begin(m->b, "Const", name);
  firn_nn_fill_attrs(m->b, m->spec->dtype, shape, value);
  beside(m);
  return firn_op_end(m->b);
}

/* The shape as a vector of int32. */
static firn_output shape_vector(const maker *m, const char *name) {
  const firn_shape *shape = &m->spec->shape;
  int32_t dims[FIRN_MAX_RANK];
  for (int i = 0; i < shape->rank; i++) {
    dims[i] = (int32_t)shape->dims[i];
    if (dims[i] != shape->dims[i])
      firn_builder_fail(m->b, FIRN_INVALID_ARGUMENT,
                        "a variable with an extent of %lld",
                        (long long)shape->dims[i]);
  }
  const firn_tensor vector = {.dtype = FIRN_INT32,
                              .shape = firn_shape_vector(shape->rank),
                              .count = (size_t)shape->rank,
                              .data = dims};
  firn_op_begin(m->b, "Const", name);
  firn_op_attr_type(m->b, "dtype", FIRN_INT32);
  firn_op_attr_tensor(m->b, "value", &vector);
  beside(m);
  return firn_op_end(m->b);
}

static firn_output binary(const maker *m, const char *op, const char *name,
                          firn_output x, firn_output y) {
  if (name)
    firn_op_begin(m->b, op, name);
  else
    firn_nn_begin_whole(m->b, op);
  firn_op_input(m->b, x);
  firn_op_input(m->b, y);
  beside(m);
  return firn_op_end(m->b);
}

/* ---- Same numbers, and random ones -------------------------------------- */

/* A constant when it is small; else a Fill. */
static firn_output same(const maker *m, const char *name, double value) {
  enum { SMALL = 1000 };
  int64_t count = 0;
  if (!firn_shape_count(&m->spec->shape, &count) || count < SMALL)
    return fill(m, name, m->spec->shape, value);
  firn_builder_push(m->b, name);
  const firn_output shape = shape_vector(m, "shape_as_tensor");
  const firn_output number = fill(m, "Const", FIRN_SCALAR, value);
  const firn_output all = binary(m, "Fill", NULL, shape, number);
  firn_builder_pop(m->b);
  return all;
}

static firn_output random_numbers(const maker *m, const char *op,
                                  firn_output shape) {
  const firn_init *init = &m->spec->init;
  firn_op_begin(m->b, op, NULL);
  firn_op_input(m->b, shape);
  firn_op_attr_type(m->b, "dtype", m->spec->dtype);
  firn_nn_seeds(m->b, init->seeded ? &init->seed : NULL);
  beside(m);
  return firn_op_end(m->b);
}

static firn_output normal(const maker *m, const char *name, const char *op,
                          double mean, double deviation) {
  firn_builder_push(m->b, name);
  const firn_output shape = shape_vector(m, "shape");
  const firn_output center = fill(m, "mean", FIRN_SCALAR, mean);
  const firn_output scale = fill(m, "stddev", FIRN_SCALAR, deviation);
  const firn_output raw = random_numbers(m, op, shape);
  const firn_output wide = binary(m, "Mul", "mul", raw, scale);
  const firn_output out = binary(m, "AddV2", NULL, wide, center);
  firn_builder_pop(m->b);
  return out;
}

static firn_output uniform(const maker *m, double from, double to) {
  firn_builder_push(m->b, "random_uniform");
  const firn_output shape = shape_vector(m, "shape");
  const firn_output low = fill(m, "min", FIRN_SCALAR, from);
  const firn_output high = fill(m, "max", FIRN_SCALAR, to);
  const firn_output raw = random_numbers(m, "RandomUniform", shape);
  const firn_output width = binary(m, "Sub", "sub", high, low);
  const firn_output wide = binary(m, "Mul", "mul", raw, width);
  const firn_output out = binary(m, "AddV2", NULL, wide, low);
  firn_builder_pop(m->b);
  return out;
}

/* ---- By the number of inputs and outputs -------------------------------- */

static void count_fans(const firn_shape *shape, double *in, double *out) {
  const int r = shape->rank;
  double field = 1;
  for (int i = 0; i + 2 < r; i++) field *= (double)shape->dims[i];
  *in = r == 0 ? 1 : field * (double)shape->dims[r == 1 ? 0 : r - 2];
  *out = r == 0 ? 1 : field * (double)shape->dims[r - 1];
}

static firn_output scaled(const maker *m) {
  /* A normal distribution cut at two deviations is narrower by this. */
  const double cut = .87962566103423978;
  const firn_init_kind kind = m->spec->init.kind;
  double in, out, scale = 1;
  count_fans(&m->spec->shape, &in, &out);
  double fan = in;
  if (kind == FIRN_INIT_GLOROT_UNIFORM || kind == FIRN_INIT_GLOROT_NORMAL)
    fan = (in + out) / 2;
  if (kind == FIRN_INIT_HE_UNIFORM || kind == FIRN_INIT_HE_NORMAL) scale = 2;
  scale /= fan > 1 ? fan : 1;
  if (kind == FIRN_INIT_GLOROT_UNIFORM || kind == FIRN_INIT_HE_UNIFORM ||
      kind == FIRN_INIT_LECUN_UNIFORM) {
    const double limit = sqrt(3 * scale);
    return uniform(m, -limit, limit);
  }
  return normal(m, "truncated_normal", "TruncatedNormal", 0, sqrt(scale) / cut);
}

firn_output firn_nn_add_init(firn_builder *b, const firn_variable_spec *spec) {
  const firn_init *i = &spec->init;
  const firn_node *with = firn_node_of(b, spec->beside);
  const firn_str scope = firn_builder_scope(b);
  const int own = (int)(scope.size - strlen("/Initializer"));
  const firn_str name =
      with ? with->def->name : (firn_str){scope.data, (size_t)own};
  if (b->failed != FIRN_OK) return FIRN_NO_OUTPUT;
  const maker m = {
      b, spec,
      firn_builder_text(b, "loc:@%.*s", (int)name.size, name.data).data};
  switch (i->kind) {
    case FIRN_INIT_ZEROS: return same(&m, "zeros", 0);
    case FIRN_INIT_ONES: return same(&m, "ones", 1);
    case FIRN_INIT_CONSTANT:
      return fill(&m, spec->init_name ? spec->init_name : "Const", spec->shape,
                  (double)i->a);
    case FIRN_INIT_RANDOM_NORMAL:
      return normal(&m, "random_normal", "RandomStandardNormal", (double)i->a,
                    (double)i->b);
    case FIRN_INIT_TRUNCATED_NORMAL:
      return normal(&m, "truncated_normal", "TruncatedNormal", (double)i->a,
                    (double)i->b);
    case FIRN_INIT_RANDOM_UNIFORM:
      return uniform(&m, (double)i->a, (double)i->b);
    case FIRN_INIT_OUTPUT: return i->output;
    default: return scaled(&m);
  }
}
