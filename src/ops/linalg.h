/* ops/linalg.h: dense matrices of complex numbers in double precision.
 *
 * One set of routines serves every type: real matrices have no imaginary parts,
 * and keep it so. Matrices are row-major, without gaps. Factors whose signs are
 * free come out with the signs that TensorFlow's (Eigen's) algorithms give
 * small matrices.
 *
 * Work space is handed in: nothing here allocates or fails for want of memory.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_LINALG_H
#define FIRN_OPS_LINALG_H

#include "base/complex.h"
#include <stdbool.h>
#include <stddef.h>

typedef double complex firn_complex;

/* Without a look at infinities, which the C language asks for. */
static inline firn_complex firn_times(firn_complex a, firn_complex b) {
  return CMPLX(creal(a) * creal(b) - cimag(a) * cimag(b),
               creal(a) * cimag(b) + cimag(a) * creal(b));
}
static inline double firn_square(firn_complex a) {
  return creal(a) * creal(a) + cimag(a) * cimag(a);
}

/* ---- linalg_factor.c ---------------------------------------------------- */

/* c[m][n] = a[m][k] b[k][n]; adjoint reads a as [k][m] conjugated. */
void firn_product(const firn_complex *a, const firn_complex *b, firn_complex *c,
                  size_t m, size_t k, size_t n, bool adjoint);
/* to[n][m] = from[m][n] conjugated. */
void firn_adjoint(const firn_complex *from, firn_complex *to, size_t m,
                  size_t n);
void firn_identity(firn_complex *a, size_t n);

/* a becomes L and U with rows swapped: row i comes from row perm[i]. *sign is
 * that of the permutation. False when a pivot is 0 (or no number). */
bool firn_lu(firn_complex *a, size_t n, size_t *perm, int *sign);
/* x[n][k] = a^-1 b, from the factors. x is not b. */
void firn_lu_solve(const firn_complex *lu, const size_t *perm,
                   const firn_complex *b, firn_complex *x, size_t n, size_t k);

/* The lower triangle becomes L with L L^H = a, the upper one 0. False when a is
 * not positive definite. */
bool firn_cholesky(firn_complex *a, size_t n);

/* x[n][k] becomes T^-1 x, T the lower or upper triangle of a, or with `adjoint`
 * its adjoint. */
void firn_triangular_solve(const firn_complex *a, firn_complex *x, size_t n,
                           size_t k, bool lower, bool adjoint);

/* A reflection I - tau v v^H with v[0] = 1 that makes x[0..n) (stride apart)
 * zero but for its head, which becomes *beta. The rest of x becomes v's. */
void firn_reflection(firn_complex *x, size_t n, size_t stride,
                     firn_complex *tau, double *beta);

/* r[m][n] holds a and becomes R; q[m][width] becomes the first columns of Q, at
 * least as many as m and n both have. With `perm` columns are taken by falling
 * norms: column j of R comes from column perm[j] of a. `work` holds m + n. */
void firn_qr(firn_complex *r, size_t m, size_t n, firn_complex *q, size_t width,
             size_t *perm, firn_complex *work);

/* ---- linalg_spectrum.c -------------------------------------------------- */

/* `epsilon` is the precision of the type that the matrix came in: what is below
 * it is left as it is, so that signs come out as they do in that type. */

/* Eigenvalues of a Hermitian matrix (lower triangle) in rising order, and
 * eigenvectors as columns of v. a is destroyed; `work` holds 3 n. False when
 * the iteration does not end. */
bool firn_hermitian_eigen(firn_complex *a, size_t n, double epsilon,
                          double *values, firn_complex *v, double *work);

/* a = q t q^H, t upper triangular in place of a. `work` holds n. */
bool firn_schur(firn_complex *a, size_t n, firn_complex *q, firn_complex *work);

/* Eigenvectors of a triangular t times q, of length 1, as columns of v. */
void firn_triangular_vectors(const firn_complex *t, const firn_complex *q,
                             size_t n, firn_complex *v, firn_complex *work);

/* a becomes zero below its first subdiagonal: a = q h q^H. `work` holds n. */
void firn_hessenberg(firn_complex *a, size_t n, firn_complex *q,
                     firn_complex *work);

/* ---- linalg_real.c ------------------------------------------------------ */

/* A real Hessenberg matrix t, and the q that made it one, become Schur's
 * triangle with blocks of two. False when the iteration does not end. */
bool firn_real_schur(double *t, size_t n, double *q);
void firn_real_eigenvalues(const double *t, size_t n, firn_complex *values);
/* Columns of v; `work` holds n. */
void firn_real_vectors(const double *t, const double *q,
                       const firn_complex *values, size_t n, firn_complex *v,
                       firn_complex *work);

/* ---- linalg_svd.c ------------------------------------------------------- */

/* Numbers that firn_svd wants as work space. */
size_t firn_svd_work(size_t m, size_t n);

/* a[m][n] = u s v^H, values falling; of u and v so many columns are wanted, at
 * least as many as there are values. a is kept. */
void firn_svd(const firn_complex *a, size_t m, size_t n, double epsilon,
              double *values, firn_complex *u, size_t wide, firn_complex *v,
              size_t high, firn_complex *work);

#endif
