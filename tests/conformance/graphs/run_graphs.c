/* tests/conformance/graphs/run_graphs.c: runs the graphs of a .graphs file in
 * sessions and compares with what TensorFlow answered.
 *
 *   run_graphs [-v] FILE.graphs [WORD]
 *
 * Only those with WORD in their name, if there is one. Such a file looks inside
 * like a .cases file; its cases are what no single node shows: functions,
 * branches, loops, variables, numbers drawn one after the other. Each graph is
 * run in a session of its own, with one thread and with several.
 * oracle/graph_writer.py writes them.
 */
#include "support/case_judge.h"

#include "firn/session.h"

static firn_code run_session(const one_case *c, int threads, firn_tensor **out,
                             firn_error *err) {
  char names[OP_CASE_MAX][32], fetched[OP_CASE_MAX][32];
  const char *fetches[OP_CASE_MAX];
  firn_feed feeds[OP_CASE_MAX];
  firn_graph *graph = NULL;
  firn_session *session = NULL;
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = threads;
  size_t fetch_count = 0;
  for (size_t i = 0; i < c->rig.in_count; i++) {
    snprintf(names[i], sizeof names[i], "i%zu:0", i);
    feeds[i] = (firn_feed){names[i], c->rig.in[i]};
  }
  firn_code code = firn_graph_parse(c->graph, &options, &graph, err);
  if (code == FIRN_OK)
    fetch_count =
        firn_graph_at(graph, firn_graph_find_node(graph, "x")).outputs;
  for (size_t i = 0; i < fetch_count && i < OP_CASE_MAX; i++) {
    snprintf(fetched[i], sizeof fetched[i], "x:%zu", i);
    fetches[i] = fetched[i];
  }
  if (code == FIRN_OK) code = firn_session_new(graph, &options, &session, err);
  if (code == FIRN_OK)
    code = firn_session_run(session, NULL, feeds, c->rig.in_count, fetches,
                            fetch_count, NULL, 0, out, err);
  firn_session_free(session);
  firn_graph_free(graph);
  return code;
}

static bool runs_right(const one_case *c, int threads, const char *how) {
  firn_tensor *out[OP_CASE_MAX] = {NULL};
  firn_error err = FIRN_ERROR_INIT;
  bool right = true;
  const firn_code code = run_session(c, threads, out, &err);
  if (c->code) {
    right = case_refusal_is_right(c, code, err.message, how);
  } else if (code != FIRN_OK) {
    printf("FAIL %s (%s): %s: %s\n", c->name, how, firn_code_name(code),
           err.message);
    right = false;
  }
  for (size_t i = 0; right && !c->code && i < c->want_count; i++)
    right = case_output_is_right(c, i, out[i], how);
  for (size_t i = 0; i < OP_CASE_MAX; i++) firn_tensor_release(out[i]);
  firn_error_clear(&err);
  return right;
}

static bool graph_is_right(one_case *c) {
  return runs_right(c, 1, "one thread") && runs_right(c, 4, "four threads");
}

int main(int argc, char **argv) {
  return case_run_file(argc, argv, "graphs", graph_is_right);
}
