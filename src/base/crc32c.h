/* base/crc32c.h: the checksum of table files, bundles and record files.
 *
 * CRC-32C (Castagnoli, reflected polynomial 82f63b78). Stored checksums are
 * "masked" (rotated right by 15 and a2 82 ea d8 added) because the checksum of
 * data that holds its own checksum is weak.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_BASE_CRC32C_H
#define FIRN_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of `data`, and of `data` after bytes whose checksum is `crc`. */
uint32_t firn_crc32c(const void *data, size_t size);
uint32_t firn_crc32c_extend(uint32_t crc, const void *data, size_t size);

/* The checksum of bytes whose checksum is `first` followed by `size` bytes
 * whose checksum is `second`: so that parts can be summed up at the same time.
 */
uint32_t firn_crc32c_join(uint32_t first, uint32_t second, size_t size);

/* The same by table, whatever the CPU can do: the reference for tests. */
uint32_t firn_crc32c_portable(uint32_t crc, const void *data, size_t size);

static inline uint32_t firn_crc32c_mask(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}
static inline uint32_t firn_crc32c_unmask(uint32_t masked) {
  const uint32_t rot = masked - 0xa282ead8u;
  return (rot >> 17) | (rot << 15);
}

#endif
