/* ops/text_bytes.c: strings as bytes: base64 for the web, raw elements,
 * compressed strings, serialised tensors. */
#ifdef FIRN_HAVE_ZLIB
#include <zlib.h>
#endif

#include "ops/infer.h"
#include "tensor/tensor_proto.h"

static firn_str bytes_of(const firn_buf *buf) {
  return (firn_str){(const char *)buf->data, buf->size};
}

/* Output 0: `one` of each string. */
static firn_code each(const firn_run *run,
                      firn_code (*one)(const firn_run *run, firn_str text,
                                       firn_buf *out, firn_error *err),
                      firn_error *err) {
  firn_buf buf = {0};
  firn_code code = FIRN_OK;
  firn_buf_init(&buf, &run->env->alloc);
  for (size_t i = 0; code == FIRN_OK && i < run->in[0]->count; i++) {
    buf.size = 0;
    code = one(run, firn_tensor_string(run->in[0], i), &buf, err);
    if (code == FIRN_OK && buf.failed) code = firn_oom(err, buf.size);
    if (code == FIRN_OK)
      code = firn_tensor_set_string(run->out[0], i, bytes_of(&buf), err);
    if (code != FIRN_OK) firn_while(err, code, "string %zu", i);
  }
  firn_buf_fini(&buf);
  return code;
}

/* ---- base64, with - and _ ----------------------------------------------- */

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static firn_code encode_one(const firn_run *run, firn_str text, firn_buf *out,
                            firn_error *err) {
  FIRN_UNUSED(err);
  const bool pad = firn_attr_bool_or(run->node, "pad", false);
  const uint8_t *b = (const uint8_t *)text.data;
  for (size_t i = 0; i < text.size; i += 3) {
    const size_t left = text.size - i;
    const uint32_t three = (uint32_t)b[i] << 16 |
                           (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) |
                           (left > 2 ? (uint32_t)b[i + 2] : 0);
    const char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
                          left > 1 ? digits[three >> 6 & 63] : '=',
                          left > 2 ? digits[three & 63] : '='};
    firn_buf_append(out, four, pad || left > 2 ? 4 : left + 1);
  }
  return FIRN_OK;
}

static int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

static firn_code decode_one(const firn_run *run, firn_str text, firn_buf *out,
                            firn_error *err) {
  FIRN_UNUSED(run);
  if (text.size % 4 == 0)
    for (int k = 0; k < 2 && text.size && text.data[text.size - 1] == '='; k++)
      text.size--;
  if (text.size % 4 == 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu characters are no base64: one is left over",
                     text.size);
  uint32_t bits = 0;
  for (size_t i = 0; i < text.size; i++) {
    const int digit = digit_of(text.data[i]);
    if (digit < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "character %zu is no web-safe base64", i);
    bits = bits << 6 | (uint32_t)digit;
    if (i % 4 == 0) continue;
    const uint8_t byte = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    firn_buf_append(out, &byte, 1);
  }
  return FIRN_OK;
}

static firn_code drive_encode(const firn_run *run, firn_error *err) {
  return each(run, encode_one, err);
}
static firn_code drive_decode(const firn_run *run, firn_error *err) {
  return each(run, decode_one, err);
}

/* ---- Raw elements ------------------------------------------------------- */

static void reverse(char *bytes, size_t size, size_t count) {
  for (size_t i = 0; i < count; i++, bytes += size)
    for (size_t a = 0, b = size - 1; a < b; a++, b--) {
      const char swap = bytes[a];
      bytes[a] = bytes[b];
      bytes[b] = swap;
    }
}

/* Files are little-endian as we are; `little_endian` false asks for the other
 * way round, of complex numbers part by part. */
static void to_our_order(const firn_node *node, firn_tensor *out) {
  size_t size = firn_dtype_size(out->dtype), count = out->count;
  if (firn_attr_bool_or(node, "little_endian", true)) return;
  if (FIRN_BIT(out->dtype) & FIRN_COMPLEXES) size /= 2, count *= 2;
  if (size > 1) reverse(out->data, size, count);
}

static firn_code with_axis(const firn_shape *in, int64_t last, firn_shape *out,
                           firn_error *err) {
  *out = *in;
  if (in->rank < 0) return FIRN_OK;
  if (in->rank >= FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "more than %d axes",
                     FIRN_MAX_RANK);
  out->dims[out->rank++] = last;
  return FIRN_OK;
}

static firn_code infer_raw(firn_infer *q, firn_error *err) {
  return with_axis(&q->in[0].shape, FIRN_UNKNOWN_DIM, &q->out[0].shape, err);
}

