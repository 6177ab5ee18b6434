/* ops/geometry.c: windows that slide over pictures and volumes. */
#include "ops/geometry.h"

firn_code firn_channels_first(const firn_node *node, bool *out,
                              firn_error *err) {
  const firn_str format = firn_attr_str_or(node, "data_format", "NHWC");
  *out = firn_str_is(format, "NCHW") || firn_str_is(format, "NCDHW");
  if (*out || firn_str_is(format, "NHWC") || firn_str_is(format, "NDHWC"))
    return FIRN_OK;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "data_format is '%.*s', not NHWC, NCHW, NDHWC or NCDHW",
                   FIRN_ARG(format));
}

/* Where the i-th axis of space lies in a tensor. */
static int axis_of(const firn_geometry *g, int i) {
  return i - (3 - g->space) + (g->channels_first ? 2 : 1);
}
static int channel_axis(const firn_geometry *g) {
  return g->channels_first ? 1 : g->space + 1;
}

firn_code firn_geometry_list(const firn_geometry *g, const int64_t *list,
                             size_t count, const char *name, bool open,
                             int64_t space[3], int64_t others[2],
                             firn_error *err) {
  if (count != (size_t)g->space + 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s has %zu numbers, not one for each of %d axes", name,
                     count, g->space + 2);
  for (size_t i = 0; i < count; i++)
    if (list[i] < 1 && !(open && list[i] == FIRN_UNKNOWN_INT))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "%s[%zu] = %lld must be at least 1", name, i,
                       (long long)list[i]);
  space[0] = 1;
  for (int i = 3 - g->space; i < 3; i++) space[i] = list[axis_of(g, i)];
  others[0] = list[0];
  others[1] = list[channel_axis(g)];
  return FIRN_OK;
}

/* A list attr with one number for each axis; batch and channels must be 1. */
static firn_code spatial_attr(const firn_node *node, const firn_geometry *g,
                              const char *name, int64_t space[3],
                              firn_error *err) {
  const int64_t *list;
  size_t count;
  int64_t others[2];
  FIRN_TRY(firn_attr_ints(node, name, &list, &count, err));
  FIRN_TRY(firn_geometry_list(g, list, count, name, false, space, others, err));
  if (others[0] == 1 && others[1] == 1) return FIRN_OK;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "%s is %lld and %lld for batch and channels, must be 1",
                   name, (long long)others[0], (long long)others[1]);
}

static firn_code explicit_pads(const firn_node *node, firn_geometry *g,
                               firn_error *err) {
  const int64_t *pads;
  size_t count;
  const bool wanted = firn_str_is(g->padding, "EXPLICIT");
  FIRN_TRY(firn_attr_ints(node, "explicit_paddings", &pads, &count, err));
  const size_t want = wanted ? 2 * ((size_t)g->space + 2) : 0;
  if (count != want)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "explicit_paddings has %zu numbers, not %zu as padding "
                     "'%.*s' wants",
                     count, want, FIRN_ARG(g->padding));
  if (!wanted) return FIRN_OK;
  const int c = 2 * channel_axis(g);
  if (pads[0] || pads[1] || pads[c] || pads[c + 1])
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "explicit_paddings of batch and channels must be 0");
  for (int i = 3 - g->space; i < 3; i++) {
    g->before[i] = pads[2 * axis_of(g, i)];
    g->after[i] = pads[2 * axis_of(g, i) + 1];
    if (g->before[i] < 0 || g->after[i] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "explicit_paddings must not be negative, got %lld and "
                       "%lld",
                       (long long)g->before[i], (long long)g->after[i]);
  }
  return FIRN_OK;
}

firn_code firn_geometry_padding(const firn_node *node, int space,
                                firn_geometry *g, firn_error *err) {
  *g = (firn_geometry){.space = space, .batch = -1, .channels = -1};
  for (int i = 0; i < 3; i++) {
    g->window[i] = g->stride[i] = g->dilation[i] = 1;
    g->in[i] = g->out[i] = i < 3 - space ? 1 : FIRN_UNKNOWN_DIM;
  }
  FIRN_TRY(firn_channels_first(node, &g->channels_first, err));
  g->padding = firn_attr_str_or(node, "padding", "VALID");
  if (firn_attr(node, "explicit_paddings") ||
      firn_str_is(g->padding, "EXPLICIT"))
    FIRN_TRY(explicit_pads(node, g, err));
  return FIRN_OK;
}

