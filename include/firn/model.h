/* firn/model.h: open anything that holds a TensorFlow model.
 *
 * A model is a graph, perhaps with a checkpoint that has the values of its
 * variables, perhaps with signatures that name its inputs and outputs. It is
 * opened from any of these, told apart by what they are:
 *
 *   frozen.pb, graph.pbtxt        a GraphDef, binary or text
 *   model.ckpt-100.meta           a MetaGraphDef; the checkpoint beside it
 *   model.ckpt-100                a checkpoint; its graph is
 * model.ckpt-100.meta a folder with `checkpoint`    its newest checkpoint a
 * folder with saved_model.pb  a SavedModel (.pbtxt and .cpb, too)
 *
 *   firn_model *model = NULL;
 *   firn_session *session = NULL;
 *   if (firn_model_open("model.ckpt-100", NULL, NULL, &model, &err) != FIRN_OK
 * || firn_model_session(model, NULL, &session, &err) != FIRN_OK)
 *     fprintf(stderr, "%s\n", err.message);
 *   ...
 *   firn_session_free(session);
 *   firn_model_close(model);
 *
 * Ownership: the caller closes the model, after the sessions made from it.
 * Threads:   immutable: share freely.
 */
#ifndef FIRN_MODEL_H
#define FIRN_MODEL_H

#include "firn/checkpoint.h"
#include "firn/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct firn_model firn_model;

/* What a path turned out to be. */
typedef enum firn_model_kind {
  FIRN_MODEL_ANY = 0,
  FIRN_MODEL_GRAPH,       /* GraphDef                                        */
  FIRN_MODEL_META_GRAPH,  /* MetaGraphDef, perhaps with a checkpoint         */
  FIRN_MODEL_CHECKPOINT,  /* a checkpoint without a graph                    */
  FIRN_MODEL_SAVED_MODEL, /* SavedModel folder                               */
} firn_model_kind;

typedef struct firn_model_options {
  size_t size;            /* sizeof(firn_model_options)                      */
  const char *checkpoint; /* the values; NULL: the one beside the graph      */
  const char *tags;       /* of a SavedModel, "a,b"; NULL: serve or the only;
                             "*": the first, whatever its tags               */
  firn_model_kind as;     /* do not look, take it for this                   */
} firn_model_options;

/* Opens a model. NOT_FOUND, DATA_LOSS or INVALID_ARGUMENT name the file and
 * what was found in it. */
FIRN_API FIRN_CHECKED firn_code
firn_model_open(const char *path, const firn_model_options *options,
                const firn_options *general, firn_model **out, firn_error *err);
FIRN_API void firn_model_close(firn_model *model);

/* A model over the graph that a builder grows, for everything that models do:
 * sessions, saving, freezing. Collections and saver are those of this moment,
 * nodes may be added later. The builder outlives it; what has failed there is
 * said here. */
FIRN_API FIRN_CHECKED firn_code firn_model_new(firn_builder *b,
                                               const firn_options *general,
                                               firn_model **out,
                                               firn_error *err);

/* A builder that begins with the graph and the collections of a model, which
 * outlives it: to add gradients, losses, a train op. */
FIRN_API FIRN_CHECKED firn_code firn_model_builder(const firn_model *model,
                                                   const firn_options *general,
                                                   firn_builder **out,
                                                   firn_error *err);

/* Writes the graph with its collections and saver to `path` as a MetaGraphDef,
 * which TensorFlow imports. The file appears whole or not at all. */
FIRN_API FIRN_CHECKED firn_code firn_model_export_meta(const firn_model *model,
                                                       const char *path,
                                                       bool text,
                                                       firn_error *err);

FIRN_API firn_model_kind firn_model_what(const firn_model *model);

/* The model's graph; NULL for a checkpoint without one. */
FIRN_API const firn_graph *firn_model_graph(const firn_model *model);

/* Its checkpoint; NULL when it has none. */
FIRN_API const firn_checkpoint *firn_model_checkpoint(const firn_model *model);

/* The TensorFlow version that wrote it ("1.15.0"), or "" when nobody says. */
FIRN_API const char *firn_model_tensorflow(const firn_model *model);

/* A session whose variables start with the checkpoint's values, each read when
 * it is first needed. Tables that come with the model are filled here, once:
 * NOT_FOUND lists the assets that are missing. */
FIRN_API FIRN_CHECKED firn_code firn_model_session(const firn_model *model,
                                                   const firn_options *general,
                                                   firn_session **out,
                                                   firn_error *err);