static firn_code drive_raw(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0];
  const size_t size = firn_dtype_size((firn_dtype)run->node->output_types[0]);
  const size_t bytes = in->count ? firn_tensor_string(in, 0).size : 0;
  firn_shape shape;
  firn_tensor *out = NULL;
  for (size_t i = 0; i < in->count; i++)
    if (firn_tensor_string(in, i).size != bytes)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "string %zu has %zu bytes, string 0 has %zu", i,
                       firn_tensor_string(in, i).size, bytes);
  if (bytes % size)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu bytes are no whole number of %s", bytes,
                     firn_dtype_name((firn_dtype)run->node->output_types[0]));
  FIRN_TRY(with_axis(&in->shape, (int64_t)(bytes / size), &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  for (size_t i = 0; bytes && i < in->count; i++)
    memcpy((char *)out->data + i * bytes, firn_tensor_string(in, i).data,
           bytes);
  to_our_order(run->node, out);
  return FIRN_OK;
}

static firn_code infer_padded(firn_infer *q, firn_error *err) {
  int64_t length;
  firn_dtype dtype;
  FIRN_TRY(firn_infer_rank(q, 1, 0, "fixed_length", NULL, err));
  FIRN_TRY(firn_attr_type(q->node, "out_type", &dtype, err));
  const int64_t size = (int64_t)firn_dtype_size(dtype);
  int64_t last = FIRN_UNKNOWN_DIM;
  if (firn_infer_int(q, 1, &length)) {
    if (length <= 0 || length % size)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "fixed_length = %lld is no multiple of the %lld bytes "
                       "of %s",
                       (long long)length, (long long)size,
                       firn_dtype_name(dtype));
    last = length / size;
  }
  return with_axis(&q->in[0].shape, last, &q->out[0].shape, err);
}

static firn_code drive_padded(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0];
  const size_t size = firn_dtype_size((firn_dtype)run->node->output_types[0]);
  const int64_t length =
      run->in[1]->count == 1 ? firn_tensor_i64(run->in[1], 0) : 0;
  firn_shape shape;
  firn_tensor *out = NULL;
  if (length <= 0 || (uint64_t)length % size)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "fixed_length = %lld is no multiple of %zu",
                     (long long)length, size);
  FIRN_TRY(with_axis(&in->shape, length / (int64_t)size, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  const size_t most = (size_t)length;
  for (size_t i = 0; i < in->count; i++) {
    const firn_str text = firn_tensor_string(in, i);
    const size_t have = firn_min_size(text.size, most);
    char *to = (char *)out->data + i * most;
    if (have) memcpy(to, text.data, have);
    memset(to + have, 0, most - have);
  }
  to_our_order(run->node, out);
  return FIRN_OK;
}

/* ---- Compressed strings ------------------------------------------------- */

#ifdef FIRN_HAVE_ZLIB
static firn_code inflate_all(z_stream *z, firn_str text,
                             const firn_limits *limits, firn_buf *out,
                             firn_error *err) {
  enum { STEP = 1 << 14 };
  int state = Z_OK;
  z->next_in = (Bytef *)(uintptr_t)text.data;
  z->avail_in = (uInt)text.size;
  while (state == Z_OK) {
    uint8_t *to = firn_buf_grow(out, STEP);
    if (!to) return firn_oom(err, out->size);
    z->next_out = to;
    z->avail_out = STEP;
    state = inflate(z, Z_NO_FLUSH);
    out->size -= z->avail_out;
    if (out->size > limits->tensor_bytes)
      return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                       "it unpacks to more than %llu bytes",
                       (unsigned long long)limits->tensor_bytes);
  }
  /* What ends too early gives what there is, as in TensorFlow. */
  if (state == Z_STREAM_END || state == Z_BUF_ERROR) return FIRN_OK;
  return firn_fail(err, FIRN_DATA_LOSS, "the compressed bytes are damaged");
}
#endif

static firn_code unpack_one(const firn_run *run, firn_str text, firn_buf *out,
                            firn_error *err) {
  const firn_str type = firn_attr_str_or(run->node, "compression_type", "");
  if (!type.size) {
    if (text.size) firn_buf_append(out, text.data, text.size);
    return FIRN_OK;
  }
#ifdef FIRN_HAVE_ZLIB
  enum { GZIP = 16 };
  z_stream z = {.zalloc = NULL};
  if (text.size > UINT32_MAX)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "%zu compressed bytes",
                     text.size);
  if (inflateInit2(&z, MAX_WBITS + (firn_str_is(type, "GZIP") ? GZIP : 0)) !=
      Z_OK)
    return firn_oom(err, 0);
  const firn_code code = inflate_all(&z, text, &run->env->limits, out, err);
  inflateEnd(&z);
  return code;
#else
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "firn was built without zlib, which unpacks strings");
#endif
}

