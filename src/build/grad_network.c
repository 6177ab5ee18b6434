/* build/grad_network.c: gradients of products, convolutions, pools,
 * normalisations and losses. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Matrix products ------------------------------------------------------
 */

/* op(x, y) with either side transposed (or, in batches, adjoint). */
static firn_output product(firn_grad *g, const char *op, const char *tx,
                           const char *ty, firn_output x, bool flip_x,
                           firn_output y, bool flip_y) {
  firn_op_begin(g->b, op, NULL);
  firn_op_input(g->b, x);
  firn_op_input(g->b, y);
  if (flip_x) firn_op_attr_bool(g->b, tx, true);
  if (flip_y) firn_op_attr_bool(g->b, ty, true);
  return firn_op_end(g->b);
}

/* dx and dy of z = x y, each perhaps transposed. */
static void unproduct(firn_grad *g, const char *op, const char *tx,
                      const char *ty, firn_output x, firn_output y,
                      firn_output out[2]) {
  const firn_output dz = g->dy[0];
  const bool fx = firn_attr_bool_or(g->node, tx, false);
  const bool fy = firn_attr_bool_or(g->node, ty, false);
  if (g->wanted[0])
    out[0] = fx ? product(g, op, tx, ty, y, fy, dz, true)
                : product(g, op, tx, ty, dz, false, y, !fy);
  if (g->wanted[1])
    out[1] = fy ? product(g, op, tx, ty, dz, true, x, fx)
                : product(g, op, tx, ty, x, !fx, dz, false);
}

RULE(matmul) {
  firn_output d[2] = {FIRN_NO_OUTPUT, FIRN_NO_OUTPUT};
  unproduct(g, "MatMul", "transpose_a", "transpose_b", g_conj(g, g_in(g, 0)),
            g_conj(g, g_in(g, 1)), d);
  g->dx[0] = d[0];
  g->dx[1] = d[1];
}

/* Batches are broadcast: what was repeated is added up, over all axes but the
 * last two. */
static firn_output sum_batches(firn_grad *g, firn_output d, firn_output x) {
  if (!g_has(d)) return d;
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output two = firn_const_int32(g->b, NULL, 2);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output shape = g_shape(g, x), whole = g_shape(g, d);
  firn_output batch[2];
  const firn_output of[] = {shape, whole};
  for (int i = 0; i < 2; i++)
    batch[i] = g_op3(
        g, "GatherV2", of[i],
        g_op3(g, "Range", zero, g_op2(g, "Sub", g_size(g, of[i]), two), one),
        zero);
  const firn_output axes =
      g_op2(g, "BroadcastGradientArgs", batch[0], batch[1]);
  return g_op2(g, "Reshape", g_op2(g, "Sum", d, axes), shape);
}
static bool has_no_batch(const firn_grad *g) {
  return firn_output_shape(g->b, g_in(g, 0)).rank == 2 &&
         firn_output_shape(g->b, g_in(g, 1)).rank == 2;
}
RULE(batch_matmul) {
  firn_output d[2] = {FIRN_NO_OUTPUT, FIRN_NO_OUTPUT};
  unproduct(g, "BatchMatMulV2", "adj_x", "adj_y", g_in(g, 0), g_in(g, 1), d);
  const bool plain =
      has_no_batch(g) || firn_str_is(g->node->def->op, "BatchMatMul");
  for (uint32_t i = 0; i < 2; i++)
    g->dx[i] = plain ? d[i] : sum_batches(g, d[i], g_in(g, i));
}

/* ---- Convolutions ----------------------------------------------------------
 */

static const char *const conv_attrs[] = {"strides",
                                         "padding",
                                         "use_cudnn_on_gpu",
                                         "explicit_paddings",
                                         "data_format",
                                         "dilations",
                                         NULL};
static const char *const depthwise_attrs[] = {
    "strides",     "padding",   "explicit_paddings",
    "data_format", "dilations", NULL};
static const char *const conv3d_attrs[] = {"strides", "padding", "data_format",
                                           "dilations", NULL};

static void unconv(firn_grad *g, const char *by_input, const char *by_filter,
                   const char *const *attrs) {
  const firn_output x = g_in(g, 0), w = g_in(g, 1), dy = g->dy[0];
  if (g->wanted[0]) {
    const firn_output shape = g_shape(g, x);
    g->dx[0] =
        g_like(g, by_input, attrs, (const firn_output[]){shape, w, dy}, 3);
  }
  if (g->wanted[1]) {
    const firn_output shape = g_shape(g, w);
    g->dx[1] =
        g_like(g, by_filter, attrs, (const firn_output[]){x, shape, dy}, 3);
  }
}
RULE(conv2d) {
  unconv(g, "Conv2DBackpropInput", "Conv2DBackpropFilter", conv_attrs);
}
RULE(conv3d) {
  unconv(g, "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2", conv3d_attrs);
}
RULE(depthwise) {
  unconv(g, "DepthwiseConv2dNativeBackpropInput",
         "DepthwiseConv2dNativeBackpropFilter", depthwise_attrs);
}

