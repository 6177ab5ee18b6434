/* tensor/npz.c: several arrays in one zip file, as numpy.savez writes them.
 *
 * Read backwards: the end record says where the central directory is, the
 * directory names the members and says where each begins. Members are stored,
 * or deflated when zlib is there; sizes and offsets beyond 32 bits lie in zip64
 * records and fields. We write stored members with the fixed date of 1980, so
 * that the same arrays give the same file.
 */
#include <string.h>

#include "tensor/tensor_file.h"

#ifdef FIRN_HAVE_ZLIB
#include <zlib.h>
#endif

enum {
  LOCAL_SIZE = 30,
  ENTRY_SIZE = 46,
  END_SIZE = 22,
  END64_SIZE = 56,
  LOCATOR_SIZE = 20,
  STORED = 0,
  DEFLATED = 8,
  ENCRYPTED_FLAG = 1,
  UTF8_FLAG = 0x800,
  VERSION_64 = 45,
  VERSION_PLAIN = 20,
  DATE_1980 = 0x21,
  MAX_RATIO = 1032, /* what deflate can reach at best */
  MAX_LISTED = 100,
};
static const uint32_t LOCAL_TAG = 0x04034b50, ENTRY_TAG = 0x02014b50,
                      END_TAG = 0x06054b50, END64_TAG = 0x06064b50,
                      LOCATOR_TAG = 0x07064b50, SATURATED = 0xffffffff;

typedef struct member {
  firn_str name;
  uint16_t flags, method;
  uint32_t crc;
  uint64_t packed, size; /* bytes in the file, bytes after inflating */
  uint64_t offset;       /* of the local header */
} member;

typedef struct directory {
  firn_bytes bytes; /* the entries not yet read */
  uint64_t count;
} directory;

bool firn_npz_is(firn_bytes file) {
  return file.size >= END_SIZE && (firn_load32(file.data) == LOCAL_TAG ||
                                   firn_load32(file.data) == END_TAG);
}

/* The zip checksum, which is not the one that base has. */
static uint32_t crc32_of(uint32_t crc, const void *data, size_t size) {
#ifdef FIRN_HAVE_ZLIB
  return (uint32_t)crc32_z(crc, data, size);
#else
  static const uint32_t nibbles[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t *p = data;
  crc = ~crc;
  for (size_t i = 0; i < size; i++) {
    crc ^= p[i];
    crc = crc >> 4 ^ nibbles[crc & 15];
    crc = crc >> 4 ^ nibbles[crc & 15];
  }
  return ~crc;
#endif
}

/* ---- Reading the directory ---------------------------------------------- */

/* The place of the end record: the last tag that a comment of fitting length
 * follows. */
static bool find_end(firn_bytes file, size_t *out) {
  const size_t reach = firn_min_size(file.size, END_SIZE + 0xffff);
  for (size_t back = END_SIZE; back <= reach; back++) {
    const uint8_t *at = file.data + file.size - back;
    if (firn_load32(at) == END_TAG && firn_load16(at + 20) <= back - END_SIZE) {
      *out = file.size - back;
      return true;
    }
  }
  return false;
}

/* Replaces count, size and offset by those of the zip64 end record, if any. */
static firn_code read_end64(firn_bytes file, size_t end, uint64_t *count,
                            uint64_t *size, uint64_t *offset, firn_error *err) {
  if (end < LOCATOR_SIZE) return FIRN_OK;
  const uint8_t *locator = file.data + end - LOCATOR_SIZE;
  if (firn_load32(locator) != LOCATOR_TAG) return FIRN_OK;
  const uint64_t at = firn_load64(locator + 8);
  if (at > file.size || file.size - at < END64_SIZE ||
      firn_load32(file.data + at) != END64_TAG)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the zip file has no zip64 end record at offset %llu",
                     (unsigned long long)at);
  *count = firn_load64(file.data + at + 32);
  *size = firn_load64(file.data + at + 40);
  *offset = firn_load64(file.data + at + 48);
  return FIRN_OK;
}

