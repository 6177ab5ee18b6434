/* checkpoint/compare.c: tensors of two checkpoints side by side.
 *
 * Numbers that lie in one piece are read by windows and verified on the way;
 * what must be assembled (strings, version 1, slices) is loaded. */
#include "base/crc32c.h"
#include "checkpoint/reader.h"
#include "tensor/compare.h"

enum { WINDOW = 1 << 20 }; /* bytes; a multiple of every element's size */

/* One of the two tensors. */
typedef struct side {
  const firn_checkpoint *ck;
  size_t index;
  firn_span span;      /* file NULL: `loaded` */
  firn_tensor *loaded; /* NULL: `window`      */
  uint8_t *window;
  uint32_t crc; /* of what was read */
} side;

static firn_code side_open(side *s, firn_error *err) {
  FIRN_TRY(firn_checkpoint_span(s->ck, s->index, NULL, &s->span, err));
  if (!s->span.file)
    return firn_checkpoint_load(s->ck, s->index, NULL, &s->loaded, err);
  s->window = firn_new_aligned(&s->ck->env.alloc, WINDOW);
  return s->window ? FIRN_OK : firn_oom(err, WINDOW);
}

static void side_close(side *s) {
  firn_tensor_release(s->loaded);
  if (s->window) firn_delete_aligned(&s->ck->env.alloc, s->window, WINDOW);
}

/* The bytes [at, at + size), which are no more than a window. */
static firn_code side_bytes(side *s, size_t at, size_t size, const void **out,
                            firn_error *err) {
  *out = s->window;
  if (s->loaded) {
    *out = (const char *)s->loaded->data + at;
    return FIRN_OK;
  }
  FIRN_TRY(
      firn_file_pread(s->span.file, s->span.offset + at, s->window, size, err));
  s->crc = firn_crc32c_extend(s->crc, s->window, size);
  return FIRN_OK;
}

static firn_code side_verify(const side *s, firn_error *err) {
  const firn_str name = firn_checkpoint_at(s->ck, s->index).name;
  if (s->loaded || s->ck->env.skip_checksums || s->crc == s->span.crc)
    return FIRN_OK;
  return firn_fail(err, FIRN_DATA_LOSS,
                   "reading '%.*s' from checkpoint '%s': data at offset %zu "
                   "has checksum %08x, not %08x",
                   FIRN_ARG(name), s->ck->prefix, s->span.offset, s->crc,
                   s->span.crc);
}

static firn_code compare(side *a, side *b, const firn_checkpoint_entry *entry,
                         const firn_tolerance *tolerance, firn_difference *out,
                         firn_error *err) {
  const size_t width = firn_dtype_size(entry->dtype);
  const void *pa, *pb;
  FIRN_TRY(side_open(a, err));
  FIRN_TRY(side_open(b, err));
  if (a->loaded && b->loaded) {
    firn_compare_elements(entry->dtype, a->loaded->data, b->loaded->data,
                          a->loaded->count, tolerance, out);
    return FIRN_OK;
  }
  const size_t size = a->loaded ? b->span.size : a->span.size;
  for (size_t done = 0; done < size;) {
    const size_t n = firn_min_size(WINDOW, size - done);
    FIRN_TRY(side_bytes(a, done, n, &pa, err));
    FIRN_TRY(side_bytes(b, done, n, &pb, err));
    firn_compare_elements(entry->dtype, pa, pb, n / width, tolerance, out);
    done += n;
  }
  FIRN_TRY(side_verify(a, err));
  return side_verify(b, err);
}

firn_code firn_checkpoint_compare(const firn_checkpoint *a, size_t i,
                                  const firn_checkpoint *b, size_t k,
                                  const firn_tolerance *tolerance,
                                  firn_difference *out, firn_error *err) {
  const firn_checkpoint_entry ea = firn_checkpoint_at(a, i);
  const firn_checkpoint_entry eb = firn_checkpoint_at(b, k);
  const firn_tolerance exact = {.relative = 0};
  side sa = {.ck = a, .index = i}, sb = {.ck = b, .index = k};
  *out = (firn_difference){.elements = 0};
  if (ea.dtype != eb.dtype || !firn_shape_equal(&ea.shape, &eb.shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' and '%.*s' are of different type or shape",
                     FIRN_ARG(ea.name), FIRN_ARG(eb.name));
  const firn_code code =
      compare(&sa, &sb, &ea, tolerance ? tolerance : &exact, out, err);
  side_close(&sa);
  side_close(&sb);
  return code;
}
