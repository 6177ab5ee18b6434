/* ops/lookup_file.h: a lookup table out of the lines of a text file.
 *
 * Threads: as the table.
 */
#ifndef FIRN_OPS_LOOKUP_FILE_H
#define FIRN_OPS_LOOKUP_FILE_H

#include "ops/table.h"

/* Fills a fixed table as the attrs of an InitializeTableFromTextFile node say.
 * A table that is filled already stays as it is. */
FIRN_CHECKED firn_code firn_lookup_fill_from_file(const firn_run *run,
                                                  firn_table *table,
                                                  firn_str path,
                                                  firn_error *err);

#endif
