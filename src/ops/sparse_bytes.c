/* ops/sparse_bytes.c: sparse tensors as strings, and back.
 *
 *   SerializeSparse         three serialised tensors: indices, values, shape
 *   SerializeManySparse     the same for each row of the first axis
 *   DeserializeSparse, DeserializeManySparse   put together along new axes
 *
 * A string is a TensorProto with all elements in tensor_content. Instead of
 * strings they may be variants that hold the tensors.
 */
#include "ops/handle.h"
#include "ops/sparse.h"
#include "ops/variant.h"
#include "ops/walk.h"
#include "proto/messages.h"

enum { INDICES, VALUES, SHAPE, PARTS };

/* ---- One tensor to a string --------------------------------------------- */

static void append_varint(firn_buf *buf, uint64_t value) {
  uint8_t bytes[10];
  size_t n = 0;
  for (; value > 0x7f; value >>= 7) bytes[n++] = (uint8_t)(value | 0x80);
  bytes[n++] = (uint8_t)value;
  firn_buf_append(buf, bytes, n);
}

/* Strings as content: all lengths, then all bytes. */
static void append_strings(firn_buf *buf, const firn_tstring *strings,
                           size_t n) {
  for (size_t i = 0; i < n; i++)
    append_varint(buf, firn_tstring_get(&strings[i]).size);
  for (size_t i = 0; i < n; i++) {
    const firn_str text = firn_tstring_get(&strings[i]);
    firn_buf_append(buf, text.data, text.size);
  }
}

typedef struct writing {
  firn_arena arena;
  firn_buf content, whole;
} writing;

static void writing_init(writing *w, const firn_env *env) {
  firn_arena_init(&w->arena, &env->alloc);
  firn_buf_init(&w->content, &env->alloc);
  firn_buf_init(&w->whole, &env->alloc);
}

static void writing_fini(writing *w) {
  firn_buf_fini(&w->content);
  firn_buf_fini(&w->whole);
  firn_arena_fini(&w->arena);
}

static firn_code put_variant(const firn_run *run, size_t i, firn_dtype dtype,
                             const firn_shape *shape, const void *data,
                             firn_error *err) {
  return firn_variant_new(dtype, shape, data, run->env,
                          (firn_object **)run->out[0]->data + i, err);
}

/* Elements of that type and shape become element i of output 0. */
static firn_code put_tensor(const firn_run *run, writing *w, size_t i,
                            firn_dtype dtype, const firn_shape *shape,
                            const void *data, firn_error *err) {
  const size_t n = (size_t)firn_shape_product(shape, 0, shape->rank);
  firn_pb_TensorProto pb = {.dtype = (int32_t)dtype};
  if (run->out[0]->dtype == FIRN_VARIANT)
    return put_variant(run, i, dtype, shape, data, err);
  w->content.size = w->whole.size = 0;
  firn_arena_reset(&w->arena);
  FIRN_TRY(firn_shape_to_proto(shape, &w->arena, &pb.tensor_shape, err));
  if (dtype == FIRN_STRING)
    append_strings(&w->content, data, n);
  else if (n)
    firn_buf_append(&w->content, data, n * firn_dtype_size(dtype));
  if (w->content.failed) return firn_oom(err, n * firn_dtype_size(dtype));
  pb.tensor_content =
      (firn_str){(const char *)w->content.data, w->content.size};
  FIRN_TRY(firn_pb_write(&firn_pb_type_TensorProto, &pb,
                         firn_sink_buf(&w->whole), err));
  if (w->whole.failed) return firn_oom(err, w->content.size);
  return firn_tensor_set_string(
      run->out[0], i, (firn_str){(const char *)w->whole.data, w->whole.size},
      err);
}

/* ---- Serialising -------------------------------------------------------- */

