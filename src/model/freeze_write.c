/* model/freeze_write.c: write a frozen graph, and the call that freezes a
 * model.
 *
 * Small nodes come from the message; the contents of variables are written
 * straight from the mapped checkpoint, piece by piece, each checked against its
 * variable's checksum before. With a second thread a piece is checked while the
 * one before it is written. Pages that were touched are given back at once, so
 * memory does not grow with the model. A damaged variable is noticed before the
 * file has its name, and what was written of it is removed. */
#include "base/crc32c.h"
#include "base/pool.h"
#include "model/freeze.h"

enum { PIECE = 4 << 20 };

/* A place in the contents to be copied: pieces are taken one after the other.
 */
typedef struct cursor {
  size_t item, done;
} cursor;

typedef struct copier {
  const firn_frozen *frozen;
  firn_writer *writer;
  firn_pool *pool;
  cursor written, checked;
  uint32_t crc;           /* of the item being checked, so far               */
  const firn_copied *bad; /* one whose checksum is wrong, and what it is    */
  uint32_t bad_crc;
  bool trusting;  /* checksums are not asked for                     */
  firn_code code; /* of the last piece written                       */
  firn_error *err;
} copier;

/* The next piece, and on to the one behind it; false at the end. */
static bool next_piece(const firn_frozen *z, cursor *at,
                       const firn_copied **item, size_t *offset, size_t *size) {
  if (at->item >= z->copied_count) return false;
  *item = &z->copied[at->item];
  *offset = at->done;
  *size = firn_min_size(PIECE, (*item)->span.size - at->done);
  at->done += *size;
  if (at->done == (*item)->span.size) *at = (cursor){at->item + 1, 0};
  return true;
}

static void check_piece(copier *c) {
  const firn_copied *item;
  size_t offset, size;
  if (c->trusting || !next_piece(c->frozen, &c->checked, &item, &offset, &size))
    return;
  c->crc = firn_crc32c_extend(offset ? c->crc : 0,
                              (const uint8_t *)item->at + offset, size);
  if (c->checked.done == 0 && c->crc != item->span.crc && !c->bad) {
    c->bad = item;
    c->bad_crc = c->crc;
  }
}

static void write_piece(copier *c) {
  const firn_copied *item;
  size_t offset, size;
  if (!next_piece(c->frozen, &c->written, &item, &offset, &size)) return;
  c->code = firn_writer_put(c->writer, (const uint8_t *)item->at + offset, size,
                            c->err);
  firn_file_forget(item->span.file, item->span.offset + offset, size);
}

/* Task 0 writes a piece, task 1 checks the one behind it. */
static void write_and_check(void *ud, size_t begin, size_t end) {
  copier *c = ud;
  for (size_t i = begin; i < end; i++) (i ? check_piece : write_piece)(c);
}

static firn_code damaged(const copier *c, firn_error *err) {
  const firn_span *s = &c->bad->span;
  return firn_fail(err, FIRN_DATA_LOSS,
                   "reading '%.*s' from checkpoint '%.*s': %zu bytes at offset "
                   "%zu have checksum %08x, not %08x",
                   FIRN_ARG(c->bad->variable), FIRN_ARG(c->frozen->checkpoint),
                   s->size, s->offset, c->bad_crc, s->crc);
}

/* Writes the whole of the item at hand. */
static firn_code copy(copier *c, firn_error *err) {
  const size_t item = c->written.item;
  if (c->checked.item == 0 && c->checked.done == 0) check_piece(c);
  c->err = err;
  while (c->written.item == item) {
    if (c->bad) return damaged(c, err);
    firn_parallel_for(c->pool, 2, 1, write_and_check, c);
    if (c->code != FIRN_OK) return c->code;
  }
  return FIRN_OK;
}

/* The message is written in the order in which the items were listed. */
static firn_code put(void *ud, const void *data, size_t size, firn_error *err) {
  copier *c = ud;
  const firn_frozen *z = c->frozen;
  if (c->written.item < z->copied_count &&
      z->copied[c->written.item].at == data)
    return copy(c, err);
  return firn_writer_put(c->writer, data, size, err);
}

static firn_code write_message(copier *c, bool text, firn_error *err) {
  const firn_sink sink = {put, c};
  const firn_pb_GraphDef *def = c->frozen->def;
  FIRN_TRY(text ? firn_pb_write_text(&firn_pb_type_GraphDef, def, sink, err)
                : firn_pb_write(&firn_pb_type_GraphDef, def, sink, err));
  return c->bad ? damaged(c, err) : FIRN_OK;
}

