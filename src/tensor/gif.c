/* tensor/gif.c: GIF files as uint8 tensors, frame by frame as they are to be
 * shown.
 *
 * A frame may cover a part of the picture and leave holes in it; there the
 * frame before shows through, or black. TensorFlow takes the largest frame for
 * the picture's size and heeds neither the background nor the disposal method,
 * so we do not either. A cut file counts up to its last whole frame.
 */
#include <string.h>

#include "tensor/image.h"

enum { COLORS = 256, CODES = 4096, MAX_BITS = 12, NO_HOLE = -1 };

typedef struct palette {
  const uint8_t *rgb; /* NULL: none */
  size_t count;
} palette;

typedef struct frame {
  size_t left, top, width, height;
  palette colors;
  int hole; /* the color that is none */
  bool interlaced;
  size_t data; /* where its compressed bytes begin in the file */
} frame;

typedef struct gif {
  firn_bytes file;
  size_t next;
  palette colors;
  int hole; /* for the frame to come */
  firn_error *err;
} gif;

bool firn_gif_is(firn_bytes file) {
  return file.size >= 4 && !memcmp(file.data, "GIF8", 4);
}

static const uint8_t *take(gif *g, size_t size) {
  if (size > g->file.size - g->next) return NULL;
  const uint8_t *at = g->file.data + g->next;
  g->next += size;
  return at;
}

static size_t u16(const uint8_t *p) { return p[0] | (size_t)p[1] << 8; }

/* A palette of 2^(1 + low bits) colors follows when bit 7 is set. */
static bool take_palette(gif *g, uint8_t flags, palette *out) {
  if (!(flags & 0x80)) return true;
  out->count = (size_t)2 << (flags & 7);
  out->rgb = take(g, out->count * 3);
  return out->rgb != NULL;
}

/* Passes over blocks of up to 255 bytes, up to the empty one. */
static bool skip_blocks(gif *g) {
  for (;;) {
    const uint8_t *size = take(g, 1);
    if (!size) return false;
    if (*size == 0) return true;
    if (!take(g, *size)) return false;
  }
}

static bool take_extension(gif *g) {
  enum { GRAPHIC_CONTROL = 0xf9 };
  const uint8_t *label = take(g, 1);
  if (!label) return false;
  const size_t left = g->file.size - g->next;
  const uint8_t *body = g->file.data + g->next;
  if (*label == GRAPHIC_CONTROL && left >= 5 && body[0] == 4)
    g->hole = body[1] & 1 ? body[4] : NO_HOLE;
  return skip_blocks(g);
}

/* ---- Decompression ------------------------------------------------------ */

typedef struct lzw {
  const uint8_t *at, *end; /* within the file */
  size_t left;             /* bytes of the current block */
  uint32_t bits;
  int bit_count;
  int start_bits, code_bits;
  size_t codes; /* known so far */
  uint16_t prefix[CODES];
  uint8_t last[CODES], stack[CODES];
} lzw;

static int next_code(lzw *z) {
  while (z->bit_count < z->code_bits) {
    if (z->left == 0) {
      if (z->at == z->end || *z->at == 0) return -1;
      z->left = *z->at++;
    }
    if (z->at == z->end) return -1;
    z->bits |= (uint32_t)*z->at++ << z->bit_count;
    z->bit_count += 8;
    z->left--;
  }
  const int code = (int)(z->bits & ((1u << z->code_bits) - 1));
  z->bits >>= z->code_bits;
  z->bit_count -= z->code_bits;
  return code;
}

static void forget_codes(lzw *z) {
  z->code_bits = z->start_bits + 1;
  z->codes = ((size_t)1 << z->start_bits) + 2;
}

/* Writes the string of `code` and returns its length; 0 when there is none. */
static size_t put_string(lzw *z, int code, uint8_t *out, size_t room) {
  const int clear = 1 << z->start_bits;
  size_t n = 0;
  while (code > clear + 1 && n < CODES - 1) {
    z->stack[n++] = z->last[code];
    code = z->prefix[code];
  }
  if (code >= clear) return 0;
  z->stack[n++] = (uint8_t)code;
  const size_t length = n;
  for (size_t i = 0; n-- > 0 && i < room; i++) out[i] = z->stack[n];
  return length;
}