/* Whether the three fit each other is left to whoever reads them. */
static firn_code infer_serialize(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, INDICES, 2, "sparse_indices", NULL, err));
  FIRN_TRY(firn_infer_rank(q, VALUES, 1, "sparse_values", NULL, err));
  FIRN_TRY(firn_infer_rank(q, SHAPE, 1, "sparse_shape", NULL, err));
  q->out[0].shape = firn_shape_vector(PARTS);
  return FIRN_OK;
}

static firn_code drive_serialize(const firn_run *run, firn_error *err) {
  writing w;
  writing_init(&w, run->env);
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < PARTS; i++)
    code = put_tensor(run, &w, i, run->in[i]->dtype, &run->in[i]->shape,
                      run->in[i]->data, err);
  writing_fini(&w);
  return code;
}

static firn_code infer_many(firn_infer *q, firn_error *err) {
  firn_shape dense;
  FIRN_TRY(firn_infer_sparse(q, 0, 1, 2, NULL, NULL, &dense, err));
  if (dense.rank >= 0 && dense.rank < 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a sparse tensor of %d axes has no rows to take apart",
                     dense.rank);
  q->out[0].shape = (firn_shape){
      .rank = 2, .dims = {dense.rank < 0 ? -1 : dense.dims[0], PARTS}};
  return FIRN_OK;
}

static firn_code check_order(const firn_sparse *s, firn_error *err) {
  FIRN_TRY(firn_sparse_check(s, err));
  for (size_t i = 1; i < s->n; i++) {
    const int way = firn_sparse_compare(s, i - 1, s, i);
    if (way >= 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "indices[%zu] %s", i,
                       way ? "is out of order" : "is there twice");
  }
  return FIRN_OK;
}

/* Row `row`: the values [begin, end), their indices without the first. `room`
 * has space for all indices. */
static firn_code put_row(const firn_run *run, writing *w, const firn_sparse *s,
                         size_t row, size_t begin, size_t end, int64_t *room,
                         firn_error *err) {
  const int rank = s->rank - 1;
  const int64_t n = (int64_t)(end - begin);
  const firn_shape matrix = {.rank = 2, .dims = {n, rank}},
                   vector = firn_shape_vector(n),
                   extents = firn_shape_vector(rank);
  int64_t *to = room;
  for (size_t i = begin; i < end; i++)
    for (int k = 1; k < s->rank; k++) *to++ = firn_sparse_at(s, i, k);
  FIRN_TRY(put_tensor(run, w, PARTS * row + INDICES, FIRN_INT64, &matrix, room,
                      err));
  FIRN_TRY(put_tensor(
      run, w, PARTS * row + VALUES, s->values->dtype, &vector,
      firn_at(s->values->data, s->values->dtype, (int64_t)begin), err));
  return put_tensor(run, w, PARTS * row + SHAPE, FIRN_INT64, &extents,
                    &s->shape.dims[1], err);
}

static firn_code drive_many(const firn_run *run, firn_error *err) {
  firn_sparse s;
  writing w;
  FIRN_TRY(firn_sparse_of(run->in[0], run->in[1], run->in[2], &s, err));
  FIRN_TRY(check_order(&s, err));
  const firn_shape shape = {.rank = 2, .dims = {s.shape.dims[0], PARTS}};
  FIRN_TRY(firn_run_output(run, 0, &shape, NULL, err));
  const size_t bytes = run->in[0]->count * sizeof(int64_t) + 1;
  int64_t *room = firn_new(&run->env->alloc, bytes);
  if (!room) return firn_oom(err, bytes);
  writing_init(&w, run->env);
  firn_code code = FIRN_OK;
  size_t end = 0;
  for (int64_t row = 0; code == FIRN_OK && row < shape.dims[0]; row++) {
    const size_t begin = end;
    while (end < s.n && firn_sparse_at(&s, end, 0) == row) end++;
    code = put_row(run, &w, &s, (size_t)row, begin, end, room, err);
  }
  writing_fini(&w);
  firn_delete(&run->env->alloc, room, bytes);
  return code;
}

/* ---- Deserialising ------------------------------------------------------ */