firn_code firn_freeze_write(firn_frozen *frozen, const char *path, bool text,
                            bool sync, const firn_env *env, uint64_t *bytes,
                            firn_error *err) {
  copier c = {.frozen = frozen, .trusting = env->skip_checksums};
  const int threads = frozen->copied_count && env->threads > 1 ? 2 : 1;
  FIRN_TRY(firn_pool_new(threads, &env->alloc, &c.pool, err));
  firn_code code = firn_writer_create(path, &env->alloc, &c.writer, err);
  if (code == FIRN_OK) {
    code = write_message(&c, text, err);
    *bytes = firn_writer_size(c.writer);
    if (code == FIRN_OK)
      code = firn_writer_commit(c.writer, sync, err);
    else
      firn_writer_abandon(c.writer);
  }
  firn_pool_free(c.pool);
  return code;
}

/* ---- The call ----------------------------------------------------------- */

static firn_code no_outputs(const firn_guess *guess, size_t count,
                            firn_error *err) {
  firn_fail(err, FIRN_INVALID_ARGUMENT,
            count ? "name the outputs: there are %zu nodes that look like one"
                  : "name the outputs: no node looks like one (%zu)",
            count);
  for (size_t i = 0; i < count && i < 5; i++)
    firn_error_add(err, "perhaps '%.*s'", FIRN_ARG(guess[i].node));
  return FIRN_INVALID_ARGUMENT;
}

/* The named nodes, or the guess when only one is sane. */
static firn_code find_outputs(const firn_model *model,
                              const firn_freeze_options *o, uint32_t *out,
                              firn_error *err) {
  for (size_t i = 0; i < o->output_count; i++) {
    const firn_node *node = NULL;
    firn_edge edge;
    const firn_str name = firn_str_of(o->outputs[i]);
    FIRN_TRY(firn_graph_need(model->graph, name, &node, err));
    if (strchr(o->outputs[i], ':'))
      FIRN_TRY(firn_graph_tensor(model->graph, name, &edge, err));
    out[i] = node->index;
  }
  if (o->output_count) return FIRN_OK;
  firn_guess guess[5];
  const size_t count = firn_model_guess_outputs(model, guess, 5);
  if (count != 1) return no_outputs(guess, count, err);
  const firn_node *node = firn_graph_find(model->graph, guess[0].node);
  out[0] = node->index;
  return FIRN_OK;
}

/* The nodes as they are named in the graph. */
static firn_code freeze_outputs(const firn_model *model,
                                const firn_freeze_options *o, firn_frozen *out,
                                firn_error *err) {
  const firn_freeze_source source = {.graph = model->graph};
  const size_t count = o->output_count ? o->output_count : 1;
  uint32_t *outputs = firn_arena_array(&out->arena, count, sizeof *outputs);
  if (!outputs) return firn_oom(err, count * sizeof *outputs);
  FIRN_TRY(find_outputs(model, o, outputs, err));
  return firn_freeze_build(model, &source, outputs, count, o, o->text, out,
                           err);
}

/* By signature when one is named, and of a SavedModel whose outputs are not. */
static firn_code freeze_any(const firn_model *model,
                            const firn_freeze_options *o, firn_frozen *out,
                            firn_error *err) {
  const firn_signature *signature = NULL;
  const bool declared = model->kind == FIRN_MODEL_SAVED_MODEL &&
                        model->signature_count && !o->output_count;
  if (!o->signature && !declared) return freeze_outputs(model, o, out, err);
  if (o->output_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "either a signature or outputs, not both");
  FIRN_TRY(firn_model_signature(model, o->signature, &signature, err));
  return firn_freeze_signature(model, signature, o, out, err);
}

static firn_code freeze(const firn_model *model, const firn_freeze_options *o,
                        const char *path, firn_freeze_report *report,
                        firn_error *err) {
  firn_frozen frozen;
  firn_freeze_init(model, &frozen);
  firn_code code = freeze_any(model, o, &frozen, err);
  if (code == FIRN_OK) {
    report->nodes = frozen.def->node_count;
    report->variables = frozen.variables;
    report->was_frozen = frozen.variables == 0 && !frozen.graph;
    code = firn_freeze_write(&frozen, path, o->text, o->sync, &model->env,
                             &report->bytes, err);
  }
  firn_freeze_fini(&frozen);
  return code;
}

firn_code firn_model_freeze(const firn_model *model,
                            const firn_freeze_options *options,
                            const char *path, firn_freeze_report *report,
                            firn_error *err) {
  firn_freeze_options o = {0};
  firn_freeze_report own = {0};
  if (options) memcpy(&o, options, firn_min_size(options->size, sizeof o));
  if (!model->graph)
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%.*s' is a checkpoint without a graph: there is no "
                     "'%.*s.meta'",
                     FIRN_ARG(model->path),
                     FIRN_ARG(firn_checkpoint_prefix(model->checkpoint)));
  const firn_code code = freeze(model, &o, path, &own, err);
  if (report) *report = own;
  return code;
}
