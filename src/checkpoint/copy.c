/* checkpoint/copy.c: a checkpoint made of tensors of others.
 *
 * Every surgery ends here. Items are sorted by name; those of one name are the
 * slices of one tensor. With several shards each data file gets about as many
 * bytes as the others. */
#include <stdlib.h>

#include "checkpoint/reader.h"
#include "checkpoint/writer.h"

typedef struct copying {
  firn_env env;
  firn_checkpoint_copy_options o;
  firn_checkpoint_writer *writer;
  uint64_t total, done; /* bytes, to tell shards by */
} copying;

/* ---- One item ----------------------------------------------------------- */

/* All of a tensor of another checkpoint, or a slice as it is stored there. */
static firn_code copy_part(copying *c, const firn_checkpoint_item *item,
                           const firn_checkpoint_entry *entry,
                           const firn_slice *slice, firn_error *err) {
  firn_span span = {.file = NULL};
  firn_elements from = {.dtype = entry->dtype,
                        .verify = !item->from->env.skip_checksums};
  firn_tensor *loaded = NULL;
  if (c->o.version == 2)
    FIRN_TRY(firn_checkpoint_span(item->from, item->tensor, slice, &span, err));
  if (span.file)
    from.span = &span;
  else
    FIRN_TRY(
        firn_checkpoint_load(item->from, item->tensor, slice, &loaded, err));
  from.tensor = loaded;
  const firn_code code = firn_checkpoint_writer_put(
      c->writer, item->name, &entry->shape, slice, &from, err);
  firn_tensor_release(loaded);
  return code;
}

static firn_code copy_item(copying *c, const firn_checkpoint_item *item,
                           firn_error *err) {
  if (!item->from) {
    const firn_elements from = {.tensor = item->value,
                                .dtype = item->value->dtype};
    return firn_checkpoint_writer_put(c->writer, item->name,
                                      &item->value->shape, NULL, &from, err);
  }
  const firn_checkpoint_entry e = firn_checkpoint_at(item->from, item->tensor);
  if (!e.slices || c->o.merge_slices) return copy_part(c, item, &e, NULL, err);
  for (size_t i = 0; i < e.slices; i++) {
    const firn_slice slice =
        firn_checkpoint_slice_at(item->from, item->tensor, i);
    FIRN_TRY(copy_part(c, item, &e, &slice, err));
  }
  return FIRN_OK;
}

/* ---- All of them -------------------------------------------------------- */

/* About how many bytes an item takes; what cannot be told counts as one. */
static uint64_t weight(const firn_checkpoint_item *item) {
  int64_t count;
  if (!item->from) return 1;
  const firn_checkpoint_entry e = firn_checkpoint_at(item->from, item->tensor);
  if (!firn_shape_known(&e.shape) || !firn_shape_count(&e.shape, &count) ||
      count > INT64_MAX / 64)
    return 1;
  return 1 + (uint64_t)count * firn_dtype_size(e.dtype);
}

/* Which data file the next item goes to: the one that the middle of its bytes
 * belongs to, when all are laid end to end. */
static int shard_of(const copying *c, uint64_t size) {
  const double middle = (double)c->done + (double)size / 2;
  const int shard = (int)(middle / (double)c->total * c->o.shards);
  return shard < c->o.shards ? shard : c->o.shards - 1;
}

static int by_name(const void *a, const void *b) {
  const firn_checkpoint_item *const *ia = a, *const *ib = b;
  return firn_str_compare((*ia)->name, (*ib)->name);
}

static firn_code copy_all(copying *c, const firn_checkpoint_item *const *sorted,
                          size_t count, firn_error *err) {
  for (size_t i = 0; i < count; i++) {
    const uint64_t size = weight(sorted[i]);
    if (c->o.shards > 1)
      FIRN_TRY(firn_checkpoint_writer_shard(c->writer, shard_of(c, size), err));
    FIRN_TRY(copy_item(c, sorted[i], err));
    c->done += size;
  }
  return FIRN_OK;
}

static firn_code run(copying *c, const firn_checkpoint_item *items,
                     size_t count, const firn_checkpoint_item **sorted,
                     const char *prefix, const firn_options *options,
                     firn_error *err) {
  const firn_checkpoint_writer_options wanted = {.size = sizeof wanted,
                                                 .version = c->o.version,
                                                 .shards = c->o.shards,
                                                 .sync = c->o.sync};
  for (size_t i = 0; i < count; i++) {
    sorted[i] = &items[i];
    c->total += weight(&items[i]);
  }
  if (count) qsort(sorted, count, sizeof *sorted, by_name);
  FIRN_TRY(
      firn_checkpoint_writer_create(prefix, &wanted, options, &c->writer, err));
  const firn_code code = copy_all(c, sorted, count, err);
  if (code == FIRN_OK) return firn_checkpoint_writer_commit(c->writer, err);
  firn_checkpoint_writer_abandon(c->writer);
  return code;
}

firn_code firn_checkpoint_copy(const firn_checkpoint_item *items, size_t count,
                               const char *prefix,
                               const firn_checkpoint_copy_options *copy_options,
                               const firn_options *options, firn_error *err) {
  copying c = {.env = firn_env_from(options)};
  if (copy_options)
    memcpy(&c.o, copy_options, firn_min_size(copy_options->size, sizeof c.o));
  if (!c.o.version) c.o.version = 2;
  if (!c.o.shards) c.o.shards = 1;
  const size_t size = count * sizeof(firn_checkpoint_item *);
  const firn_checkpoint_item **sorted = firn_new(&c.env.alloc, size);
  if (!sorted) return firn_oom(err, size);
  const firn_code code = run(&c, items, count, sorted, prefix, options, err);
  firn_delete(&c.env.alloc, sorted, size);
  return code;
}