static firn_code open_directory(firn_bytes file, directory *out,
                                firn_error *err) {
  size_t end = 0;
  if (!find_end(file, &end))
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the zip file has no end record: it was cut short");
  const uint8_t *at = file.data + end;
  uint64_t count = firn_load16(at + 10), size = firn_load32(at + 12),
           offset = firn_load32(at + 16);
  FIRN_TRY(read_end64(file, end, &count, &size, &offset, err));
  if (offset > file.size || size > file.size - offset)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the zip file's directory of %llu bytes at offset %llu "
                     "runs past the end (%zu)",
                     (unsigned long long)size, (unsigned long long)offset,
                     file.size);
  *out = (directory){{file.data + offset, (size_t)size}, count};
  return FIRN_OK;
}

/* The zip64 field holds, in this order, whichever of the three did not fit. */
static bool widen(firn_bytes extra, member *m) {
  uint64_t *const wide[] = {&m->size, &m->packed, &m->offset};
  while (extra.size >= 4) {
    const uint16_t id = firn_load16(extra.data);
    size_t size = firn_load16(extra.data + 2);
    if (size > extra.size - 4) return false;
    const uint8_t *at = extra.data + 4;
    extra.data += 4 + size;
    extra.size -= 4 + size;
    if (id != 1) continue;
    for (size_t i = 0; i < FIRN_COUNT(wide); i++) {
      if (*wide[i] != SATURATED) continue;
      if (size < 8) return false;
      *wide[i] = firn_load64(at);
      at += 8;
      size -= 8;
    }
    return true;
  }
  return true;
}

static firn_code next_member(directory *d, member *out, firn_error *err) {
  const uint8_t *at = d->bytes.data;
  if (d->bytes.size < ENTRY_SIZE || firn_load32(at) != ENTRY_TAG) goto bad;
  const size_t name = firn_load16(at + 28), extra = firn_load16(at + 30);
  const size_t whole = ENTRY_SIZE + name + extra + firn_load16(at + 32);
  if (whole > d->bytes.size) goto bad;
  *out = (member){.name = {(const char *)at + ENTRY_SIZE, name},
                  .flags = firn_load16(at + 8),
                  .method = firn_load16(at + 10),
                  .crc = firn_load32(at + 16),
                  .packed = firn_load32(at + 20),
                  .size = firn_load32(at + 24),
                  .offset = firn_load32(at + 42)};
  if (!widen((firn_bytes){at + ENTRY_SIZE + name, extra}, out)) goto bad;
  d->bytes.data += whole;
  d->bytes.size -= whole;
  d->count--;
  return FIRN_OK;

bad:
  return firn_fail(err, FIRN_DATA_LOSS,
                   "the zip file's directory is damaged with %llu entries left",
                   (unsigned long long)d->count);
}

static bool is_called(const member *m, firn_str name) {
  if (firn_str_eq(m->name, name)) return true;
  return firn_str_ends(m->name, FIRN_STR(".npy")) &&
         firn_str_eq((firn_str){m->name.data, m->name.size - 4}, name);
}

static firn_code find_member(firn_bytes file, firn_str name, member *out,
                             firn_error *err) {
  directory d = {0};
  member m = {0};
  FIRN_TRY(open_directory(file, &d, err));
  const directory whole = d;
  while (d.count) {
    FIRN_TRY(next_member(&d, &m, err));
    if (name.size ? is_called(&m, name) : whole.count == 1) {
      *out = m;
      return FIRN_OK;
    }
  }
  const firn_code code =
      name.size ? firn_fail(err, FIRN_NOT_FOUND,
                            "the npz file has no member '%.*s' among its %llu",
                            FIRN_ARG(name), (unsigned long long)whole.count)
                : firn_fail(err, FIRN_INVALID_ARGUMENT,
                            "the npz file has %llu members: name one as "
                            "PATH[member]",
                            (unsigned long long)whole.count);
  d = whole;
  for (int i = 0; d.count && i < MAX_LISTED; i++) {
    FIRN_TRY(next_member(&d, &m, err)); /* it went well before */
    firn_error_add(err, "member '%.*s'", FIRN_ARG(m.name));
  }
  return code;
}