/* ---- Variables ---------------------------------------------------------- */

/* The value of a variable of a session of this model, by its name (the node's,
 * or its shared name); the caller releases it. NOT_FOUND with near names;
 * FAILED_PRECONDITION when it has no value yet. */
FIRN_API FIRN_CHECKED firn_code firn_model_variable(const firn_model *model,
                                                    firn_session *session,
                                                    const char *name,
                                                    firn_tensor **out,
                                                    firn_error *err);

/* The type of a variable; FIRN_INVALID when there is none of that name. */
FIRN_API firn_dtype firn_model_variable_type(const firn_model *model,
                                             const char *name);

/* Gives a variable a value, by copy where need be. INVALID_ARGUMENT for another
 * type or shape than the graph declares. */
FIRN_API FIRN_CHECKED firn_code firn_model_assign(const firn_model *model,
                                                  firn_session *session,
                                                  const char *name,
                                                  firn_tensor *value,
                                                  firn_error *err);

/* Gives all variables the values that another checkpoint has for them, under
 * the saver's keys. Nothing is changed before every value is known to be there:
 * NOT_FOUND and INVALID_ARGUMENT list all that is missing or of another shape.
 */
FIRN_API FIRN_CHECKED firn_code firn_model_restore(const firn_model *model,
                                                   firn_session *session,
                                                   const char *prefix,
                                                   firn_error *err);

/* Whether the model's checkpoint has what the variables upstream of these
 * tensors and nodes need. NOT_FOUND or INVALID_ARGUMENT have a further line for
 * every variable without a key, every one of another type or shape, and every
 * key that no variable of the graph takes. Without a checkpoint there is
 * nothing to say. */
FIRN_API FIRN_CHECKED firn_code firn_model_check(const firn_model *model,
                                                 const char *const *names,
                                                 size_t count, firn_error *err);

/* Runs the initialisers (NAME/Assign) of the variables that have no value, as
 * far as the graph has such nodes. *count (may be NULL) gets their number. */
FIRN_API FIRN_CHECKED firn_code firn_model_initialize(const firn_model *model,
                                                      firn_session *session,
                                                      size_t *count,
                                                      firn_error *err);

/* The global step: the variable of the collection of that name, else the
 * variable `global_step`. NOT_FOUND when there is none. */
FIRN_API FIRN_CHECKED firn_code firn_model_global_step(const firn_model *model,
                                                       firn_session *session,
                                                       int64_t *out,
                                                       firn_error *err);

/* ---- Saving ------------------------------------------------------------- */

typedef struct firn_save_options {
  size_t size; /* sizeof(firn_save_options)                               */
  int version; /* of the checkpoint's format: 2 or 1; 0 is 2              */
  bool meta;   /* also the graph, as PREFIX.meta                          */
  const char *meta_suffix; /* NULL: "meta"                                    */
  bool state;   /* also the folder's state file, which names this one only */
  bool sync;    /* wait until the disk has it                              */
  size_t saved; /* set on return: how many variables were saved            */
} firn_save_options;

/* Writes the variables of `session`, one of this model's, that have a value:
 * each under the key that the graph's saver uses, else its shared name, else
 * its node's name. What else an object-based checkpoint of the model holds is
 * copied. The files appear whole or not at all, the graph before the index and
 * the state file last. `options` may be NULL. */
FIRN_API FIRN_CHECKED firn_code firn_model_save(const firn_model *model,
                                                firn_session *session,
                                                const char *prefix,
                                                firn_save_options *options,
                                                firn_error *err);

/* ---- Signatures ------------------------------------------------------------
 */

/* One input or output of a signature. Strings are terminated and borrowed. A
 * sparse tensor is three of them: "KEY/indices", "KEY/values" and
 * "KEY/dense_shape"; what else has components has "KEY/0", "KEY/1", ... */
typedef struct firn_signature_tensor {
  const char *key;    /* what callers say: "images"                          */
  const char *tensor; /* what the graph says: "input:0"                      */
  firn_dtype dtype;
  firn_shape shape;
  bool optional; /* an input that has a default value                   */
} firn_signature_tensor;

typedef struct firn_signature {
  const char *key, *method;
  size_t input_count, output_count;
  const firn_signature_tensor *inputs, *outputs; /* sorted by key */
} firn_signature;

/* The signatures, sorted by key; none for a plain graph. The one that
 * SavedModels of TensorFlow 2 keep for their init op ("__saved_model_init_op")
 * is among them. */