/* Of the gradients by the input (sizes, w, dy): a convolution again. */
static void unconv_input(firn_grad *g, const char *conv, const char *by_filter,
                         const char *const *attrs) {
  const firn_output w = g_in(g, 1), d = g_in(g, 2), dz = g->dy[0];
  if (g->wanted[1]) {
    const firn_output shape = g_shape(g, w);
    g->dx[1] =
        g_like(g, by_filter, attrs, (const firn_output[]){dz, shape, d}, 3);
  }
  g->dx[2] = g_like(g, conv, attrs, (const firn_output[]){dz, w}, 2);
}
RULE(conv2d_input) {
  unconv_input(g, "Conv2D", "Conv2DBackpropFilter", conv_attrs);
}
RULE(conv3d_input) {
  unconv_input(g, "Conv3D", "Conv3DBackpropFilterV2", conv3d_attrs);
}
RULE(depthwise_input) {
  unconv_input(g, "DepthwiseConv2dNative",
               "DepthwiseConv2dNativeBackpropFilter", depthwise_attrs);
}
/* Of the gradients by the filter (x, sizes, dy). */
static void unconv_filter(firn_grad *g, const char *conv, const char *by_input,
                          const char *const *attrs) {
  const firn_output x = g_in(g, 0), d = g_in(g, 2), dz = g->dy[0];
  if (g->wanted[0]) {
    const firn_output shape = g_shape(g, x);
    g->dx[0] =
        g_like(g, by_input, attrs, (const firn_output[]){shape, dz, d}, 3);
  }
  g->dx[2] = g_like(g, conv, attrs, (const firn_output[]){x, dz}, 2);
}
RULE(conv2d_filter) {
  unconv_filter(g, "Conv2D", "Conv2DBackpropInput", conv_attrs);
}
RULE(conv3d_filter) {
  unconv_filter(g, "Conv3D", "Conv3DBackpropInputV2", conv3d_attrs);
}
RULE(depthwise_filter) {
  unconv_filter(g, "DepthwiseConv2dNative",
                "DepthwiseConv2dNativeBackpropInput", depthwise_attrs);
}

static const char *const format[] = {"data_format", NULL};
RULE(bias_add) {
  g->dx[0] = g->dy[0];
  g->dx[1] =
      g_like(g, "BiasAddGrad", format, (const firn_output[]){g->dy[0]}, 1);
}
RULE(bias_add_v1) {
  g->dx[0] = g->dy[0];
  g->dx[1] = g_op1(g, "BiasAddGrad", g->dy[0]);
}

/* ---- Pools ------------------------------------------------------------------
 */

static const char *const pool_attrs[] = {
    "ksize", "strides", "padding", "explicit_paddings", "data_format", NULL};
static const char *const plain_pool[] = {"ksize", "strides", "padding",
                                         "data_format", NULL};