/* ---- Reading a member --------------------------------------------------- */

/* The member's bytes as they lie in the file. */
static firn_code packed_bytes(firn_bytes file, const member *m, firn_bytes *out,
                              firn_error *err) {
  if (m->flags & ENCRYPTED_FLAG)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "the member is encrypted");
  if (m->offset > file.size || file.size - m->offset < LOCAL_SIZE ||
      firn_load32(file.data + m->offset) != LOCAL_TAG)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "there is no zip member at offset %llu",
                     (unsigned long long)m->offset);
  const uint8_t *at = file.data + m->offset;
  const size_t skip =
      (size_t)LOCAL_SIZE + firn_load16(at + 26) + firn_load16(at + 28);
  const size_t left = file.size - (size_t)m->offset;
  if (skip > left || m->packed > left - skip)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the zip member of %llu bytes at offset %llu runs past "
                     "the end (%zu)",
                     (unsigned long long)m->packed,
                     (unsigned long long)m->offset, file.size);
  *out = (firn_bytes){at + skip, (size_t)m->packed};
  return FIRN_OK;
}

static firn_code check_crc(const member *m, firn_bytes bytes,
                           const firn_env *env, firn_error *err) {
  if (env->skip_checksums) return FIRN_OK;
  const uint32_t have = crc32_of(0, bytes.data, bytes.size);
  if (have == m->crc) return FIRN_OK;
  return firn_fail(err, FIRN_DATA_LOSS,
                   "the zip member has checksum %08x, not %08x", have, m->crc);
}

#ifdef FIRN_HAVE_ZLIB
/* Fills `out` exactly. zlib counts in 32 bits, hence the loop. */
static bool inflate_all(firn_bytes in, uint8_t *out, size_t size) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)in.data, .next_out = out};
  size_t in_left = in.size, out_left = size;
  int status = inflateInit2(&z, -MAX_WBITS);
  while (status == Z_OK) {
    const size_t in_step = firn_min_size(in_left, UINT32_MAX);
    const size_t out_step = firn_min_size(out_left, UINT32_MAX);
    z.avail_in = (uInt)in_step;
    z.avail_out = (uInt)out_step;
    status = inflate(&z, Z_NO_FLUSH);
    if (z.avail_in == in_step && z.avail_out == out_step) break;
    in_left -= in_step - z.avail_in;
    out_left -= out_step - z.avail_out;
  }
  inflateEnd(&z);
  return status == Z_STREAM_END && out_left == 0;
}
#endif

static firn_code parse_deflated(const member *m, firn_bytes packed,
                                firn_dtype want, const firn_env *env,
                                firn_tensor **out, firn_error *err) {
#ifdef FIRN_HAVE_ZLIB
  if (m->size / MAX_RATIO > m->packed)
    return firn_fail(err, FIRN_DATA_LOSS, "%llu bytes cannot inflate to %llu",
                     (unsigned long long)m->packed,
                     (unsigned long long)m->size);
  const size_t room = (size_t)m->size + 1; /* nothing may be inflated too */
  uint8_t *plain = firn_new(&env->alloc, room);
  if (!plain) return firn_oom(err, room);
  const firn_bytes bytes = {plain, (size_t)m->size};
  firn_code code = FIRN_OK;
  if (!inflate_all(packed, plain, bytes.size))
    code = firn_fail(err, FIRN_DATA_LOSS, "the deflated member is damaged");
  if (code == FIRN_OK) code = check_crc(m, bytes, env, err);
  if (code == FIRN_OK) code = firn_npy_parse(bytes, want, env, out, err);
  firn_delete(&env->alloc, plain, room);
  return code;
#else
  FIRN_UNUSED(m);
  FIRN_UNUSED(packed);
  FIRN_UNUSED(want);
  FIRN_UNUSED(env);
  FIRN_UNUSED(out);
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "the member is deflated, and firn was built without zlib");
#endif
}

