/* model/freeze_write.c: write a frozen graph, and the call that freezes a model.
 *
 * Small nodes come from the message; the contents of variables are copied from the
 * checkpoint's file by windows, which are checked against their checksum as they
 * pass. The mapping is not touched, so memory does not grow with the model. A
 * damaged variable is noticed when its last window has passed, and the file, which
 * does not have its name yet, is removed. */
#include <stdlib.h>

#include "base/crc32c.h"
#include "model/freeze.h"

enum { WINDOW = 1 << 20 };

typedef struct copier {
  const firn_frozen *frozen;
  firn_writer *writer;
  uint8_t *window;
  bool trusting; /* checksums are not asked for */
} copier;

static int by_address(const void *a, const void *b) {
  const firn_copied *x = a, *y = b;
  return (x->at > y->at) - (x->at < y->at);
}

static const firn_copied *find(const firn_frozen *z, const void *at) {
  const firn_copied key = {.at = at};
  if (!z->copied_count) return NULL;
  return bsearch(&key, z->copied, z->copied_count, sizeof *z->copied,
                 by_address);
}

static firn_code copy(copier *c, const firn_copied *item, firn_error *err) {
  const firn_span *s = &item->span;
  uint32_t crc = 0;
  for (size_t done = 0; done < s->size;) {
    const size_t size = firn_min_size(WINDOW, s->size - done);
    FIRN_TRY(firn_file_pread(s->file, s->offset + done, c->window, size, err));
    crc = firn_crc32c_extend(crc, c->window, size);
    FIRN_TRY(firn_writer_put(c->writer, c->window, size, err));
    done += size;
  }
  if (crc == s->crc || c->trusting) return FIRN_OK;
  return firn_fail(err, FIRN_DATA_LOSS,
                   "reading '%.*s': %zu bytes at offset %zu have checksum "
                   "%08x, not %08x",
                   FIRN_ARG(item->variable), s->size, s->offset, crc, s->crc);
}

static firn_code put(void *ud, const void *data, size_t size,
                     firn_error *err) {
  copier *c = ud;
  const firn_copied *item = find(c->frozen, data);
  if (item && item->span.size == size) return copy(c, item, err);
  return firn_writer_put(c->writer, data, size, err);
}

firn_code firn_freeze_write(firn_frozen *frozen, const char *path, bool text,
                            bool sync, const firn_env *env, uint64_t *bytes,
                            firn_error *err) {
  copier c = {.frozen = frozen, .trusting = env->skip_checksums};
  if (frozen->copied_count)
    qsort(frozen->copied, frozen->copied_count, sizeof *frozen->copied,
          by_address);
  c.window = firn_new_aligned(&env->alloc, WINDOW);
  if (!c.window) return firn_oom(err, WINDOW);
  firn_code code = firn_writer_create(path, &env->alloc, &c.writer, err);
  if (code == FIRN_OK) {
    const firn_sink sink = {put, &c};
    code = text ? firn_pb_write_text(&firn_pb_type_GraphDef, frozen->def, sink,
                                     err)
                : firn_pb_write(&firn_pb_type_GraphDef, frozen->def, sink, err);
    *bytes = firn_writer_size(c.writer);
    if (code == FIRN_OK)
      code = firn_writer_commit(c.writer, sync, err);
    else
      firn_writer_abandon(c.writer);
  }
  firn_delete_aligned(&env->alloc, c.window, WINDOW);
  return code;
}

/* ---- The call ------------------------------------------------------------------- */

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

static firn_code freeze(const firn_model *model, const firn_freeze_options *o,
                        const char *path, firn_freeze_report *report,
                        firn_error *err) {
  firn_frozen frozen;
  const size_t count = o->output_count ? o->output_count : 1;
  uint32_t *outputs =
      firn_new_zeroed(&model->env.alloc, count * sizeof *outputs);
  if (!outputs) return firn_oom(err, count * sizeof *outputs);
  firn_code code = find_outputs(model, o, outputs, err);
  if (code == FIRN_OK)
    code = firn_freeze_build(model, outputs, count, o, o->text, &frozen, err);
  firn_delete(&model->env.alloc, outputs, count * sizeof *outputs);
  if (code != FIRN_OK) return code;
  report->nodes = frozen.def->node_count;
  report->variables = frozen.variables;
  report->was_frozen = frozen.variables == 0;
  code = firn_freeze_write(&frozen, path, o->text, o->sync, &model->env,
                           &report->bytes, err);
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
                     FIRN_ARG(model->path), FIRN_ARG(model->path));
  const firn_code code = freeze(model, &o, path, &own, err);
  if (report) *report = own;
  return code;
}
