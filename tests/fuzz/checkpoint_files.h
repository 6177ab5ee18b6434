/* fuzz/checkpoint_files.h: the files of a checkpoint, written over and over,
 * and what every checkpoint that opens must keep to.
 *
 * An input is bytes, a checkpoint is files: they go to a folder of the
 * process's own, which is removed when the process ends. The checksums of
 * blocks are mended first, for else all damage would end there.
 */
#ifndef FIRN_FUZZ_CHECKPOINT_FILES_H
#define FIRN_FUZZ_CHECKPOINT_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/sstable.h"
#include "proto/proto.h"

#define MUST(call)        \
  do {                    \
    if (!(call)) abort(); \
  } while (0)

/* ---- Checksums --------------------------------------------------------------
 */

/* Reads a handle at the front of *in and mends that block; false when there is
 * no such block. */
static inline bool files_mend_block(uint8_t *data, size_t size, firn_bytes *in,
                                    firn_bytes *block) {
  uint64_t at, length;
  if (firn_wire_varint(in, &at, NULL) != FIRN_OK ||
      firn_wire_varint(in, &length, NULL) != FIRN_OK || size < 5 ||
      at > size - 5 || length > size - 5 - at)
    return false;
  *block = (firn_bytes){data + at, (size_t)length};
  firn_store32(data + at + length + 1,
               firn_crc32c_mask(firn_crc32c(data + at, length + 1)));
  return true;
}

/* Mends what an undamaged index leads to. */
static inline void files_mend(uint8_t *data, size_t size) {
  firn_bytes index, block, entry;
  if (size < FIRN_TABLE_FOOTER) return;
  firn_bytes in = {data + size - FIRN_TABLE_FOOTER, FIRN_TABLE_FOOTER - 8};
  if (!files_mend_block(data, size, &in, &block) ||
      !files_mend_block(data, size, &in, &index))
    return;
  in = index;
  while (in.size) {
    uint64_t shared, key, value;
    if (firn_wire_varint(&in, &shared, NULL) != FIRN_OK ||
        firn_wire_varint(&in, &key, NULL) != FIRN_OK ||
        firn_wire_varint(&in, &value, NULL) != FIRN_OK || key > in.size ||
        value > in.size - key)
      break;
    entry = (firn_bytes){in.data + key, (size_t)value};
    if (!files_mend_block(data, size, &entry, &block)) break;
    in.data += key + value;
    in.size -= (size_t)(key + value);
  }
}

/* ---- Files -------------------------------------------------------------- */

static char files_folder[256];
static char files_written[4][300];
static size_t files_count;

static inline void files_remove(void) {
  for (size_t i = 0; i < files_count; i++) unlink(files_written[i]);
  rmdir(files_folder);
}

/* Writes one file of that name; gives its path. */
static inline const char *files_put(const char *name, const uint8_t *data,
                                    size_t size) {
  if (!files_folder[0]) {
    const char *parent = getenv("TMPDIR");
    if (!parent || strlen(parent) > 200) /* in memory, where there is such */
      parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir;
    snprintf(files_folder, sizeof files_folder, "%s/firn-fuzz-XXXXXX", parent);
    MUST(mkdtemp(files_folder));
    MUST(atexit(files_remove) == 0);
  }
  char path[300];
  snprintf(path, sizeof path, "%s/%s", files_folder, name);
  size_t i = 0;
  while (i < files_count && strcmp(files_written[i], path) != 0) i++;
  MUST(i < sizeof files_written / sizeof *files_written);
  if (i == files_count) strcpy(files_written[files_count++], path);

  FILE *file = fopen(path, "wb");
  MUST(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
  return files_written[i];
}

/* The same for a table, with its checksums mended. */
static inline const char *files_put_table(const char *name, const uint8_t *data,
                                          size_t size) {
  uint8_t *copy = malloc(size + 1);
  MUST(copy);
  memcpy(copy, data, size);
  files_mend(copy, size);
  const char *path = files_put(name, copy, size);
  free(copy);
  return path;
}

/* ---- Promises ----------------------------------------------------------- */

static inline bool files_same(const firn_tensor *a, const firn_tensor *b) {
  if (a->dtype != b->dtype || !firn_shape_equal(&a->shape, &b->shape))
    return false;
  if (a->dtype != FIRN_STRING)
    return firn_tensor_bytes(a) == 0 ||
           memcmp(a->data, b->data, firn_tensor_bytes(a)) == 0;
  for (size_t i = 0; i < a->count; i++)
    if (!firn_str_eq(firn_tensor_string(a, i), firn_tensor_string(b, i)))
      return false;
  return true;
}

/* Reads a tensor whole and as the box of all of it: the same, or both fail. */
static inline void files_check_tensor(const firn_checkpoint *ck, size_t i) {
  const firn_checkpoint_entry e = firn_checkpoint_at(ck, i);
  firn_tensor *whole = NULL, *box = NULL;
  firn_slice all = {.rank = e.shape.rank};
  const firn_code code = firn_checkpoint_load(ck, i, NULL, &whole, NULL);
  MUST((code == FIRN_OK) == (whole != NULL));
  if (e.shape.rank >= 0) {
    for (int axis = 0; axis < all.rank; axis++)
      all.extent[axis] = e.shape.dims[axis];
    MUST(firn_checkpoint_load(ck, i, &all, &box, NULL) == code);
  }
  if (whole) {
    MUST(whole->dtype == e.dtype && firn_shape_equal(&whole->shape, &e.shape));
    MUST(box && files_same(whole, box));
  }
  firn_tensor_release(box);
  firn_tensor_release(whole);
}

/* Opens, and holds what opened to the promises of the header. */
static inline void files_check(const char *prefix) {
  firn_options options = FIRN_OPTIONS_INIT;
  firn_checkpoint *ck = NULL;
  options.skip_checksums = true;
  options.limits.tensor_bytes = 1 << 26;
  if (firn_checkpoint_open(prefix, &options, &ck, NULL) != FIRN_OK) {
    MUST(ck == NULL);
    return;
  }
  const size_t count = firn_checkpoint_count(ck);
  for (size_t i = 0; i < count; i++) {
    const firn_str name = firn_checkpoint_at(ck, i).name;
    if (i) MUST(firn_str_compare(firn_checkpoint_at(ck, i - 1).name, name) < 0);
    MUST(firn_checkpoint_lookup(ck, name) == i);
    files_check_tensor(ck, i);
  }
  firn_checkpoint_close(ck);
}

#endif