static void max_pool_like(firn_grad *g, const char *op,
                          const char *const *attrs) {
  g->dx[0] =
      g_like(g, op, attrs,
             (const firn_output[]){g_in(g, 0), g_out(g, 0), g->dy[0]}, 3);
}
RULE(max_pool) { max_pool_like(g, "MaxPoolGrad", pool_attrs); }
RULE(max_pool3d) { max_pool_like(g, "MaxPool3DGrad", plain_pool); }
RULE(max_pool_v2) {
  g->dx[0] = g_like(g, "MaxPoolGradV2",
                    (const char *const[]){"padding", "data_format", NULL},
                    (const firn_output[]){g_in(g, 0), g_out(g, 0), g->dy[0],
                                          g_in(g, 1), g_in(g, 2)},
                    5);
}
RULE(max_pool_argmax) {
  g->dx[0] =
      g_like(g, "MaxPoolGradWithArgmax",
             (const char *const[]){"ksize", "strides", "padding",
                                   "include_batch_in_index", NULL},
             (const firn_output[]){g_in(g, 0), g->dy[0], g_out(g, 1)}, 3);
}
static void avg_pool_like(firn_grad *g, const char *op) {
  const firn_output shape = g_shape(g, g_in(g, 0));
  g->dx[0] =
      g_like(g, op, plain_pool, (const firn_output[]){shape, g->dy[0]}, 2);
}
RULE(avg_pool) { avg_pool_like(g, "AvgPoolGrad"); }
RULE(avg_pool3d) { avg_pool_like(g, "AvgPool3DGrad"); }
RULE(avg_pool_grad) { /* (shape, dy): the mean again */
  g->dx[1] =
      g_like(g, "AvgPool", plain_pool, (const firn_output[]){g->dy[0]}, 1);
}
static const char *const overlapping[] = {"overlapping", NULL};
RULE(fractional_max) {
  g->dx[0] = g_like(g, "FractionalMaxPoolGrad", overlapping,
                    (const firn_output[]){g_in(g, 0), g_out(g, 0), g->dy[0],
                                          g_out(g, 1), g_out(g, 2)},
                    5);
}
RULE(fractional_avg) {
  const firn_output shape = g_cast(g, g_shape(g, g_in(g, 0)), FIRN_INT64);
  g->dx[0] = g_like(
      g, "FractionalAvgPoolGrad", overlapping,
      (const firn_output[]){shape, g->dy[0], g_out(g, 1), g_out(g, 2)}, 4);
}

RULE(dilation2d) {
  static const char *const attrs[] = {"strides", "rates", "padding", NULL};
  static const char *const ops[] = {"Dilation2DBackpropInput",
                                    "Dilation2DBackpropFilter"};
  for (uint32_t i = 0; i < 2; i++) {
    if (!g->wanted[i]) continue;
    g->dx[i] =
        g_like(g, ops[i], attrs,
               (const firn_output[]){g_in(g, 0), g_in(g, 1), g->dy[0]}, 3);
  }
}

/* ---- Normalisation ----------------------------------------------------------
 */

RULE(lrn) {
  g_begin_like(
      g, "LRNGrad",
      (const char *const[]){"depth_radius", "bias", "alpha", "beta", NULL});
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, g_in(g, 0));
  firn_op_input(g->b, g_out(g, 0));
  g->dx[0] = firn_op_end(g->b);
}

/* In inference the kept moments are inputs 3 and 4, in training outputs. */
static void batch_norm(firn_grad *g, const char *op, bool third) {
  const bool training = firn_attr_bool_or(g->node, "is_training", true);
  g_begin_like(
      g, op,
      (const char *const[]){"epsilon", "data_format", "is_training", NULL});
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, g_in(g, 0));
  const firn_output scale =
      third ? g_cast(g, g_in(g, 1), FIRN_FLOAT) : g_in(g, 1);
  firn_op_input(g->b, scale);
  firn_op_input(g->b, training ? g_out(g, 3) : g_in(g, 3));
  firn_op_input(g->b, training ? g_out(g, 4) : g_in(g, 4));
  if (third) firn_op_input(g->b, g_out(g, 5));
  const firn_output d = firn_op_end(g->b);
  for (uint32_t i = 0; i < 3; i++) g->dx[i] = firn_output_next(d, i);
}
RULE(batch_norm1) { batch_norm(g, "FusedBatchNormGrad", false); }
RULE(batch_norm2) { batch_norm(g, "FusedBatchNormGradV2", false); }
RULE(batch_norm3) { batch_norm(g, "FusedBatchNormGradV3", true); }

/* ---- Recurrent cells -----------------------------------------------------
 */

/* Gradients arrive at states and results: those at gates do not count. */
static void block_lstm(firn_grad *g, const char *op) {
  static const char *const attrs[] = {"use_peephole", NULL};
  enum { INPUTS = 9, OUTPUTS = 7, CS = 1, H = 6, GIVEN = 8 };
  const firn_output cs = g_dy(g, CS), h = g_dy(g, H);
  g_begin_like(g, op, attrs);
  for (uint32_t i = 0; i < INPUTS; i++) firn_op_input(g->b, g_in(g, i));
  for (uint32_t k = 0; k < OUTPUTS; k++) firn_op_input(g->b, g_out(g, k));
  firn_op_input(g->b, cs);
  firn_op_input(g->b, h);
  const firn_output d = firn_op_end(g->b);
  for (uint32_t i = 0; i < GIVEN; i++) g->dx[1 + i] = firn_output_next(d, i);
}
RULE(block_lstm1) { block_lstm(g, "BlockLSTMGrad"); }
RULE(block_lstm2) { block_lstm(g, "BlockLSTMGradV2"); }

/* ---- Softmax and losses
 * ------------------------------------------------------
 */