static uint8_t first_of(const lzw *z, int code) {
  while (code > 1 << z->start_bits) code = z->prefix[code];
  return (uint8_t)code;
}

static void learn(lzw *z, int before, uint8_t last) {
  if (z->codes >= CODES) return;
  z->prefix[z->codes] = (uint16_t)before;
  z->last[z->codes++] = last;
  if (z->codes == (size_t)1 << z->code_bits && z->code_bits < MAX_BITS)
    z->code_bits++;
}

/* Fills `pixels`; false when the data ends before, or is no such code. */
static bool decompress(lzw *z, uint8_t *pixels, size_t count) {
  const int clear = 1 << z->start_bits, end = clear + 1;
  int before = -1;
  size_t done = 0;
  forget_codes(z);
  while (done < count) {
    const int code = next_code(z);
    if (code < 0 || code == end) return false;
    if (code == clear) {
      forget_codes(z);
      before = -1;
      continue;
    }
    if ((size_t)code > z->codes || ((size_t)code == z->codes && before < 0))
      return false;
    if (before >= 0)
      learn(z, before, first_of(z, (size_t)code == z->codes ? before : code));
    const size_t n = put_string(z, code, pixels + done, count - done);
    if (n == 0) return false;
    done += firn_min_size(n, count - done);
    before = code;
  }
  return true;
}

static size_t place_of_row(const frame *f, size_t row) {
  if (!f->interlaced) return row;
  static const size_t first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
  for (int pass = 0; pass < 4; pass++) {
    const size_t rows = f->height > first[pass]
                            ? (f->height - first[pass] - 1) / step[pass] + 1
                            : 0;
    if (row < rows) return first[pass] + row * step[pass];
    row -= rows;
  }
  return 0;
}

/* ---- Frames ------------------------------------------------------------- */

/* Reads up to the next frame's pixels: false at the end of the file. */
static bool take_frame(gif *g, frame *f) {
  enum { IMAGE = 0x2c, EXTENSION = 0x21 };
  for (;;) {
    const uint8_t *kind = take(g, 1), *d;
    if (!kind) return false;
    if (*kind == EXTENSION) {
      if (!take_extension(g)) return false;
      continue;
    }
    if (*kind != IMAGE || !(d = take(g, 9))) return false;
    *f = (frame){u16(d),    u16(d + 2), u16(d + 4),  u16(d + 6),
                 g->colors, g->hole,    d[8] & 0x40, 0};
    g->hole = NO_HOLE;
    if (!take_palette(g, d[8], &f->colors)) return false;
    f->data = g->next;
    return f->width > 0 && f->height > 0;
  }
}

/* No byte can stand for more pixels than the longest string has. */
static bool fits(const gif *g, const frame *f) {
  return f->width * f->height / CODES <= g->file.size;
}

/* The frame's pixels, in the order of the file. */
static bool read_pixels(gif *g, const frame *f, lzw *z, uint8_t *pixels) {
  const uint8_t *bits;
  g->next = f->data;
  if (!fits(g, f) || !(bits = take(g, 1)) || *bits < 1 || *bits > 8)
    return false;
  z->at = g->file.data + g->next;
  z->end = g->file.data + g->file.size;
  z->left = z->bits = 0;
  z->bit_count = 0;
  z->start_bits = *bits;
  return decompress(z, pixels, f->width * f->height) && skip_blocks(g);
}

typedef struct survey {
  size_t frames, width, height, pixels; /* the largest of all frames */
} survey;

