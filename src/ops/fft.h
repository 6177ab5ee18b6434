/* ops/fft.h: the discrete Fourier transform of one line, of any length.
 *
 *   y[k] = sum over t of x[t] * exp(-2 pi i k t / n)
 *
 * Lengths with small prime factors go factor by factor, others by a convolution
 * of a length that is a power of two. The inverse is n times this with real and
 * imaginary parts swapped before and after.
 *
 * Threads: a plan is immutable, and serves any number of threads with a
 *          workspace each.
 */
#ifndef FIRN_OPS_FFT_H
#define FIRN_OPS_FFT_H

#include "base/alloc.h"

typedef struct firn_point {
  double re, im;
} firn_point;

typedef struct firn_fft firn_fft;

FIRN_CHECKED firn_code firn_fft_new(size_t n, const firn_allocator *alloc,
                                    firn_fft **out, firn_error *err);
void firn_fft_free(firn_fft *fft);

/* Points that run wants as `work`. */
size_t firn_fft_work(const firn_fft *fft);

/* In place. */
void firn_fft_run(const firn_fft *fft, firn_point *x, firn_point *work);

#endif