static firn_code parse_member(firn_bytes file, const member *m, firn_dtype want,
                              const firn_env *env, firn_tensor **out,
                              firn_error *err) {
  firn_bytes packed = {0};
  FIRN_TRY(packed_bytes(file, m, &packed, err));
  if (m->method == DEFLATED)
    return parse_deflated(m, packed, want, env, out, err);
  if (m->method != STORED)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "zip method %d", m->method);
  if (m->packed != m->size)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "a stored member has %llu bytes in the file and %llu "
                     "outside",
                     (unsigned long long)m->packed,
                     (unsigned long long)m->size);
  FIRN_TRY(check_crc(m, packed, env, err));
  return firn_npy_parse(packed, want, env, out, err);
}

firn_code firn_npz_parse(firn_bytes file, firn_str name, firn_dtype want,
                         const firn_env *env, firn_tensor **out,
                         firn_error *err) {
  member m = {0};
  *out = NULL;
  FIRN_TRY(find_member(file, name, &m, err));
  const firn_code code = parse_member(file, &m, want, env, out, err);
  if (code != FIRN_OK) firn_while(err, code, "member '%.*s'", FIRN_ARG(m.name));
  return code;
}

/* ---- Writing ------------------------------------------------------------ */

/* A sink that measures what is put. */
typedef struct measure {
  uint64_t size;
  uint32_t crc;
} measure;

static firn_code put_measure(void *ud, const void *data, size_t size,
                             firn_error *err) {
  measure *m = ud;
  FIRN_UNUSED(err);
  m->crc = crc32_of(m->crc, data, size);
  m->size += size;
  return FIRN_OK;
}

static uint32_t saturate(uint64_t value) {
  return value >= SATURATED ? SATURATED : (uint32_t)value;
}

/* The fields that local headers and directory entries share, from the version
 * on. Returns where the next field goes. */
static uint8_t *put_common(uint8_t *at, const member *m, bool is_wide) {
  const size_t name = m->name.size + 4;
  firn_store16(at, is_wide ? VERSION_64 : VERSION_PLAIN);
  firn_store16(at + 2, UTF8_FLAG);
  firn_store16(at + 4, STORED);
  firn_store16(at + 6, 0);
  firn_store16(at + 8, DATE_1980);
  firn_store32(at + 10, m->crc);
  firn_store32(at + 14, saturate(m->size));
  firn_store32(at + 18, saturate(m->size));
  firn_store16(at + 22, (uint16_t)name);
  return at + 24;
}

static firn_code put_name(const member *m, firn_sink sink, firn_error *err) {
  FIRN_TRY(sink.put(sink.ud, m->name.data, m->name.size, err));
  return sink.put(sink.ud, ".npy", 4, err);
}

static firn_code put_local(const member *m, firn_sink sink, uint64_t *offset,
                           firn_error *err) {
  const bool is_wide = m->size >= SATURATED;
  const size_t extra = is_wide ? 20 : 0;
  uint8_t head[LOCAL_SIZE], wide[20];
  firn_store32(head, LOCAL_TAG);
  firn_store16(put_common(head + 4, m, is_wide), (uint16_t)extra);
  firn_store16(wide, 1);
  firn_store16(wide + 2, 16);
  firn_store64(wide + 4, m->size);
  firn_store64(wide + 12, m->size);
  FIRN_TRY(sink.put(sink.ud, head, sizeof head, err));
  FIRN_TRY(put_name(m, sink, err));
  if (extra) FIRN_TRY(sink.put(sink.ud, wide, extra, err));
  *offset += sizeof head + m->name.size + 4 + extra + m->size;
  return FIRN_OK;
}