/* Which frames there are. Only whole ones count, so they must be read. */
static firn_code look(gif *g, const firn_env *env, lzw *z, bool all_frames,
                      survey *s) {
  const size_t begin = g->next;
  frame f;
  firn_code code = FIRN_OK;
  while (take_frame(g, &f) && fits(g, &f)) {
    const size_t size = f.width * f.height;
    uint8_t *pixels = firn_new(&env->alloc, size);
    if (!pixels) return firn_oom(g->err, size);
    const bool whole = read_pixels(g, &f, z, pixels);
    firn_delete(&env->alloc, pixels, size);
    if (!whole) break;
    s->frames++;
    s->width = firn_max_size(s->width, f.width);
    s->height = firn_max_size(s->height, f.height);
    s->pixels = firn_max_size(s->pixels, size);
  }
  if (s->frames == 0)
    code = firn_fail(g->err, FIRN_DATA_LOSS,
                     "the GIF file is damaged: it has no whole frame");
  if (!all_frames) s->frames = 1;
  g->next = begin;
  g->hole = NO_HOLE;
  return code;
}

/* Puts a frame over what `out` shows already. */
static firn_code paint(const gif *g, const frame *f, const uint8_t *pixels,
                       const survey *s, uint8_t *out) {
  if (!f->colors.rgb)
    return firn_fail(g->err, FIRN_DATA_LOSS,
                     "the GIF file is damaged: a frame has no colors");
  for (size_t row = 0; row < f->height; row++) {
    const size_t y = f->top + place_of_row(f, row);
    for (size_t x = 0; x < f->width; x++) {
      const uint8_t color = pixels[row * f->width + x];
      if (y >= s->height || f->left + x >= s->width || color == f->hole)
        continue;
      if (color >= f->colors.count)
        return firn_fail(g->err, FIRN_DATA_LOSS,
                         "the GIF file is damaged: color %d of %zu", color,
                         f->colors.count);
      memcpy(out + (y * s->width + f->left + x) * 3, f->colors.rgb + color * 3,
             3);
    }
  }
  return FIRN_OK;
}

static firn_code show(gif *g, const survey *s, lzw *z, uint8_t *pixels,
                      uint8_t *out) {
  const size_t size = s->width * s->height * 3;
  for (size_t i = 0; i < s->frames; i++, out += size) {
    frame f;
    if (i)
      memcpy(out, out - size, size);
    else
      memset(out, 0, size);
    if (!take_frame(g, &f) || !read_pixels(g, &f, z, pixels))
      return firn_fail(g->err, FIRN_INTERNAL, "a GIF frame is gone");
    FIRN_TRY(paint(g, &f, pixels, s, out));
  }
  return FIRN_OK;
}

static firn_code open_gif(gif *g) {
  const uint8_t *head = take(g, 13);
  if (!head || !firn_gif_is(g->file) || !take_palette(g, head[10], &g->colors))
    return firn_fail(g->err, FIRN_DATA_LOSS,
                     "the GIF file is damaged: it ends too early");
  return FIRN_OK;
}

static firn_code decode(gif *g, bool all_frames, const firn_env *env, lzw *z,
                        firn_tensor **out) {
  survey s = {0};
  firn_tensor *tensor = NULL;
  FIRN_TRY(look(g, env, z, all_frames, &s));
  const firn_shape shape = {
      4, {(int64_t)s.frames, (int64_t)s.height, (int64_t)s.width, 3}};
  FIRN_TRY(firn_tensor_within(FIRN_UINT8, &shape, &env->limits, g->err));
  uint8_t *pixels = firn_new(&env->alloc, s.pixels);
  if (!pixels) return firn_oom(g->err, s.pixels);
  firn_code code =
      firn_tensor_make(FIRN_UINT8, &shape, &env->alloc, &tensor, g->err);
  if (code == FIRN_OK) code = show(g, &s, z, pixels, tensor->data);
  firn_delete(&env->alloc, pixels, s.pixels);
  if (code == FIRN_OK)
    *out = tensor;
  else
    firn_tensor_release(tensor);
  return code;
}

firn_code firn_gif_decode(firn_bytes file, bool all_frames, const firn_env *env,
                          firn_tensor **out, firn_error *err) {
  gif g = {.file = file, .hole = NO_HOLE, .err = err};
  *out = NULL;
  FIRN_TRY(open_gif(&g));
  lzw *z = firn_new(&env->alloc, sizeof *z);
  if (!z) return firn_oom(err, sizeof *z);
  const firn_code code = decode(&g, all_frames, env, z, out);
  firn_delete(&env->alloc, z, sizeof *z);
  return code;
}
