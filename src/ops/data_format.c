/* ops/data_format.c: axes and extents renamed from one data format to another:
 * DataFormatDimMap, DataFormatVecPermute.
 */
#include <assert.h>

#include "ops/picture.h"

/* Where each letter of dst lies in src. */
static firn_code read_map(const firn_node *node, size_t least, size_t most,
                          size_t map[16], size_t *count, firn_error *err) {
  const firn_str src = firn_attr_str_or(node, "src_format", "NHWC");
  const firn_str dst = firn_attr_str_or(node, "dst_format", "NCHW");
  bool ok = src.size == dst.size && src.size >= least && src.size <= most;
  for (size_t i = 0; ok && i < dst.size; i++) {
    const char *at = memchr(src.data, dst.data[i], src.size);
    ok = at &&
         !memchr(at + 1, dst.data[i], src.size - (size_t)(at - src.data) - 1);
    map[i] = ok ? (size_t)(at - src.data) : 0;
  }
  for (size_t i = 0; ok && i < src.size; i++)
    ok = memchr(dst.data, src.data[i], dst.size) != NULL;
  if (!ok)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "src_format '%.*s' and dst_format '%.*s' are not %zu to "
                     "%zu of the same letters",
                     FIRN_ARG(src), FIRN_ARG(dst), least, most);
  *count = src.size;
  return FIRN_OK;
}

static firn_code infer_dim_map(firn_infer *q, firn_error *err) {
  size_t map[16], count;
  FIRN_TRY(read_map(q->node, 4, 5, map, &count, err));
  return firn_infer_same(q, err);
}

/* TensorFlow takes any number for an axis, around and around. */
static firn_code drive_dim_map(const firn_run *run, firn_error *err) {
  size_t map[16], count, back[16] = {0};
  FIRN_TRY(read_map(run->node, 4, 5, map, &count, err));
  for (size_t i = 0; i < count; i++) back[map[i]] = i;
  const int64_t n = (int64_t)count;
  assert(n > 0);
  for (size_t i = 0; i < run->in[0]->count; i++) {
    const int64_t axis = firn_tensor_i64(run->in[0], i) % n;
    const size_t to = back[axis < 0 ? axis + n : axis];
    if (run->out[0]->dtype == FIRN_INT64)
      ((int64_t *)run->out[0]->data)[i] = (int64_t)to;
    else
      ((int32_t *)run->out[0]->data)[i] = (int32_t)to;
  }
  return FIRN_OK;
}

/* ---- DataFormatVecPermute ----------------------------------------------- */

/* x has an element, or a pair, for each letter; or for each of H and W only. */
static firn_code letters_of(const firn_node *node, size_t rows, size_t map[16],
                            firn_error *err) {
  size_t all[16], count, n = 0;
  memset(map, 0, 16 * sizeof *map);
  FIRN_TRY(read_map(node, 4, 5, all, &count, err));
  if (rows == count) {
    memcpy(map, all, count * sizeof *map);
    return FIRN_OK;
  }
  const firn_str src = firn_attr_str_or(node, "src_format", "NHWC");
  size_t place[16] = {0}, spatial = 0;
  for (size_t i = 0; i < count; i++)
    if (src.data[i] != 'N' && src.data[i] != 'C') place[i] = spatial++;
  if (rows != spatial || rows == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "x has %zu rows, not %zu or %zu", rows, count, spatial);
  for (size_t i = 0; i < count; i++) {
    const char letter = src.data[all[i]];
    if (letter != 'N' && letter != 'C') map[n++] = place[all[i]];
  }
  return FIRN_OK;
}

static firn_code infer_permute(firn_infer *q, firn_error *err) {
  const firn_shape *x = &q->in[0].shape;
  size_t map[16];
  if (x->rank >= 0 && x->rank != 1 && x->rank != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "x must have 1 or 2 axes, has %d", x->rank);
  if (x->rank == 2 && x->dims[1] >= 0 && x->dims[1] != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "x must have 2 columns, has %lld", (long long)x->dims[1]);
  if (x->rank > 0 && x->dims[0] >= 0)
    FIRN_TRY(letters_of(q->node, (size_t)x->dims[0], map, err));
  q->out[0].shape = *x;
  if (x->rank != 1 || x->dims[0] < 0 || !q->in[0].ints) return FIRN_OK;
  int64_t ints[16];
  for (int64_t i = 0; i < x->dims[0]; i++) ints[i] = q->in[0].ints[map[i]];
  firn_infer_set_ints(q, 0, ints, (size_t)x->dims[0]);
  return FIRN_OK;
}

static firn_code drive_permute(const firn_run *run, firn_error *err) {
  const firn_tensor *x = run->in[0];
  const size_t rows = (size_t)x->shape.dims[0];
  const size_t row = rows ? x->count / rows * firn_dtype_size(x->dtype) : 0;
  size_t map[16];
  FIRN_TRY(letters_of(run->node, rows, map, err));
  for (size_t i = 0; i < rows; i++)
    memcpy((char *)run->out[0]->data + i * row,
           (const char *)x->data + map[i] * row, row);
  return FIRN_OK;
}

static const firn_kernel dim_map[] = {
    {.types = {{"T", FIRN_INDICES}}, .drive = drive_dim_map},
    {.drive = NULL},
};
static const firn_kernel permute[] = {
    {.types = {{"T", FIRN_INDICES}}, .drive = drive_permute},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"DataFormatDimMap", infer_dim_map, dim_map, 0},
    {"DataFormatVecPermute", infer_permute, permute, 0},
};

FIRN_OP_FAMILY(data_format, ops);
