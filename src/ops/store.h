/* ops/store.h: what a session remembers between runs.
 *
 * Variables, tables, stacks, generators: objects with a name in a container.
 * Each session has a store of its own. A variable that was never assigned may
 * get its first value from `values`, one function through which a checkpoint or
 * SavedModel answers; it is asked once, when the variable is first read.
 *
 * Ownership: the store holds one reference to each object; get gives the caller
 *            another one.
 * Threads:   safe.
 */
#ifndef FIRN_OPS_STORE_H
#define FIRN_OPS_STORE_H

#include "ops/op.h"

/* Gives the first value of the variable that node `node` declares: *out NULL
 * and FIRN_OK when there is none. */
typedef struct firn_values {
  firn_code (*get)(void *ud, const firn_node *node, firn_tensor **out,
                   firn_error *err);
  void *ud;
} firn_values;

typedef struct firn_store firn_store;

FIRN_CHECKED firn_code firn_store_new(const firn_env *env,
                                      const firn_values *values,
                                      firn_store **out, firn_error *err);
void firn_store_free(firn_store *store);
const firn_env *firn_store_env(const firn_store *store);

/* The object of that class and name; with `make` not NULL it is made when
 * missing. NOT_FOUND; INVALID_ARGUMENT when it is of another class. */
FIRN_CHECKED firn_code
firn_store_get(firn_store *store, firn_str container, firn_str name,
               const firn_object_class *class,
               firn_code (*make)(void *ud, firn_object **out, firn_error *err),
               void *ud, firn_object **out, firn_error *err);

/* Forgets an object; whoever holds it still has it. False when it is not there.
 */
bool firn_store_drop(firn_store *store, const firn_object *object);

/* Walks all objects of a class in name order, e.g. to save the variables. */
FIRN_CHECKED firn_code
firn_store_each(firn_store *store, const firn_object_class *class,
                firn_code (*visit)(void *ud, firn_str container, firn_str name,
                                   firn_object *object, firn_error *err),
                void *ud, firn_error *err);

/* Counts every assignment to any variable: plans that took variables for
 * constants compare it. */
uint64_t firn_store_generation(const firn_store *store);

/* ---- Variables ---------------------------------------------------------- */

typedef struct firn_variable firn_variable;
extern const firn_object_class firn_variable_class;

/* The variable that a VarHandleOp, VariableV2, Variable (...) node stands for;
 * the caller releases it (it begins with a firn_object). */
FIRN_CHECKED firn_code firn_store_variable(firn_store *store,
                                           const firn_node *node,
                                           firn_variable **out,
                                           firn_error *err);

/* A variable that belongs to no store (TemporaryVariable). */
FIRN_CHECKED firn_code firn_variable_new(const firn_node *node,
                                         const firn_env *env,
                                         firn_variable **out, firn_error *err);

/* The i-th variable of a _VarHandlesOp node; the caller releases it. */
FIRN_CHECKED firn_code firn_store_variable_at(firn_store *store,
                                              const firn_node *node, size_t i,
                                              firn_variable **out,
                                              firn_error *err);

/* The type, and the shape (perhaps unknown), that the declaring node promises.
 */
firn_dtype firn_variable_dtype(const firn_variable *variable);
const firn_shape *firn_variable_shape(const firn_variable *variable);

/* The variable behind element 0 of a resource or reference tensor, borrowed. */
FIRN_CHECKED firn_code firn_variable_of(const firn_tensor *handle,
                                        firn_variable **out, firn_error *err);

/* A snapshot: the caller releases it. FAILED_PRECONDITION names the variable
 * when it has no value. */
FIRN_CHECKED firn_code firn_variable_read(firn_variable *variable,
                                          firn_tensor **out, firn_error *err);
bool firn_variable_ready(firn_variable *variable);

/* Replaces the value; takes over the reference, also when it fails. Bytes that
 * the tensor does not own are copied. */
FIRN_CHECKED firn_code firn_variable_assign(firn_variable *variable,
                                            firn_tensor *value,
                                            firn_error *err);

/* Takes the value away (DestroyResourceOp). */
void firn_variable_clear(firn_variable *variable);

/* Changes the value in place under the variable's lock: `edit` gets a tensor
 * with one owner (copied when somebody holds a snapshot). */
FIRN_CHECKED firn_code firn_variable_update(
    firn_variable *variable,
    firn_code (*edit)(void *ud, firn_tensor *value, firn_error *err), void *ud,
    firn_error *err);

firn_str firn_variable_name(const firn_variable *variable);
const firn_node *firn_variable_node(const firn_variable *variable);

#endif
