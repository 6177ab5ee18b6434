/* ops/conv_layout.c: what a convolution is, forwards or backwards. */
#include "ops/conv_layout.h"

static bool is_depthwise(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("Depthwise"));
}

static firn_code group_filter(int64_t depth, int64_t oc, firn_conv_layout *l,
                              firn_error *err) {
  const int64_t channels = l->g.channels;
  l->oc = oc;
  if (depth == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the filter's depth must not be 0");
  if (depth < 0 || channels < 0) return FIRN_OK;
  if (channels % depth || channels == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input has %lld channels: no multiple of the filter's "
                     "depth %lld",
                     (long long)channels, (long long)depth);
  l->groups = channels / depth;
  if (l->oc >= 0 && l->oc % l->groups)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "filter has %lld output channels: no multiple of %lld "
                     "groups",
                     (long long)l->oc, (long long)l->groups);
  return FIRN_OK;
}

static firn_code depthwise_filter(int64_t depth, int64_t times,
                                  firn_conv_layout *l, firn_error *err) {
  int64_t channels;
  if (!firn_dim_merge(l->g.channels, depth, &channels))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input has %lld channels, the filter %lld",
                     (long long)l->g.channels, (long long)depth);
  if (l->g.stride[1] != l->g.stride[2])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "strides %lld and %lld of rows and columns must be equal",
                     (long long)l->g.stride[1], (long long)l->g.stride[2]);
  l->groups = channels;
  if (channels >= 0 && times >= 0 && !firn_mul_i64(channels, times, &l->oc))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld times %lld output channels are too many",
                     (long long)channels, (long long)times);
  return FIRN_OK;
}

firn_code firn_conv_layout_of(const firn_node *node, const firn_shape *x,
                              const firn_shape *w, firn_conv_layout *l,
                              firn_error *err) {
  const int space = firn_conv_space(node);
  l->oc = l->groups = -1;
  FIRN_TRY(firn_geometry_attrs(node, space, &l->g, err));
  FIRN_TRY(firn_geometry_input(&l->g, x, "input", err));
  for (int i = 3 - space; i < 3; i++) l->g.window[i] = FIRN_UNKNOWN_DIM;
  if (w->rank < 0) return firn_geometry_place(&l->g, err);
  if (w->rank != space + 2) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "filter must have %d axes, has shape %s", space + 2,
                     firn_shape_text(w, text));
  }
  const int64_t *tail = &w->dims[space];
  for (int i = 0; i < space; i++) l->g.window[3 - space + i] = w->dims[i];
  FIRN_TRY(is_depthwise(node) ? depthwise_filter(tail[0], tail[1], l, err)
                              : group_filter(tail[0], tail[1], l, err));
  return firn_geometry_place(&l->g, err);
}

firn_shape firn_conv_layout_out(const firn_conv_layout *l) {
  return firn_geometry_shape(&l->g, l->g.out, l->oc);
}

firn_conv_shape firn_conv_layout_shape(const firn_conv_layout *l) {
  const firn_geometry *g = &l->g;
  return (firn_conv_shape){
      .batch = (size_t)g->batch,
      .ih = (size_t)g->in[1],
      .iw = (size_t)g->in[2],
      .ic = (size_t)g->channels,
      .oh = (size_t)g->out[1],
      .ow = (size_t)g->out[2],
      .oc = (size_t)l->oc,
      .kh = (size_t)g->window[1],
      .kw = (size_t)g->window[2],
      .stride_h = (size_t)g->stride[1],
      .stride_w = (size_t)g->stride[2],
      .dilation_h = (size_t)g->dilation[1],
      .dilation_w = (size_t)g->dilation[2],
      .pad_top = (size_t)g->before[1],
      .pad_left = (size_t)g->before[2],
      .groups = (size_t)l->groups,
  };
}

bool firn_conv_layout_dense(const firn_conv_layout *l) {
  const firn_geometry *g = &l->g;
  for (int a = 0; a < 3; a++)
    if (g->out[a] != 1 || g->window[a] != g->in[a] || g->before[a] ||
        g->dilation[a] != 1)
      return false;
  return l->groups == 1;
}
