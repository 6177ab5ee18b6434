/* base/complex.h: <complex.h>, whole.
 *
 * glibc defines CMPLX for gcc only; clang has the builtin that it stands for.
 */
#ifndef FIRN_BASE_COMPLEX_H
#define FIRN_BASE_COMPLEX_H

#include <complex.h>

#ifndef CMPLX
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#endif
#ifndef CMPLXF
#define CMPLXF(re, im) __builtin_complex((float)(re), (float)(im))
#endif

#endif
