/* ops/wav.h: sound as a WAV file.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_WAV_H
#define FIRN_OPS_WAV_H

#include "base/text.h"

/* Appends `count` samples in [-1, 1], frame by frame, as a file of 16 bits.
 * INVALID_ARGUMENT for more than the format can say. */
FIRN_CHECKED firn_code firn_wav_put(firn_buf *buf, const float *samples,
                                    size_t count, uint32_t rate,
                                    uint32_t channels, firn_error *err);

#endif