static firn_code infer_unpack(firn_infer *q, firn_error *err) {
  const firn_str type = firn_attr_str_or(q->node, "compression_type", "");
  if (type.size && !firn_str_is(type, "ZLIB") && !firn_str_is(type, "GZIP"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'compression_type' is '%.*s', not '', 'ZLIB' or "
                     "'GZIP'",
                     FIRN_ARG(type));
  return firn_infer_same(q, err);
}

static firn_code drive_unpack(const firn_run *run, firn_error *err) {
  return each(run, unpack_one, err);
}

/* ---- Serialised tensors ------------------------------------------------- */

static firn_code parse_tensor(const firn_run *run, firn_arena *arena,
                              firn_tensor **out, firn_error *err) {
  const firn_str text = firn_tensor_string(run->in[0], 0);
  const firn_dtype want = (firn_dtype)run->node->output_types[0];
  firn_pb_TensorProto *pb = NULL;
  firn_dtype dtype;
  firn_shape shape;
  FIRN_TRY(firn_pb_parse(&firn_pb_type_TensorProto,
                         (firn_bytes){(const uint8_t *)text.data, text.size},
                         &run->env->limits, arena, (void **)&pb, err));
  FIRN_TRY(firn_tensor_proto_look(pb, &dtype, &shape, err));
  if (dtype != want)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the tensor is %s, not %s",
                     firn_dtype_name(dtype), firn_dtype_name(want));
  return firn_tensor_from_proto(pb, run->env, out, err);
}

static firn_code drive_parse(const firn_run *run, firn_error *err) {
  firn_arena arena;
  firn_tensor *tensor = NULL, *own = NULL;
  if (run->in[0]->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the serialised tensor must be a single string");
  firn_arena_init(&arena, &run->env->alloc);
  firn_code code = parse_tensor(run, &arena, &tensor, err);
  if (code == FIRN_OK)
    code = firn_tensor_copy(tensor, &run->env->alloc, &own, err);
  firn_tensor_release(tensor);
  firn_arena_fini(&arena);
  if (code != FIRN_OK)
    return code == FIRN_DATA_LOSS
               ? firn_fail(err, FIRN_INVALID_ARGUMENT,
                           "the string is no serialised tensor")
               : code;
  firn_run_give(run, 0, own);
  return FIRN_OK;
}

/* TensorFlow writes contents as raw bytes, strings one by one. */
static firn_code write_tensor(const firn_run *run, firn_arena *arena,
                              firn_buf *buf, firn_error *err) {
  const firn_tensor *in = run->in[0];
  firn_pb_TensorProto *pb = NULL;
  FIRN_TRY(firn_tensor_to_proto(in, arena, &pb, err));
  if (firn_dtype_is_plain(in->dtype)) {
    firn_pb_TensorProto *raw = firn_arena_zeroed(arena, sizeof *raw);
    if (!raw) return firn_oom(err, sizeof *raw);
    raw->dtype = pb->dtype;
    raw->tensor_shape = pb->tensor_shape;
    raw->tensor_content =
        (firn_str){(const char *)in->data, firn_tensor_bytes(in)};
    pb = raw;
  }
  return firn_pb_write(&firn_pb_type_TensorProto, pb, firn_sink_buf(buf), err);
}

static firn_code drive_serialize(const firn_run *run, firn_error *err) {
  firn_arena arena;
  firn_buf buf = {0};
  firn_arena_init(&arena, &run->env->alloc);
  firn_buf_init(&buf, &run->env->alloc);
  firn_code code = write_tensor(run, &arena, &buf, err);
  if (code == FIRN_OK)
    code = firn_tensor_set_string(run->out[0], 0, bytes_of(&buf), err);
  firn_buf_fini(&buf);
  firn_arena_fini(&arena);
  return code;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}
#define TYPED(NAME, ATTR, TYPES)                         \
  static const firn_kernel NAME[] = {                    \
      {.types = {{ATTR, TYPES}}, .drive = drive_##NAME}, \
      {.drive = NULL},                                   \
  }

KERNEL(encode);
KERNEL(decode);
KERNEL(unpack);
KERNEL(parse);
TYPED(raw, "out_type", FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL));
TYPED(padded, "out_type", FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL));
TYPED(serialize, "T",
      FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL) | FIRN_BIT(FIRN_STRING));

static const firn_op ops[] = {
    {"EncodeBase64", firn_infer_same, encode, 0},
    {"DecodeBase64", firn_infer_same, decode, 0},
    {"DecodeRaw", infer_raw, raw, 0},
    {"DecodePaddedRaw", infer_padded, padded, 0},
    {"DecodeCompressed", infer_unpack, unpack, 0},
    {"ParseTensor", firn_infer_unknown, parse, FIRN_OP_GIVES},
    {"SerializeTensor", firn_infer_scalar, serialize, 0},
};

FIRN_OP_FAMILY(text_bytes, ops);
