/* tests/conformance/gradients/run_gradients.c: builds the gradients of the
 * graphs of a .gradients file, runs them and compares with TensorFlow's.
 *
 *   run_gradients [-v] FILE.gradients [WORD]
 *
 * Only those with WORD in their name, if there is one. Such a file looks inside
 * like a .cases file: of its inputs the first are the xs, as many as there are
 * outputs, and the others the derivatives that arrive at the outputs of node x.
 * oracle/gradient_writer.py writes them.
 */
#include "support/case_judge.h"

#include "firn/session.h"

typedef struct rig {
  firn_graph *base;
  firn_builder *b;
  firn_session *session;
} rig;

static void rig_close(rig *r) {
  firn_session_free(r->session);
  firn_builder_free(r->b);
  firn_graph_free(r->base);
}

static firn_output output_of(rig *r, const char *prefix, size_t i,
                             const char *suffix) {
  char name[32];
  snprintf(name, sizeof name, "%s%zu%s", prefix, i, suffix);
  return firn_output_named(r->b, name);
}

/* Adds the gradients and fetches them. */
static firn_code run_gradients(rig *r, const one_case *c, firn_tensor **out,
                               firn_error *err) {
  firn_options options = FIRN_OPTIONS_INIT;
  const size_t nx = c->want_count, ny = c->rig.in_count - nx;
  firn_output xs[OP_CASE_MAX], ys[OP_CASE_MAX], dys[OP_CASE_MAX],
      dxs[OP_CASE_MAX];
  firn_feed feeds[OP_CASE_MAX];
  const char *fetches[OP_CASE_MAX];
  options.threads = 1;
  FIRN_TRY(firn_graph_parse(c->graph, &options, &r->base, err));
  FIRN_TRY(firn_builder_on(r->base, &options, &r->b, err));
  for (size_t i = 0; i < nx; i++) xs[i] = output_of(r, "i", i, "");
  for (size_t k = 0; k < ny; k++) ys[k] = output_of(r, "x:", k, "");
  for (size_t k = 0; k < ny; k++) dys[k] = output_of(r, "i", nx + k, "");
  firn_gradients(r->b, ys, ny, xs, nx, dys, dxs);
  FIRN_TRY(firn_builder_check(r->b, err));
  for (size_t i = 0; i < c->rig.in_count; i++)
    feeds[i] = (firn_feed){firn_output_name(r->b, i < nx ? xs[i] : dys[i - nx]),
                           c->rig.in[i]};
  for (size_t i = 0; i < nx; i++) {
    if (dxs[i].node == FIRN_NO_NODE)
      return firn_fail(err, FIRN_INTERNAL, "no gradient by i%zu", i);
    fetches[i] = firn_output_name(r->b, dxs[i]);
  }
  FIRN_TRY(
      firn_session_new(firn_builder_graph(r->b), &options, &r->session, err));
  return firn_session_run(r->session, NULL, feeds, c->rig.in_count, fetches, nx,
                          NULL, 0, out, err);
}

static bool gradient_is_right(one_case *c) {
  firn_tensor *out[OP_CASE_MAX] = {NULL};
  firn_error err = FIRN_ERROR_INIT;
  rig r = {NULL, NULL, NULL};
  bool right = run_gradients(&r, c, out, &err) == FIRN_OK;
  if (!right) printf("FAIL %s: %s\n", c->name, err.message);
  for (size_t i = 0; right && i < c->want_count; i++)
    right = case_output_is_right(c, i, out[i], "gradient");
  for (size_t i = 0; i < OP_CASE_MAX; i++) firn_tensor_release(out[i]);
  firn_error_clear(&err);
  rig_close(&r);
  return right;
}

int main(int argc, char **argv) {
  return case_run_file(argc, argv, "gradients", gradient_is_right);
}
