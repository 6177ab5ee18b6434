/* firn/saved_model.h: write SavedModels, and edit them.
 *
 * A SavedModel is a folder: saved_model.pb with one or more meta graphs, each
 * chosen by its tags, the variables that they share, and the files (assets)
 * that tables are filled from. A writer gathers these in a temporary folder
 * beside the wanted one, which appears when it is committed.
 *
 *   firn_saved_model_writer *w = NULL;
 *   firn_signature_tensor in = {.key = "images", .tensor = "input:0"};
 *   firn_signature_tensor out = {.key = "scores", .tensor = "softmax:0"};
 *   firn_signature serving = {"serving_default", "predict", 1, 1, &in, &out};
 *   firn_saved_model_meta meta = {.size = sizeof meta,
 *                                 .tags = "serve",
 *                                 .signatures = &serving,
 *                                 .signature_count = 1};
 *   FIRN_TRY(firn_saved_model_writer_new("export/1", NULL, NULL, &w, &err));
 *   firn_code code = firn_saved_model_add(w, model, session, &meta, &err);
 *   if (code == FIRN_OK)
 *     code = firn_saved_model_commit(w, false, &err);
 *   else
 *     firn_saved_model_abandon(w);
 *
 * TensorFlow's loaders, of both generations, open the result.
 *
 * Ownership: commit and abandon free the writer; models that were added must
 *            live until then, sessions and strings need not.
 * Threads:   confined.
 */
#ifndef FIRN_SAVED_MODEL_H
#define FIRN_SAVED_MODEL_H

#include "firn/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Writing ------------------------------------------------------------ */

typedef struct firn_saved_model_writer firn_saved_model_writer;

typedef struct firn_saved_model_options {
  size_t size; /* sizeof(firn_saved_model_options)        */
  bool sync;   /* wait until the disk has it              */
} firn_saved_model_options;

/* A file that comes along, and the tensor that takes its path. */
typedef struct firn_saved_model_asset {
  const char *file;   /* where it is now                                   */
  const char *tensor; /* a string constant of the graph: "asset_path:0"    */
} firn_saved_model_asset;

/* One meta graph. A signature's `method` is predict (also NULL), classify,
 * regress, or a full name such as "tensorflow/serving/predict". Of its tensors
 * `key` and `tensor` are needed; type and shape are the graph's where `dtype`
 * is FIRN_INVALID. */
typedef struct firn_saved_model_meta {
  size_t size;      /* sizeof(firn_saved_model_meta)                       */
  const char *tags; /* "serve,gpu"; NULL: those of a model that was a
                       SavedModel, else "serve"                            */
  const firn_signature *signatures;
  size_t signature_count;
  const firn_saved_model_asset *assets; /* none: those of the graph's own
                                           collection of asset files that
                                           the init op needs               */
  size_t asset_count;
  const char *init_op;  /* run once when the model is loaded; NULL: what fills
                           the graph's tables                              */
  bool legacy_init_op;  /* note it down for TensorFlow before 1.6          */
  const char *train_op; /* a node that trains                              */
  bool strip_default_attrs; /* older readers understand what is left       */
  bool clear_devices;
  bool strip; /* only what signatures and init op need: no other nodes,
                 functions, variables, nor the objects of TensorFlow 2     */
} firn_saved_model_meta;

/* Begins a SavedModel. ALREADY_EXISTS for a folder that is not empty. */
FIRN_API FIRN_CHECKED firn_code firn_saved_model_writer_new(
    const char *folder, const firn_saved_model_options *writer_options,
    const firn_options *options, firn_saved_model_writer **out,
    firn_error *err);

/* Adds a meta graph: that of the model, whatever file it came from or whoever
 * built it. The first one brings the variables, those of the session or, when
 * `session` is NULL, those of the model's checkpoint; later ones share them. A
 * saver that does not fit them is replaced by a new one. The signatures are
 * added to those that the model has. `meta` may be NULL.
 *
 * INVALID_ARGUMENT and NOT_FOUND list all that is wrong with signatures: the
 * rules are TensorFlow Serving's. FAILED_PRECONDITION lists the variables that
 * signatures need and that have no value. */
FIRN_API FIRN_CHECKED firn_code firn_saved_model_add(
    firn_saved_model_writer *w, const firn_model *model, firn_session *session,
    const firn_saved_model_meta *meta, firn_error *err);

/* Writes saved_model.pb (or, as text, .pbtxt) and the fingerprint, gives the
 * folder its name and frees the writer; on failure nothing of it is left. */
FIRN_API FIRN_CHECKED firn_code
firn_saved_model_commit(firn_saved_model_writer *w, bool text, firn_error *err);

/* Removes what was written and frees the writer. NULL is fine. */
FIRN_API void firn_saved_model_abandon(firn_saved_model_writer *w);

/* ---- Whole SavedModels -------------------------------------------------- */

/* Writes the SavedModel that the model came from once more, all its meta graphs
 * and files, with the variables that the session has now. */
FIRN_API FIRN_CHECKED firn_code firn_saved_model_save_again(
    const firn_model *model, firn_session *session, const char *folder,
    const firn_saved_model_options *options, firn_error *err);

/* What a stripped SavedModel was and is. */
typedef struct firn_saved_model_strip_report {
  size_t nodes_before, nodes, functions_before, functions, variables_before,
      variables, meta_graphs_before, meta_graphs;
} firn_saved_model_strip_report;

/* Writes a SavedModel to `out` without all that serving does not need: meta
 * graphs to train with (unless there is no other), what no signature reaches,
 * default attrs, devices. `report` may be NULL. */
FIRN_API FIRN_CHECKED firn_code
firn_saved_model_strip(const char *folder, const char *out,
                       const firn_saved_model_options *options,
                       firn_saved_model_strip_report *report, firn_error *err);

/* ---- Signatures, in place ----------------------------------------------- */

/* These change the meta graph of these tags (NULL: as firn_model_open chooses)
 * in a SavedModel. saved_model.pb appears whole or stays as it is. Adding wants
 * a key that is free, unless `replace`; removing and renaming one that is
 * there: ALREADY_EXISTS, NOT_FOUND. */
FIRN_API FIRN_CHECKED firn_code firn_saved_model_signature_add(
    const char *folder, const char *tags, const firn_signature *signature,
    bool replace, firn_error *err);
FIRN_API FIRN_CHECKED firn_code firn_saved_model_signature_remove(
    const char *folder, const char *tags, const char *key, firn_error *err);
FIRN_API FIRN_CHECKED firn_code firn_saved_model_signature_rename(
    const char *folder, const char *tags, const char *key, const char *to,
    firn_error *err);

/* ---- Training ----------------------------------------------------------- */

/* The node or tensor that a SavedModel says trains it; NULL when it does not
 * say. Borrowed. */
FIRN_API const char *firn_saved_model_train_op(const firn_model *model);

#ifdef __cplusplus
}
#endif

#endif
