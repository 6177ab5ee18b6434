/* base/crc32c_x86.h: the checksum by instructions not every x86-64 has.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_BASE_CRC32C_X86_H
#define FIRN_BASE_CRC32C_X86_H

#include <stddef.h>
#include <stdint.h>

/* Both need their bit of firn_cpu_features: SSE42, and SSE42 with VPCLMUL. */
uint32_t firn_crc32c_sse42(uint32_t crc, const void *data, size_t size);
uint32_t firn_crc32c_avx512(uint32_t crc, const void *data, size_t size);

/* From this size on the wide way wins; it takes any. */
enum { FIRN_CRC32C_AVX512_FROM = 512 };

#endif
