/* model/freeze_write.c: write a frozen graph, and the call that freezes a
 * model.
 *
 * Small nodes come from the message; the contents of variables come straight
 * from the checkpoint file. Both are gathered in batches: while one batch is
 * written, a second thread, if there is one, reads the contents that belong in
 * the next and sums them up while they are in its cache. Reading beats a
 * mapping here, whose pages would each be asked for and given back; memory does
 * not grow with the model. A variable's checksum is compared before its last
 * batch is written: a damaged one is noticed before the file has its name, and
 * what was written of it is removed. */
#include "base/crc32c.h"
#include "base/pool.h"
#include "model/freeze.h"

enum { BATCH = 512 << 10, MAX_PARTS = 256 };

/* A part of a variable's contents, and where in the batch it belongs. */
typedef struct part {
  const firn_copied *item;
  size_t offset, size, at;
} part;

typedef struct batch {
  uint8_t *data;
  size_t size;
  part parts[MAX_PARTS];
  size_t part_count;
} batch;

typedef struct copier {
  const firn_frozen *frozen;
  firn_writer *writer;
  firn_pool *pool;
  batch batches[2];
  int filling;   /* the batch that grows; the other one is full or empty */
  size_t items;  /* of those to be copied: how many were put             */
  bool trusting; /* checksums are not asked for                         */
  uint32_t crc;  /* of the item being read, so far                      */
  firn_error read_error, write_error;
} copier;

static firn_code check_part(copier *c, const part *p, const uint8_t *bytes) {
  const firn_copied *item = p->item;
  const firn_span *s = &item->span;
  c->crc = firn_crc32c_extend(p->offset ? c->crc : 0, bytes, p->size);
  if (p->offset + p->size < s->size || c->crc == s->crc) return FIRN_OK;
  return firn_fail(&c->read_error, FIRN_DATA_LOSS,
                   "reading '%.*s' from checkpoint '%.*s': %zu bytes at offset "
                   "%zu have checksum %08x, not %08x",
                   FIRN_ARG(item->variable), FIRN_ARG(c->frozen->checkpoint),
                   s->size, s->offset, c->crc, s->crc);
}

static firn_code read_parts(copier *c, batch *b) {
  for (size_t i = 0; i < b->part_count; i++) {
    const part *p = &b->parts[i];
    const firn_span *s = &p->item->span;
    FIRN_TRY(firn_file_pread(s->file, s->offset + p->offset, b->data + p->at,
                             p->size, &c->read_error));
    if (!c->trusting) FIRN_TRY(check_part(c, p, b->data + p->at));
  }
  return FIRN_OK;
}

static firn_code write_batch(copier *c, batch *b) {
  const size_t size = b->size;
  b->size = b->part_count = 0;
  return firn_writer_put(c->writer, b->data, size, &c->write_error);
}

/* Task 0 writes the batch that is full, task 1 reads what the other wants. What
 * fails is found in the two errors. */
static void write_and_read(void *ud, size_t begin, size_t end) {
  copier *c = ud;
  batch *read = &c->batches[c->filling], *full = &c->batches[!c->filling];
  for (size_t i = begin; i < end; i++)
    (void)(i ? read_parts(c, read) : write_batch(c, full));
}

/* Makes room: the batch that grew is full now, the other one is written. */
static firn_code turn(copier *c, firn_error *err) {
  firn_parallel_for(c->pool, 2, 1, write_and_read, c);
  c->filling = !c->filling;
  const firn_error *e =
      c->write_error.code != FIRN_OK ? &c->write_error : &c->read_error;
  return e->code == FIRN_OK ? FIRN_OK
                            : firn_fail(err, e->code, "%s", e->message);
}

/* Takes `size` bytes: of the item, which will be read, or those at `data`. */
static firn_code gather(copier *c, const firn_copied *item, const uint8_t *data,
                        size_t size, firn_error *err) {
  for (size_t done = 0; done < size;) {
    batch *b = &c->batches[c->filling];
    if (b->size == BATCH || b->part_count == MAX_PARTS) {
      FIRN_TRY(turn(c, err));
      continue;
    }
    const size_t n = firn_min_size(size - done, BATCH - b->size);
    if (item)
      b->parts[b->part_count++] = (part){item, done, n, b->size};
    else
      memcpy(b->data + b->size, data + done, n);
    b->size += n;
    done += n;
  }
  return FIRN_OK;
}

/* The message is written in the order in which the items were listed. */
static firn_code put(void *ud, const void *data, size_t size, firn_error *err) {
  copier *c = ud;
  const firn_frozen *z = c->frozen;
  const firn_copied *item =
      c->items < z->copied_count ? &z->copied[c->items] : NULL;
  if (!item || item->at != data) return gather(c, NULL, data, size, err);
  c->items++;
  return gather(c, item, NULL, item->span.size, err);
}

static firn_code write_message(copier *c, bool text, firn_error *err) {
  const firn_sink sink = {put, c};
  const firn_pb_GraphDef *def = c->frozen->def;
  FIRN_TRY(text ? firn_pb_write_text(&firn_pb_type_GraphDef, def, sink, err)
                : firn_pb_write(&firn_pb_type_GraphDef, def, sink, err));
  FIRN_TRY(turn(c, err));
  return turn(c, err);
}

static firn_code write_file(copier *c, const char *path, bool text, bool sync,
                            const firn_allocator *alloc, uint64_t *bytes,
                            firn_error *err) {
  FIRN_TRY(firn_writer_create(path, alloc, &c->writer, err));
  const firn_code code = write_message(c, text, err);
  *bytes = firn_writer_size(c->writer);
  if (code == FIRN_OK) return firn_writer_commit(c->writer, sync, err);
  firn_writer_abandon(c->writer);
  return code;
}

firn_code firn_freeze_write(firn_frozen *frozen, const char *path, bool text,
                            bool sync, const firn_env *env, uint64_t *bytes,
                            firn_error *err) {
  copier *c = firn_new_zeroed(&env->alloc, sizeof *c);
  if (!c) return firn_oom(err, sizeof *c);
  uint8_t *data = firn_new(&env->alloc, 2 * BATCH);
  c->frozen = frozen;
  c->trusting = env->skip_checksums;
  c->batches[0].data = data;
  c->batches[1].data = data ? data + BATCH : NULL;
  const int threads = frozen->copied_count && env->threads > 1 ? 2 : 1;
  firn_code code = data ? firn_pool_new(threads, &env->alloc, &c->pool, err)
                        : firn_oom(err, 2 * BATCH);
  if (code == FIRN_OK)
    code = write_file(c, path, text, sync, &env->alloc, bytes, err);
  firn_pool_free(c->pool);
  firn_delete(&env->alloc, data, 2 * BATCH);
  firn_delete(&env->alloc, c, sizeof *c);
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