static firn_code put_entry(const member *m, firn_sink sink, uint64_t *offset,
                           firn_error *err) {
  const bool wide_size = m->size >= SATURATED;
  const bool wide_offset = m->offset >= SATURATED;
  uint8_t head[ENTRY_SIZE] = {0}, wide[28];
  size_t extra = 4;
  if (wide_size) {
    firn_store64(wide + extra, m->size);
    firn_store64(wide + extra + 8, m->size);
    extra += 16;
  }
  if (wide_offset) {
    firn_store64(wide + extra, m->offset);
    extra += 8;
  }
  if (extra == 4) extra = 0;
  firn_store16(wide, 1);
  firn_store16(wide + 2, (uint16_t)(extra - 4));
  firn_store32(head, ENTRY_TAG);
  firn_store16(head + 4, VERSION_64);
  firn_store16(put_common(head + 6, m, extra != 0), (uint16_t)extra);
  firn_store32(head + 42, saturate(m->offset));
  FIRN_TRY(sink.put(sink.ud, head, sizeof head, err));
  FIRN_TRY(put_name(m, sink, err));
  if (extra) FIRN_TRY(sink.put(sink.ud, wide, extra, err));
  *offset += sizeof head + m->name.size + 4 + extra;
  return FIRN_OK;
}

static firn_code put_end(uint64_t count, uint64_t begin, uint64_t end,
                         firn_sink sink, firn_error *err) {
  uint8_t wide[END64_SIZE + LOCATOR_SIZE] = {0}, tail[END_SIZE] = {0};
  uint8_t *locator = wide + END64_SIZE;
  const bool is_wide = count >= 0xffff || end >= SATURATED;
  const uint16_t short_count = (uint16_t)(count >= 0xffff ? 0xffff : count);
  firn_store32(wide, END64_TAG);
  firn_store64(wide + 4, END64_SIZE - 12);
  firn_store16(wide + 12, VERSION_64);
  firn_store16(wide + 14, VERSION_64);
  firn_store64(wide + 24, count);
  firn_store64(wide + 32, count);
  firn_store64(wide + 40, end - begin);
  firn_store64(wide + 48, begin);
  firn_store32(locator, LOCATOR_TAG);
  firn_store64(locator + 8, end);
  firn_store32(locator + 16, 1);
  firn_store32(tail, END_TAG);
  firn_store16(tail + 8, short_count);
  firn_store16(tail + 10, short_count);
  firn_store32(tail + 12, saturate(end - begin));
  firn_store32(tail + 16, saturate(begin));
  if (is_wide) FIRN_TRY(sink.put(sink.ud, wide, sizeof wide, err));
  return sink.put(sink.ud, tail, sizeof tail, err);
}

static firn_code put_members(size_t count, member *members,
                             const char *const *names,
                             const firn_tensor *const *tensors, firn_sink sink,
                             firn_error *err) {
  uint64_t offset = 0;
  for (size_t i = 0; i < count; i++) {
    measure size = {0};
    members[i].name = firn_str_of(names[i]);
    if (members[i].name.size == 0 || members[i].name.size > 0xffff - 4)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "member %zu needs a name of 1 to 65531 bytes", i);
    firn_code code =
        firn_npy_write(tensors[i], (firn_sink){put_measure, &size}, err);
    members[i].size = size.size;
    members[i].crc = size.crc;
    members[i].offset = offset;
    if (code == FIRN_OK) code = put_local(&members[i], sink, &offset, err);
    if (code == FIRN_OK) code = firn_npy_write(tensors[i], sink, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "member '%.*s'", FIRN_ARG(members[i].name));
  }
  const uint64_t begin = offset;
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(put_entry(&members[i], sink, &offset, err));
  return put_end(count, begin, offset, sink, err);
}

firn_code firn_npz_write(size_t count, const char *const *names,
                         const firn_tensor *const *tensors, firn_sink sink,
                         firn_error *err) {
  size_t room;
  if (!firn_mul_size(count + 1, sizeof(member), &room))
    return firn_oom(err, SIZE_MAX);
  member *members = firn_new_zeroed(NULL, room);
  if (!members) return firn_oom(err, room);
  const firn_code code = put_members(count, members, names, tensors, sink, err);
  firn_delete(NULL, members, room);
  return code;
}
