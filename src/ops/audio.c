/* ops/audio.c: sound in WAV files, its spectrogram, and the mel-frequency
 * cepstral coefficients that speech recognisers listen to.
 *
 * Everything between the float samples and the float results is double, as in
 * TensorFlow.
 */
#include <math.h>

#include "base/text.h"
#include "ops/picture.h"
#include "ops/wav.h"

/* ---- WAV ---------------------------------------------------------------- */

static firn_code infer_decode(firn_infer *q, firn_error *err) {
  const int64_t channels = firn_attr_int_or(q->node, "desired_channels", -1);
  const int64_t samples = firn_attr_int_or(q->node, "desired_samples", -1);
  FIRN_TRY(firn_infer_is_scalar(q, 0, "contents", err));
  if (channels < -1 || samples < -1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld desired_channels and %lld desired_samples",
                     (long long)channels, (long long)samples);
  q->out[0].shape = (firn_shape){2, {samples, channels}};
  q->out[1].shape = firn_shape_scalar();
  return FIRN_OK;
}

typedef struct wav {
  firn_bytes file;
  size_t next;
  uint32_t rate;
  size_t channels, samples; /* samples of each channel */
  const uint8_t *data;      /* 16 bits each, little-endian */
  firn_error *err;
} wav;

static const uint8_t *take(wav *w, size_t size) {
  if (size > w->file.size - w->next) return NULL;
  const uint8_t *at = w->file.data + w->next;
  w->next += size;
  return at;
}

static firn_code cut(const wav *w) {
  return firn_fail(w->err, FIRN_INVALID_ARGUMENT,
                   "contents are no WAV file: it ends too early");
}

static uint16_t u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }

/* What may stand before the format. */
static bool may_be_skipped(const uint8_t *name) {
  static const char names[][5] = {"JUNK", "bext", "iXML", "qlty",
                                  "mext", "levl", "link", "axml"};
  for (size_t i = 0; i < FIRN_COUNT(names); i++)
    if (!memcmp(name, names[i], 4)) return true;
  return false;
}

/* Finds the format chunk and gives its body. */
static firn_code find_format(wav *w, const uint8_t **body) {
  const uint8_t *riff = take(w, 12), *name;
  if (!riff) return cut(w);
  if (memcmp(riff, "RIFF", 4) || memcmp(riff + 8, "WAVE", 4))
    return firn_fail(w->err, FIRN_INVALID_ARGUMENT,
                     "contents are no WAV file: no RIFF and WAVE");
  for (;;) {
    name = take(w, 8);
    if (!name) return cut(w);
    const uint32_t size = firn_load32(name + 4);
    if (!memcmp(name, "fmt ", 4)) {
      if (size != 16 && size != 18)
        return firn_fail(w->err, FIRN_INVALID_ARGUMENT,
                         "the WAV format has %u bytes, not 16 or 18", size);
      *body = take(w, size);
      return *body ? FIRN_OK : cut(w);
    }
    if (!may_be_skipped(name))
      return firn_fail(w->err, FIRN_INVALID_ARGUMENT,
                       "the WAV file has a chunk '%.4s' before the format",
                       (const char *)name);
    if (!take(w, size)) return cut(w);
  }
}

static firn_code read_format(wav *w) {
  const uint8_t *f;
  FIRN_TRY(find_format(w, &f));
  w->channels = u16(f + 2);
  w->rate = firn_load32(f + 4);
  const uint32_t a_second = firn_load32(f + 8), at_once = u16(f + 12);
  if (u16(f) != 1 || u16(f + 14) != 16 || w->channels == 0)
    return firn_fail(w->err, FIRN_INVALID_ARGUMENT,
                     "a WAV file of format %u with %u bits and %zu channels; "
                     "only PCM (1) of 16 bits is read",
                     u16(f), u16(f + 14), w->channels);
  if (at_once != 2 * w->channels || a_second != at_once * w->rate)
    return firn_fail(w->err, FIRN_INVALID_ARGUMENT,
                     "the WAV file says %u bytes a sample and %u a second for "
                     "%zu channels at %u Hz",
                     at_once, a_second, w->channels, w->rate);
  return FIRN_OK;
}

