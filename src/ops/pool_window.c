/* ops/pool_window.c: what poolings and their gradients read from a node. */
#include "ops/pool_window.h"

/* One of the two lists. */
static firn_code read_list(const firn_node *node, const firn_geometry *g,
                           const int64_t *list, const char *name,
                           int64_t space[3], int64_t others[2],
                           firn_error *err) {
  size_t count = (size_t)g->space + 2;
  const bool open = list != NULL;
  if (!list) FIRN_TRY(firn_attr_ints(node, name, &list, &count, err));
  return firn_geometry_list(g, list, count, name, open, space, others, err);
}

/* A window over channels: nothing else may be pooled. */
static firn_code go_deep(firn_pool_window *w, int64_t depth, int64_t stride,
                         firn_error *err) {
  const firn_geometry *g = &w->g;
  w->depth = depth;
  if (g->window[1] > 1 || g->window[2] > 1)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "ksize goes over channels and over space");
  if (stride != depth && stride >= 0)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "ksize over channels is %lld, strides %lld: must be equal",
                     (long long)depth, (long long)stride);
  if (g->channels >= 0 && depth > 0 && g->channels % depth)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "%lld channels are no multiple of ksize %lld over them",
                     (long long)g->channels, (long long)depth);
  return FIRN_OK;
}

static firn_code check_pads(const firn_geometry *g, firn_error *err) {
  for (int i = 0; i < 3; i++)
    if (g->window[i] >= 0 &&
        (g->before[i] >= g->window[i] || g->after[i] >= g->window[i]) &&
        (g->before[i] || g->after[i]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "padding %lld and %lld must be less than ksize %lld",
                       (long long)g->before[i], (long long)g->after[i],
                       (long long)g->window[i]);
  return FIRN_OK;
}

firn_code firn_pool_window_of(const firn_node *node, int space,
                              const firn_shape *in, const int64_t *ksize,
                              const int64_t *strides, bool may_go_deep,
                              firn_pool_window *out, firn_error *err) {
  firn_geometry *g = &out->g;
  int64_t windows[2], steps[2];
  out->depth = 1;
  FIRN_TRY(firn_geometry_padding(node, space, g, err));
  FIRN_TRY(firn_geometry_input(g, in, "input", err));
  FIRN_TRY(read_list(node, g, ksize, "ksize", g->window, windows, err));
  FIRN_TRY(read_list(node, g, strides, "strides", g->stride, steps, err));
  if (firn_str_is(g->padding, "EXPLICIT")) FIRN_TRY(check_pads(g, err));
  if (windows[0] > 1 || steps[0] > 1)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "ksize and strides must be 1 for the batch");
  if (windows[1] != 1 && may_go_deep) {
    FIRN_TRY(go_deep(out, windows[1], steps[1], err));
  } else if (windows[1] > 1 || steps[1] > 1) {
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "ksize and strides must be 1 for channels");
  }
  return firn_geometry_place(g, err);
}

firn_shape firn_pool_window_shape(const firn_pool_window *w) {
  int64_t channels = w->g.channels;
  if (w->depth < 0) channels = FIRN_UNKNOWN_DIM;
  if (channels > 0 && w->depth > 1) channels /= w->depth;
  return firn_geometry_shape(&w->g, w->g.out, channels);
}
