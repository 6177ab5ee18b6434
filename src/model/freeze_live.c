/* model/freeze_live.c: the values of a frozen graph's variables out of a live
 * session.
 *
 * A value read is a snapshot: later runs do not change it. */
#include "model/freeze.h"

#include <stdio.h>

static firn_code read_one(firn_session *session, const firn_node *node,
                          firn_tensor **out, firn_error *err) {
  firn_variable *variable = NULL;
  FIRN_TRY(
      firn_store_variable(firn_session_store(session), node, &variable, err));
  const firn_code code = firn_variable_read(variable, out, err);
  firn_object_release((firn_object *)variable);
  return code;
}

firn_code firn_freeze_read_live(firn_session *session, const firn_graph *graph,
                                const bool *converted, firn_frozen *out,
                                firn_tensor **live, firn_error *err) {
  firn_error one = FIRN_ERROR_INIT;
  firn_code failed = FIRN_OK;
  size_t missing = 0;
  for (uint32_t i = 0; i < graph->node_count; i++) {
    if (!converted[i]) continue;
    const firn_code code = read_one(session, graph->nodes[i], &live[i], &one);
    if (code == FIRN_OK) {
      out->owned[out->owned_count++] = live[i];
      continue;
    }
    if (!missing++)
      failed = firn_fail(err, code, "the session does not have every value");
    firn_error_add(err, "%s", one.message);
  }
  firn_error_clear(&one);
  return failed;
}