static firn_code find_data(wav *w) {
  while (w->next < w->file.size) {
    const uint8_t *name = take(w, 8);
    if (!name) return cut(w);
    const uint32_t size = firn_load32(name + 4);
    if (size > INT32_MAX) return cut(w);
    if (memcmp(name, "data", 4)) {
      w->next += firn_min_size(size, w->file.size - w->next);
      continue;
    }
    if (w->data)
      return firn_fail(w->err, FIRN_INVALID_ARGUMENT,
                       "the WAV file has two data chunks");
    w->samples = size / (2 * w->channels);
    w->data = take(w, w->samples * w->channels * 2);
    if (!w->data) return cut(w);
  }
  if (!w->data)
    return firn_fail(w->err, FIRN_INVALID_ARGUMENT,
                     "the WAV file has no data chunk");
  return FIRN_OK;
}

static firn_code drive_decode(const firn_run *run, firn_error *err) {
  const firn_str text = firn_tensor_string(run->in[0], 0);
  wav w = {.file = {(const uint8_t *)text.data, text.size}, .err = err};
  FIRN_TRY(read_format(&w));
  FIRN_TRY(find_data(&w));
  const int64_t channels = firn_attr_int_or(run->node, "desired_channels", -1);
  const int64_t samples = firn_attr_int_or(run->node, "desired_samples", -1);
  const firn_shape shape = {2,
                            {samples < 0 ? (int64_t)w.samples : samples,
                             channels < 0 ? (int64_t)w.channels : channels}};
  firn_tensor *out;
  FIRN_TRY(firn_tensor_within(FIRN_FLOAT, &shape, &run->env->limits, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  const size_t n = (size_t)shape.dims[1];
  float *y = out->data;
  for (size_t i = 0; i < out->count; i++) {
    const size_t sample = i / n, channel = firn_min_size(i % n, w.channels - 1);
    y[i] = 0;
    if (sample < w.samples)
      y[i] = (float)(int16_t)u16(w.data + (sample * w.channels + channel) * 2) /
             32768.0f;
  }
  *(int32_t *)run->out[1]->data = (int32_t)w.rate;
  return FIRN_OK;
}

static firn_code infer_encode(firn_infer *q, firn_error *err) {
  firn_shape audio;
  FIRN_TRY(firn_infer_rank(q, 0, 2, "audio", &audio, err));
  FIRN_TRY(firn_infer_is_scalar(q, 1, "sample_rate", err));
  if (audio.dims[1] == 0 || audio.dims[1] > INT16_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%lld channels, not 1 to %d",
                     (long long)audio.dims[1], INT16_MAX);
  q->out[0].shape = firn_shape_scalar();
  return FIRN_OK;
}

static void put(firn_buf *buf, uint32_t value, size_t size) {
  const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8),
                            (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
  firn_buf_append(buf, bytes, size);
}

static uint16_t sample_of(float x) {
  const float wide = roundf(x * 32768.0f);
  if (wide < INT16_MIN) return (uint16_t)INT16_MIN;
  if (wide > INT16_MAX) return INT16_MAX;
  return wide == wide ? (uint16_t)(int16_t)wide : 0;
}

static void put_header(firn_buf *buf, uint32_t rate, uint32_t channels,
                       uint32_t size) {
  firn_buf_puts(buf, "RIFF");
  put(buf, 36 + size, 4);
  firn_buf_puts(buf, "WAVEfmt ");
  put(buf, 16, 4);
  put(buf, 1, 2);
  put(buf, channels, 2);
  put(buf, rate, 4);
  put(buf, rate * channels * 2, 4);
  put(buf, channels * 2, 2);
  put(buf, 16, 2);
  firn_buf_puts(buf, "data");
  put(buf, size, 4);
}

firn_code firn_wav_put(firn_buf *buf, const float *samples, size_t count,
                       uint32_t rate, uint32_t channels, firn_error *err) {
  if (count > (UINT32_MAX - 44) / 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu samples are too many for a WAV file", count);
  put_header(buf, rate, channels, (uint32_t)count * 2);
  uint8_t *to = firn_buf_grow(buf, count * 2);
  for (size_t i = 0; to && i < count; i++) {
    const uint16_t s = sample_of(samples[i]);
    to[2 * i] = (uint8_t)s;
    to[2 * i + 1] = (uint8_t)(s >> 8);
  }
  return buf->failed ? firn_oom(err, count * 2) : FIRN_OK;
}

static firn_code drive_encode(const firn_run *run, firn_error *err) {
  const firn_tensor *audio = run->in[0];
  const int64_t rate = firn_tensor_i64(run->in[1], 0);
  if (rate <= 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sample_rate = %lld must be positive", (long long)rate);
  firn_buf buf;
  firn_buf_init(&buf, &run->env->alloc);
  firn_code code = firn_wav_put(&buf, audio->data, audio->count, (uint32_t)rate,
                                (uint32_t)audio->shape.dims[1], err);
  if (code == FIRN_OK)
    code = firn_tensor_set_string(
        run->out[0], 0, (firn_str){(const char *)buf.data, buf.size}, err);
  firn_buf_fini(&buf);
  return code;
}

/* ---- Spectrogram -------------------------------------------------------- */

static int64_t power_of_two(int64_t n) {
  int64_t power = 1;
  while (power < n) power *= 2;
  return power;
}

static firn_code infer_spectrogram(firn_infer *q, firn_error *err) {
  firn_shape in;
  const int64_t window = firn_attr_int_or(q->node, "window_size", 0);
  const int64_t stride = firn_attr_int_or(q->node, "stride", 0);
  if (window < 2 || window > INT32_MAX || stride < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "window_size = %lld must be above 1, stride = %lld above "
                     "0",
                     (long long)window, (long long)stride);
  FIRN_TRY(firn_infer_rank(q, 0, 2, "input", &in, err));
  int64_t rows = FIRN_UNKNOWN_DIM;
  if (in.dims[0] >= 0)
    rows = in.dims[0] < window ? 0 : 1 + (in.dims[0] - window) / stride;
  q->out[0].shape =
      (firn_shape){3, {in.dims[1], rows, 1 + power_of_two(window) / 2}};
  return FIRN_OK;
}

typedef struct spectrogram {
  size_t window, stride, length, channels, rows;
  bool squared;
  const float *x;
  float *y;
  double *hann, *turns; /* the window; cos and sin of each 1/length of a turn */
  double *work;         /* length complex numbers for each part */
  size_t parts;
} spectrogram;

/* x becomes its Fourier transform; n is a power of two. */
static void transform(double *x, size_t n, const double *turns) {
  for (size_t i = 1, j = 0; i < n; i++) {
    size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j)
      for (size_t k = 0; k < 2; k++) {
        const double t = x[2 * i + k];
        x[2 * i + k] = x[2 * j + k];
        x[2 * j + k] = t;
      }
  }
  for (size_t half = 1; half < n; half *= 2)
    for (size_t i = 0; i < n; i += 2 * half)
      for (size_t k = 0; k < half; k++) {
        double *a = x + 2 * (i + k), *b = a + 2 * half;
        const double *w = turns + 2 * (k * (n / (2 * half)));
        const double re = b[0] * w[0] + b[1] * w[1];
        const double im = b[1] * w[0] - b[0] * w[1];
        b[0] = a[0] - re;
        b[1] = a[1] - im;
        a[0] += re;
        a[1] += im;
      }
}

static void spectrum(const spectrogram *s, size_t i, double *work) {
  const size_t channel = i / s->rows, row = i % s->rows;
  const size_t width = s->length / 2 + 1;
  const float *x = s->x + row * s->stride * s->channels + channel;
  memset(work, 0, s->length * 2 * sizeof *work);
  for (size_t k = 0; k < s->window; k++)
    work[2 * k] = (double)x[k * s->channels] * s->hann[k];
  transform(work, s->length, s->turns);
  for (size_t k = 0; k < width; k++) {
    const double re = work[2 * k], im = work[2 * k + 1];
    const float power = (float)(re * re + im * im);
    s->y[i * width + k] = s->squared ? power : sqrtf(power);
  }
}

static void spectra(void *ctx, size_t begin, size_t end) {
  const spectrogram *s = ctx;
  const size_t all = s->channels * s->rows;
  for (size_t p = begin; p < end; p++)
    for (size_t i = p * all / s->parts; i < (p + 1) * all / s->parts; i++)
      spectrum(s, i, s->work + p * s->length * 2);
}

static void fill_tables(spectrogram *s) {
  const double pi = atan(1) * 4;
  for (size_t i = 0; i < s->window; i++)
    s->hann[i] = 0.5 - 0.5 * cos((2 * pi * (double)i) / (double)s->window);
  for (size_t i = 0; i < s->length; i++) {
    s->turns[2 * i] = cos(2 * pi * (double)i / (double)s->length);
    s->turns[2 * i + 1] = sin(2 * pi * (double)i / (double)s->length);
  }
}

static firn_code drive_spectrogram(const firn_run *run, firn_error *err) {
  const firn_shape *out = &run->out[0]->shape;
  spectrogram s = {
      .window = (size_t)firn_attr_int_or(run->node, "window_size", 0),
      .stride = (size_t)firn_attr_int_or(run->node, "stride", 0),
      .length = (size_t)(out->dims[2] - 1) * 2,
      .channels = (size_t)out->dims[0],
      .rows = (size_t)out->dims[1],
      .squared = firn_attr_bool_or(run->node, "magnitude_squared", false),
      .x = run->in[0]->data,
      .y = run->out[0]->data};
  if (run->out[0]->count == 0) return FIRN_OK;
  s.parts = firn_parts(s.channels * s.rows, s.length * 16);
  const size_t count = s.window + (s.parts + 1) * s.length * 2;
  s.hann = firn_new(&run->env->alloc, count * sizeof(double));
  if (!s.hann) return firn_oom(err, count * sizeof(double));
  s.turns = s.hann + s.window;
  s.work = s.turns + s.length * 2;
  fill_tables(&s);
  firn_parallel_for(run->pool, s.parts, 1, spectra, &s);
  firn_delete(&run->env->alloc, s.hann, count * sizeof(double));
  return FIRN_OK;
}

/* ---- Mfcc --------------------------------------------------------------- */

typedef struct mfcc {
  double low, high;    /* Hz */
  size_t bins;         /* of a spectrum */
  size_t bands, count; /* mel bands; coefficients */
  double *centers;     /* of the bands, in mel, and one above */
  double *weights;     /* of each bin in its own band */
  double *energies;    /* of the bands */
  double *cosines;     /* [count][bands] */
  int64_t *band_of;    /* each bin's, -1 below the first */
  int64_t first, last; /* bins that count */
} mfcc;

static firn_code read_mfcc(const firn_node *node, int64_t bins, mfcc *m,
                           firn_error *err) {
  const int64_t bands = firn_attr_int_or(node, "filterbank_channel_count", 40);
  const int64_t count = firn_attr_int_or(node, "dct_coefficient_count", 13);
  m->low = (double)firn_attr_float_or(node, "lower_frequency_limit", 20);
  m->high = (double)firn_attr_float_or(node, "upper_frequency_limit", 4000);
  if (count < 1 || count > bands || bands > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld coefficients of %lld filterbank channels",
                     (long long)count, (long long)bands);
  if (!(m->low >= 0 && m->high > m->low))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "frequencies from %g to %g Hz",
                     m->low, m->high);
  if (bins >= 0 && bins < 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a spectrogram of %lld frequencies", (long long)bins);
  m->bands = (size_t)bands;
  m->count = (size_t)count;
  m->bins = (size_t)bins;
  return FIRN_OK;
}

static firn_code infer_mfcc(firn_infer *q, firn_error *err) {
  mfcc m;
  firn_shape in;
  FIRN_TRY(firn_infer_rank(q, 0, 3, "spectrogram", &in, err));
  FIRN_TRY(firn_infer_is_scalar(q, 1, "sample_rate", err));
  FIRN_TRY(read_mfcc(q->node, in.dims[2], &m, err));
  in.dims[2] = (int64_t)m.count;
  q->out[0].shape = in;
  return FIRN_OK;
}

static double mel(double hz) { return 1127.0 * log1p(hz / 700.0); }

static int64_t bin(double x) { return x < 2e9 ? (int64_t)x : 2000000000; }

/* Bands are triangles between the centers of their neighbours; each bin lies on
 * the falling side of one and the rising side of the next. */
static void fill_bands(mfcc *m, double rate) {
  const double low = mel(m->low);
  const double spacing = (mel(m->high) - low) / (double)(m->bands + 1);
  const double hz = 0.5 * rate / (double)(m->bins - 1);
  size_t band = 0;
  for (size_t i = 0; i <= m->bands; i++)
    m->centers[i] = low + spacing * (double)(i + 1);
  m->first = bin(1.5 + m->low / hz);
  m->last = bin(m->high / hz);
  for (size_t i = 0; i < m->bins; i++) {
    const double at = mel((double)i * hz);
    m->weights[i] = 0;
    if ((int64_t)i < m->first || (int64_t)i > m->last) continue;
    while (band < m->bands && m->centers[band] < at) band++;
    m->band_of[i] = (int64_t)band - 1;
    const double from = band ? m->centers[band - 1] : low;
    m->weights[i] = (m->centers[band] - at) / (m->centers[band] - from);
  }
}

static void fill_cosines(mfcc *m) {
  const double pi = atan(1) * 4, norm = sqrt(2.0 / (double)m->bands);
  const double arg = pi / (double)m->bands;
  for (size_t i = 0; i < m->count; i++)
    for (size_t j = 0; j < m->bands; j++)
      m->cosines[i * m->bands + j] =
          norm * cos((double)i * arg * ((double)j + 0.5));
}

static void coefficients(mfcc *m, const float *x, float *y) {
  enum { SILENCE = -12 }; /* as a power of ten */
  double *e = m->energies;
  for (size_t i = 0; i < m->bands; i++) e[i] = 0;
  for (int64_t i = m->first; i <= m->last; i++) {
    const double value = sqrt((double)x[i]), part = value * m->weights[i];
    const int64_t band = m->band_of[i];
    if (band >= 0) e[band] += part;
    if (band + 1 < (int64_t)m->bands) e[band + 1] += value - part;
  }
  const double least = pow(10, SILENCE);
  for (size_t i = 0; i < m->bands; i++) e[i] = log(e[i] < least ? least : e[i]);
  for (size_t i = 0; i < m->count; i++) {
    double sum = 0;
    for (size_t j = 0; j < m->bands; j++)
      sum += m->cosines[i * m->bands + j] * e[j];
    y[i] = (float)sum;
  }
}

static firn_code drive_mfcc(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0];
  firn_tensor *out = run->out[0];
  const int64_t rate = firn_tensor_i64(run->in[1], 0);
  mfcc m;
  FIRN_TRY(read_mfcc(run->node, in->shape.dims[2], &m, err));
  if (rate <= 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sample_rate = %lld must be positive", (long long)rate);
  if (out->count == 0) return FIRN_OK;
  const firn_shape table = {2, {(int64_t)m.count, (int64_t)m.bands}};
  FIRN_TRY(firn_tensor_within(FIRN_DOUBLE, &table, &run->env->limits, err));
  const size_t count = 2 * m.bins + 2 * m.bands + 1 + m.count * m.bands;
  m.weights = firn_new_zeroed(&run->env->alloc, count * sizeof(double));
  if (!m.weights) return firn_oom(err, count * sizeof(double));
  m.band_of = (int64_t *)(m.weights + m.bins);
  m.centers = m.weights + 2 * m.bins;
  m.energies = m.centers + m.bands + 1;
  m.cosines = m.energies + m.bands;
  fill_bands(&m, (double)rate);
  fill_cosines(&m);
  const float *x = in->data;
  float *y = out->data;
  for (size_t i = 0; i < out->count / m.count; i++, x += m.bins, y += m.count)
    if (m.last < (int64_t)m.bins)
      coefficients(&m, x, y);
    else /* the spectrum does not reach that high */
      memset(y, 0, m.count * sizeof *y);
  firn_delete(&run->env->alloc, m.weights, count * sizeof(double));
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNELS(id)                                                 \
  static const firn_kernel id##_kernels[] = {{.drive = drive_##id}, \
                                             {.drive = NULL}};

KERNELS(decode)
KERNELS(encode)
KERNELS(spectrogram)
KERNELS(mfcc)

static const firn_op ops[] = {
    {"DecodeWav", infer_decode, decode_kernels, 0},
    {"EncodeWav", infer_encode, encode_kernels, 0},
    {"AudioSpectrogram", infer_spectrogram, spectrogram_kernels, 0},
    {"Mfcc", infer_mfcc, mfcc_kernels, 0},
};

FIRN_OP_FAMILY(audio, ops);