FIRN_API size_t firn_model_signature_count(const firn_model *model);
FIRN_API const firn_signature *firn_model_signature_at(const firn_model *model,
                                                       size_t i);

/* The signature of that key. NULL means "serving_default", or else the only
 * one. NOT_FOUND lists those there are. */
FIRN_API FIRN_CHECKED firn_code firn_model_signature(const firn_model *model,
                                                     const char *key,
                                                     const firn_signature **out,
                                                     firn_error *err);

/* A run by signature. Inputs and outputs are named by the signature's keys; a
 * name that is no key but has a colon is a tensor's. Without outputs and
 * targets all outputs of the signature are given, in its order; inputs left out
 * take their defaults. Without a signature every name is a tensor's. */
typedef struct firn_call {
  size_t size; /* sizeof(firn_call)                     */
  const firn_signature *signature;
  const firn_feed *inputs;
  size_t input_count;
  const char *const *outputs;
  size_t output_count;
  const char *const *targets; /* nodes to be run for their effect      */
  size_t target_count;
} firn_call;

/* Runs once in a session of this model. results[i] gets output i; it has room
 * for all that the call asks for. INVALID_ARGUMENT lists the inputs that are
 * missing and those that the signature does not know; else as firn_session_run.
 */
FIRN_API FIRN_CHECKED firn_code firn_model_run(
    const firn_model *model, firn_session *session, const firn_call *call,
    const firn_run_options *options, firn_tensor **results, firn_error *err);

/* The tensor that `name` stands for as an input (or output) of a signature,
 * which may be NULL: then it is `name` itself. NOT_FOUND lists the keys there
 * are. */
FIRN_API FIRN_CHECKED firn_code
firn_signature_tensor_name(const firn_signature *signature, bool input,
                           const char *name, const char **out, firn_error *err);

/* ---- What else a SavedModel has ----------------------------------------- */

/* The meta graphs of the file, and the i-th tag of one ({0} behind the last).
 */
FIRN_API size_t firn_model_tag_set_count(const firn_model *model);
FIRN_API firn_str firn_model_tag(const firn_model *model, size_t set, size_t i);

/* The assets: the path of the i-th, and in *tensor (may be NULL) the tensor
 * that takes it. */
FIRN_API size_t firn_model_asset_count(const firn_model *model);
FIRN_API const char *firn_model_asset_at(const firn_model *model, size_t i,
                                         firn_str *tensor);

/* ---- Several runs ------------------------------------------------------- */

/* A name with a file: a feed to be read, a fetch to be written. */
typedef struct firn_named_file {
  const char *name, *file; /* file NULL: none given */
} firn_named_file;

/* One run of a script. Strings are terminated and borrowed. */
typedef struct firn_script_run {
  const char *signature; /* NULL: names are tensors' */
  size_t feed_count, fetch_count, target_count;
  const firn_named_file *feeds, *fetches;
  const char *const *targets;
} firn_script_run;

typedef struct firn_script firn_script;

/* Reads a JSON list of {"signature": K, "feeds": {NAME: FILE}, "fetches":
 * {NAME: FILE}, "targets": [NODE]}, each part optional. INVALID_ARGUMENT says
 * where. */
FIRN_API FIRN_CHECKED firn_code firn_script_read(const char *path,
                                                 const firn_options *options,
                                                 firn_script **out,
                                                 firn_error *err);
FIRN_API void firn_script_free(firn_script *script);
FIRN_API size_t firn_script_count(const firn_script *script);
FIRN_API const firn_script_run *firn_script_at(const firn_script *script,
                                               size_t i);

/* ---- What is it? ------------------------------------------------------------
 */

/* An input or output that a graph seems to have. */
typedef struct firn_guess {
  firn_str node;
  firn_dtype dtype;
  firn_shape shape;
  size_t variables; /* outputs: how many variables lie upstream */
  size_t depth;     /* outputs: nodes on the longest way from an input */
} firn_guess;

/* The placeholders that outputs depend on, in file order; and the nodes that
 * look like outputs, best first: nobody consumes them, they are no Const, NoOp,
 * Assign, Save, Placeholder, summary or assertion, and no saver, optimiser or
 * gradient owns them. Returns how many there are and fills in up to `max`. */
FIRN_API size_t firn_model_guess_inputs(const firn_model *model,
                                        firn_guess *out, size_t max);
