/* checkpoint/bundle_write.h: index and data files of a V2 checkpoint find their
 * names.
 *
 * Threads: pure functions over the file system.
 */
#ifndef FIRN_CHECKPOINT_BUNDLE_WRITE_H
#define FIRN_CHECKPOINT_BUNDLE_WRITE_H

#include "checkpoint/writer.h"

/* One line of an index: a key and its BundleEntryProto. */
typedef struct firn_index_line {
  firn_str key;
  firn_bytes value;
} firn_index_line;

/* A data file that is whole, under a temporary name or that of another
 * checkpoint. */
typedef struct firn_data_file {
  firn_writer **writer; /* settled; NULL once it is committed, or NULL: */
  const char *from;     /* a file to be renamed */
} firn_data_file;

/* What makes up a checkpoint once it has its names. */
typedef struct firn_bundle_parts {
  const char *prefix;
  const firn_index_line *lines; /* in order of keys */
  size_t line_count;
  firn_data_file *files;
  int32_t file_count;
  bool sync;
} firn_bundle_parts;

/* Gives index and data their names. Whatever the moment of a kill, `prefix` is
 * afterwards the old checkpoint or the new one, never a mixture. */
FIRN_CHECKED firn_code firn_bundle_publish(const firn_bundle_parts *parts,
                                           const firn_env *env,
                                           firn_arena *arena, firn_error *err);

/* Copies a span to the writer's data file and says where it went. */
FIRN_CHECKED firn_code firn_bundle_pass(firn_checkpoint_writer *w,
                                        const firn_span *span, bool verify,
                                        firn_saved_part *part, firn_error *err);

/* An entry as a line's value, in the arena. */
FIRN_CHECKED firn_code
firn_bundle_entry_bytes(const firn_pb_BundleEntryProto *entry,
                        firn_arena *arena, firn_bytes *out, firn_error *err);

#endif