static firn_output sum_last(firn_grad *g, firn_output x) {
  static const int32_t last[] = {-1};
  firn_op_begin(g->b, "Sum", NULL);
  firn_op_input(g->b, x);
  firn_op_input(g->b, firn_const_ints(g->b, NULL, last, 1));
  firn_op_attr_bool(g->b, "keep_dims", true);
  return firn_op_end(g->b);
}
RULE(softmax) { /* (dy - sum(dy y)) y */
  const firn_output y = g_out(g, 0);
  g->dx[0] = g_mul(
      g, g_op2(g, "Sub", g->dy[0], sum_last(g, g_mul(g, g->dy[0], y))), y);
}
RULE(log_softmax) { /* dy - sum(dy) exp(y) */
  g->dx[0] =
      g_op2(g, "Sub", g->dy[0],
            g_mul(g, sum_last(g, g->dy[0]), g_op1(g, "Exp", g_out(g, 0))));
}

static firn_output column(firn_grad *g, firn_output x) {
  return g_op2(g, "ExpandDims", x, firn_const_int32(g->b, NULL, -1));
}
/* Output 1 is the derivative of output 0 by the logits. */
RULE(cross_entropy) {
  const firn_output logits = g_in(g, 0);
  if (g_has(g->dy[0])) {
    g->dx[0] = g_mul(g, column(g, g->dy[0]), g_out(g, 1));
    if (g->wanted[1])
      g->dx[1] = g_mul(g, column(g, g->dy[0]),
                       g_neg(g, g_op1(g, "LogSoftmax", logits)));
  }
  if (g_has(g->dy[1])) { /* as of a softmax less the labels */
    const firn_output y = g_op1(g, "Softmax", logits), dy = g->dy[1];
    const firn_output more =
        g_mul(g, g_op2(g, "Sub", dy, sum_last(g, g_mul(g, dy, y))), y);
    g->dx[0] = g_has(g->dx[0]) ? g_op2(g, "AddV2", g->dx[0], more) : more;
  }
}
RULE(sparse_cross_entropy) {
  if (!g_has(g->dy[0])) return;
  g->dx[0] = g_mul(g, column(g, g->dy[0]), g_out(g, 1));
}
RULE(ctc_loss) {
  if (!g_has(g->dy[0])) return;
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  g->dx[0] = g_mul(g,
                   g_op2(g, "ExpandDims", g_op2(g, "ExpandDims", g->dy[0], one),
                         firn_const_int32(g->b, NULL, 0)),
                   g_out(g, 1));
}

const firn_grad_rule firn_grad_network[] = {
    {"MatMul", matmul},
    {"BatchMatMul", batch_matmul},
    {"BatchMatMulV2", batch_matmul},
    {"BatchMatMulV3", batch_matmul},
    {"Conv2D", conv2d},
    {"Conv2DBackpropInput", conv2d_input},
    {"Conv2DBackpropFilter", conv2d_filter},
    {"Conv3D", conv3d},
    {"Conv3DBackpropInputV2", conv3d_input},
    {"Conv3DBackpropFilterV2", conv3d_filter},
    {"DepthwiseConv2dNative", depthwise},
    {"DepthwiseConv2dNativeBackpropInput", depthwise_input},
    {"DepthwiseConv2dNativeBackpropFilter", depthwise_filter},
    {"BlockLSTM", block_lstm1},
    {"BlockLSTMV2", block_lstm2},
    {"BiasAdd", bias_add},
    {"BiasAddV1", bias_add_v1},
    {"MaxPool", max_pool},
    {"MaxPoolV2", max_pool_v2},
    {"MaxPool3D", max_pool3d},
    {"MaxPoolWithArgmax", max_pool_argmax},
    {"AvgPool", avg_pool},
    {"AvgPoolGrad", avg_pool_grad},
    {"AvgPool3D", avg_pool3d},
    {"FractionalMaxPool", fractional_max},
    {"FractionalAvgPool", fractional_avg},
    {"Dilation2D", dilation2d},
    {"LRN", lrn},
    {"FusedBatchNorm", batch_norm1},
    {"FusedBatchNormV2", batch_norm2},
    {"FusedBatchNormV3", batch_norm3},
    {"Softmax", softmax},
    {"LogSoftmax", log_softmax},
    {"SoftmaxCrossEntropyWithLogits", cross_entropy},
    {"SparseSoftmaxCrossEntropyWithLogits", sparse_cross_entropy},
    {"CTCLoss", ctc_loss},
    {NULL, NULL},
};
