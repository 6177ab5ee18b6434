/* firn/session.h: run a graph by tensor names.
 *
 * A session holds what lives between runs: the values of variables and tables,
 * and the plans it has made. The first run with some feeds, fetches and shapes
 * makes a plan (prune, fold, infer, fuse, pack weights, place in memory); later
 * runs of the same kind only execute it.
 *
 *   const firn_feed feeds[] = {{"input:0", image}};
 *   const char *const fetches[] = {"probabilities:0"};
 *   firn_tensor *result = NULL;
 *   if (firn_session_run(session, NULL, feeds, 1, fetches, 1, NULL, 0, &result,
 *                        &err) != FIRN_OK)
 *     fprintf(stderr, "%s\n", err.message);
 *   firn_tensor_release(result);
 *
 * Any tensor of the graph can be fed and any can be fetched; targets are nodes
 * to be run for their effect. A name without ":N" means output 0.
 *
 * Ownership: a session borrows its graph; the caller releases results and
 * closes the session. Threads:   safe: any number may run one session at once.
 * With threads = 1 a run uses its caller's thread and no other.
 */
#ifndef FIRN_SESSION_H
#define FIRN_SESSION_H

#include "firn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct firn_session firn_session;

/* One tensor handed in, by name. */
typedef struct firn_feed {
  const char *name;
  firn_tensor *tensor;
} firn_feed;

typedef struct firn_run_options {
  size_t size;               /* sizeof(firn_run_options)                     */
  int64_t timeout_ms;        /* 0: none; else DEADLINE_EXCEEDED after so long */
  bool (*cancelled)(void *); /* asked between steps; true: CANCELLED          */
  void *ud;
  bool no_waiting; /* a queue that is full or empty is FAILED_PRECONDITION at
                      once, instead of waiting for what another run does     */
} firn_run_options;

/* A session on a graph; its variables have no values until they are assigned.
 * The graph must outlive it. For a session that starts from a checkpoint's
 * values use firn_model_session. */
FIRN_API FIRN_CHECKED firn_code firn_session_new(const firn_graph *graph,
                                                 const firn_options *options,
                                                 firn_session **out,
                                                 firn_error *err);
FIRN_API void firn_session_free(firn_session *session);

/* Runs once. results[i] gets the tensor of fetches[i], in order; on failure all
 * are NULL. NOT_FOUND for an unknown name (with near ones), INVALID_ARGUMENT
 * for a feed of the wrong type or shape or one that is missing, UNIMPLEMENTED
 * with a further line for each op that firn cannot compute, FAILED_PRECONDITION
 * for a variable without a value. */
FIRN_API FIRN_CHECKED firn_code firn_session_run(
    firn_session *session, const firn_run_options *options,
    const firn_feed *feeds, size_t feed_count, const char *const *fetches,
    size_t fetch_count, const char *const *targets, size_t target_count,
    firn_tensor **results, firn_error *err);

/* The bytes that cached plans and packed weights take now. */
FIRN_API size_t firn_session_memory(firn_session *session);

#ifdef __cplusplus
}
#endif

#endif