FIRN_API size_t firn_model_guess_outputs(const firn_model *model,
                                         firn_guess *out, size_t max);

/* How big a model is: parameters are the elements of its variables, by the
 * shapes that the graph (or its checkpoint) gives them. */
typedef struct firn_model_size {
  uint64_t nodes, functions, variables, parameters;
  uint64_t parameter_bytes, constant_bytes;
} firn_model_size;
FIRN_API void firn_model_measure(const firn_model *model, firn_model_size *out);

/* The shapes of all outputs of a node, as far as they are known before any run.
 * `out` has room for the node's outputs. */
FIRN_API void firn_model_shapes(const firn_model *model, size_t node,
                                firn_shape *out);

/* One op, and how many nodes have it, those inside functions included. */
typedef struct firn_op_use {
  firn_str op;
  size_t count;
} firn_op_use;

/* The ops of the graph and its functions, most used first. Returns how many
 * there are and fills in up to `max`. */
FIRN_API size_t firn_model_ops(const firn_model *model, firn_op_use *out,
                               size_t max);

/* One op that firn cannot compute, and a node that has it; `function` is empty
 * for a node of the graph itself. */
typedef struct firn_unsupported {
  firn_str op, node, function;
} firn_unsupported;

/* The ops that firn has no kernel for, each once, in name order: of the whole
 * graph, or, where there are signatures, of what these reach. Returns how many
 * there are and fills in up to `max`. */
FIRN_API size_t firn_model_unsupported(const firn_model *model,
                                       firn_unsupported *out, size_t max);

/* ---- Freezing ----------------------------------------------------------- */

/* What becomes of functions when a signature is frozen. */
typedef enum firn_freeze_functions {
  FIRN_FUNCTIONS_INLINE = 0, /* calls become plain nodes; If, Case and While
                                keep their functions                        */
  FIRN_FUNCTIONS_KEEP,       /* calls stay                                  */
  FIRN_FUNCTIONS_LOWER,      /* none is left: If, Case and While become Switch,
                                Merge, Enter, Exit, for old TensorFlow      */
} firn_freeze_functions;

/* What becomes of lookup tables when a signature is frozen. */
typedef enum firn_freeze_tables {
  FIRN_TABLES_INLINE = 0, /* their contents are in the graph                */
  FIRN_TABLES_KEEP,       /* the init op stays, to be run by its name; it
                             reads the model's assets                       */
} firn_freeze_tables;

typedef struct firn_freeze_options {
  size_t size;                /* sizeof(firn_freeze_options)              */
  const char *const *outputs; /* node or tensor names                     */
  size_t output_count;        /* 0: the guess, when only one is sane      */
  bool keep_devices;          /* by default they are cleared              */
  bool sync;                  /* wait until the disk has it               */
  const char *const *only;    /* only these variables become constants    */
  size_t only_count;
  const char *const *except; /* these stay variables                     */
  size_t except_count;
  bool text;             /* write .pbtxt                             */
  firn_session *session; /* values are its variables' now; NULL: the
                            checkpoint's                          */
  const char *signature; /* instead of outputs; NULL: for a SavedModel without
                            outputs as for firn_model_signature            */
  firn_freeze_functions functions;
  firn_freeze_tables tables;
} firn_freeze_options;

typedef struct firn_freeze_report {
  size_t nodes;     /* in the result                                   */
  size_t variables; /* that became constants                           */
  bool was_frozen;  /* there was nothing to freeze                     */
  uint64_t bytes;   /* written                                         */
} firn_freeze_report;

/* Writes the sub-graph of the outputs with its variables as constants to `path`
 * ("-" is standard output): the very nodes, names and attrs that TensorFlow's
 * freeze_graph gives. The file appears whole or not at all. NOT_FOUND lists
 * every variable without a value, INVALID_ARGUMENT every one of another shape,
 * in one error.
 *
 * By signature the result has a Placeholder named after each input key and, as
 * its last nodes, an Identity after each output key, in the signature's order;
 * an output whose name an input has gets "_1", and characters that no node's
 * name may have become "_". Functions and tables
 * are as the options say; what is not reached is dropped. FAILED_PRECONDITION
 * lists the variables and tables that the signature writes to: these may stay
 * what they are as `except`. */
FIRN_API FIRN_CHECKED firn_code firn_model_freeze(
    const firn_model *model, const firn_freeze_options *options,
    const char *path, firn_freeze_report *report, firn_error *err);

#ifdef __cplusplus
}
#endif

#endif