firn_code firn_geometry_attrs(const firn_node *node, int space,
                              firn_geometry *g, firn_error *err) {
  FIRN_TRY(firn_geometry_padding(node, space, g, err));
  if (firn_attr(node, "strides"))
    FIRN_TRY(spatial_attr(node, g, "strides", g->stride, err));
  if (firn_attr(node, "dilations"))
    FIRN_TRY(spatial_attr(node, g, "dilations", g->dilation, err));
  return FIRN_OK;
}

firn_code firn_geometry_input(firn_geometry *g, const firn_shape *shape,
                              const char *what, firn_error *err) {
  if (shape->rank < 0) return FIRN_OK;
  if (shape->rank != g->space + 2) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%s must have %d axes, has shape %s", what, g->space + 2,
                     firn_shape_text(shape, text));
  }
  g->batch = shape->dims[0];
  g->channels = shape->dims[channel_axis(g)];
  for (int i = 3 - g->space; i < 3; i++) g->in[i] = shape->dims[axis_of(g, i)];
  return FIRN_OK;
}

firn_code firn_geometry_place(firn_geometry *g, firn_error *err) {
  for (int i = 0; i < 3; i++) {
    if (g->window[i] < 0 || g->stride[i] < 0) {
      g->out[i] = FIRN_UNKNOWN_DIM;
      continue;
    }
    FIRN_TRY(firn_infer_window(g->in[i], g->window[i], g->stride[i],
                               g->dilation[i], g->padding, g->before[i],
                               g->after[i], &g->out[i], &g->before[i], err));
  }
  return FIRN_OK;
}

firn_shape firn_geometry_shape(const firn_geometry *g, const int64_t space[3],
                               int64_t channels) {
  firn_shape shape = {.rank = g->space + 2};
  shape.dims[0] = g->batch;
  shape.dims[channel_axis(g)] = channels;
  for (int i = 3 - g->space; i < 3; i++) shape.dims[axis_of(g, i)] = space[i];
  return shape;
}

/* ---- Walking over windows ------------------------------------------------ */

firn_span firn_geometry_span(const firn_geometry *g, int axis, int64_t out) {
  const int64_t step = g->dilation[axis], in = g->in[axis];
  const int64_t start = out * g->stride[axis] - g->before[axis];
  const int64_t skipped = start < 0 ? (-start + step - 1) / step : 0;
  const int64_t first = start + skipped * step;
  const int64_t fit = first < in ? (in - first + step - 1) / step : 0;
  const int64_t left = g->window[axis] - skipped;
  const int64_t count = left < fit ? left : fit;
  return (firn_span){first, count < 0 ? 0 : count, skipped};
}

typedef struct walk {
  const firn_geometry *g;
  firn_window_fn *window;
  void *ctx;
} walk;

static void walk_lines(void *ctx, size_t begin, size_t end) {
  const walk *w = ctx;
  const firn_geometry *g = w->g;
  const size_t high = (size_t)g->out[1], wide = (size_t)g->out[2],
               deep = (size_t)g->out[0];
  for (size_t line = begin; line < end; line++) {
    firn_span span[3];
    span[0] = firn_geometry_span(g, 0, (int64_t)(line / high % deep));
    span[1] = firn_geometry_span(g, 1, (int64_t)(line % high));
    for (size_t x = 0; x < wide; x++) {
      span[2] = firn_geometry_span(g, 2, (int64_t)x);
      w->window(w->ctx, g, span, line / high / deep, line * wide + x);
    }
  }
}

static void walk_images(void *ctx, size_t begin, size_t end) {
  const walk *w = ctx;
  const size_t lines = (size_t)(w->g->out[0] * w->g->out[1]);
  walk_lines(ctx, begin * lines, end * lines);
}

void firn_each_window(const firn_geometry *g, firn_window_fn *window, void *ctx,
                      size_t work, bool by_image, firn_pool *pool) {
  enum { GRAIN = 1 << 15 };
  walk w = {g, window, ctx};
  const size_t lines = (size_t)(g->out[0] * g->out[1]);
  const size_t line_work = (size_t)g->out[2] * work + 1;
  if (g->batch == 0 || lines == 0) return;
  if (by_image)
    firn_parallel_for(pool, (size_t)g->batch, GRAIN / (lines * line_work) + 1,
                      walk_images, &w);
  else
    firn_parallel_for(pool, (size_t)g->batch * lines, GRAIN / line_work + 1,
                      walk_lines, &w);
}