static firn_code infer_deserialize(firn_infer *q, firn_error *err) {
  const firn_shape *in = &q->in[0].shape;
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "serialized_sparse", err));
  if (in->rank > 0 && in->dims[in->rank - 1] >= 0 &&
      in->dims[in->rank - 1] != PARTS)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the last axis of serialized_sparse must have 3 elements, "
                     "has %lld",
                     (long long)in->dims[in->rank - 1]);
  q->out[0].shape =
      (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, FIRN_UNKNOWN_DIM}};
  q->out[1].shape = q->out[2].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

/* The tensors of all parts, in one array of 3 for each sparse tensor. */
typedef struct reading {
  firn_tensor **parts;
  size_t count; /* sparse tensors */
  int rank;     /* of each of them */
  int64_t n;    /* values of all   */
  firn_shape shape;
} reading;

static firn_code check_part(const firn_tensor *part, size_t i, firn_dtype want,
                            firn_error *err) {
  if (part->dtype == want) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "tensor %zu is %s, not %s", i,
                   firn_dtype_name(part->dtype), firn_dtype_name(want));
}

static firn_code held_part(const firn_run *run, size_t i, firn_dtype want,
                           firn_tensor **out, firn_error *err) {
  firn_tensor *tensor = firn_variant_tensor(firn_object_at(run->in[0], i));
  if (!tensor)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "variant %zu holds no tensor",
                     i);
  *out = firn_tensor_retain(tensor);
  return check_part(tensor, i, want, err);
}

static firn_code read_part(const firn_run *run, size_t i, firn_dtype want,
                           firn_tensor **out, firn_error *err) {
  if (run->in[0]->dtype == FIRN_VARIANT)
    return held_part(run, i, want, out, err);
  const firn_str text = firn_tensor_string(run->in[0], i);
  firn_pb_TensorProto *pb = NULL;
  firn_tensor *tensor = NULL;
  firn_arena arena;
  firn_arena_init(&arena, &run->env->alloc);
  firn_code code =
      firn_pb_parse(&firn_pb_type_TensorProto,
                    (firn_bytes){(const uint8_t *)text.data, text.size},
                    &run->env->limits, &arena, (void **)&pb, err);
  if (code == FIRN_OK)
    code = firn_tensor_from_proto(pb, run->env, &tensor, err);
  if (code == FIRN_OK) /* the content lies in the string, at any address */
    code = firn_tensor_copy(tensor, &run->env->alloc, out, err);
  firn_tensor_release(tensor);
  firn_arena_fini(&arena);
  if (code == FIRN_DATA_LOSS)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "string %zu is no serialised tensor", i);
  return code == FIRN_OK ? check_part(*out, i, want, err) : code;
}

/* Reads sparse tensor i, and widens the shape to hold it. */
static firn_code read_sparse(const firn_run *run, reading *r, size_t i,
                             firn_sparse *s, firn_error *err) {
  firn_tensor **parts = r->parts + PARTS * i;
  const firn_dtype types[PARTS] = {
      FIRN_INT64, (firn_dtype)run->node->output_types[1], FIRN_INT64};
  for (size_t k = 0; k < PARTS; k++)
    FIRN_TRY(read_part(run, PARTS * i + k, types[k], &parts[k], err));
  FIRN_TRY(firn_sparse_of(parts[INDICES], parts[VALUES], parts[SHAPE], s, err));
  if (i == 0) {
    r->rank = s->rank;
    r->shape = s->shape;
  }
  if (s->rank != r->rank)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sparse tensor %zu has %d axes, those before have %d", i,
                     s->rank, r->rank);
  for (int k = 0; k < s->rank; k++)
    if (s->shape.dims[k] > r->shape.dims[k])
      r->shape.dims[k] = s->shape.dims[k];
  r->n += (int64_t)s->n;
  return FIRN_OK;
}

