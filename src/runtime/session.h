/* runtime/session.h: a session as the model layer sees it.
 *
 * Threads: safe.
 */
#ifndef FIRN_RUNTIME_SESSION_H
#define FIRN_RUNTIME_SESSION_H

#include "firn/session.h"
#include "ops/store.h"

/* A session whose variables get their first values from `values` (NULL: none);
 * `values->ud` must outlive the session. */
FIRN_CHECKED firn_code firn_session_open(const firn_graph *graph,
                                         const firn_values *values,
                                         const firn_env *env,
                                         firn_session **out, firn_error *err);

/* The variables and tables of the session. */
firn_store *firn_session_store(firn_session *session);

#endif