/* Sparse tensor i has the place `outer` along the new axes. */
static firn_code put_sparse(const reading *r, size_t i, const firn_shape *outer,
                            firn_tensor *indices, firn_tensor *values,
                            int64_t *row, firn_error *err) {
  firn_tensor *const *parts = r->parts + PARTS * i;
  const int64_t n = (int64_t)parts[VALUES]->count;
  int64_t *to = (int64_t *)indices->data + *row * (outer->rank + r->rank);
  for (int64_t v = 0; v < n; v++) {
    int64_t rest = (int64_t)i;
    for (int k = outer->rank - 1; k >= 0; k--) {
      to[k] = rest % outer->dims[k];
      rest /= outer->dims[k];
    }
    to += outer->rank;
    for (int k = 0; k < r->rank; k++)
      *to++ = firn_index(parts[INDICES], (size_t)(v * r->rank + k));
  }
  FIRN_TRY(firn_copy(values->dtype, firn_at(values->data, values->dtype, *row),
                     parts[VALUES]->data, (size_t)n, err));
  *row += n;
  return FIRN_OK;
}

static firn_code deserialize(const firn_run *run, reading *r, firn_error *err) {
  firn_shape outer = run->in[0]->shape, shape;
  firn_tensor *indices, *values;
  firn_sparse s;
  int64_t row = 0;
  for (size_t i = 0; i < r->count; i++)
    FIRN_TRY(read_sparse(run, r, i, &s, err));
  outer.rank--;
  FIRN_TRY(firn_shape_join(&outer, outer.rank, &r->shape, 0, &shape, err));
  FIRN_TRY(firn_put_shape(run, 2, &shape, err));
  FIRN_TRY(
      firn_sparse_outputs(run, 0, 1, r->n, shape.rank, &indices, &values, err));
  for (size_t i = 0; i < r->count; i++)
    FIRN_TRY(put_sparse(r, i, &outer, indices, values, &row, err));
  return FIRN_OK;
}

static firn_code drive_deserialize(const firn_run *run, firn_error *err) {
  const size_t strings = run->in[0]->count;
  reading r = {.count = strings / PARTS};
  if (r.count == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "serialized_sparse has no sparse tensor");
  const size_t bytes = strings * sizeof *r.parts;
  r.parts = firn_new_zeroed(&run->env->alloc, bytes);
  if (!r.parts) return firn_oom(err, bytes);
  const firn_code code = deserialize(run, &r, err);
  for (size_t i = 0; i < strings; i++) firn_tensor_release(r.parts[i]);
  firn_delete(&run->env->alloc, r.parts, bytes);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define PLAIN (FIRN_ANY & ~FIRN_BIT(FIRN_RESOURCE) & ~FIRN_BIT(FIRN_VARIANT))
#define TEXT FIRN_BIT(FIRN_STRING)
#define HELD FIRN_BIT(FIRN_VARIANT)

static const firn_kernel serialize[] = {
    {.types = {{"T", PLAIN}, {"out_type", TEXT}}, .drive = drive_serialize},
    {.types = {{"T", FIRN_ANY}, {"out_type", HELD}}, .drive = drive_serialize},
    {.drive = NULL},
};
static const firn_kernel many[] = {
    {.types = {{"T", PLAIN}, {"out_type", TEXT}}, .drive = drive_many},
    {.types = {{"T", FIRN_ANY}, {"out_type", HELD}}, .drive = drive_many},
    {.drive = NULL},
};
static const firn_kernel one[] = {
    {.types = {{"dtype", PLAIN}, {"Tserialized", TEXT}},
     .drive = drive_deserialize},
    {.types = {{"dtype", FIRN_ANY}, {"Tserialized", HELD}},
     .drive = drive_deserialize},
    {.drive = NULL},
};
static const firn_kernel from_many[] = {
    {.types = {{"dtype", PLAIN}}, .drive = drive_deserialize},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"SerializeSparse", infer_serialize, serialize, 0},
    {"SerializeManySparse", infer_many, many, 0},
    {"DeserializeSparse", infer_deserialize, one, 0},
    {"DeserializeManySparse", infer_deserialize, from_many, 0},
};

FIRN_OP_FAMILY(sparse_bytes, ops);
