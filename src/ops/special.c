/* ops/special.c: the ops of the special functions. */
#include "ops/special.h"

#include "ops/broadcast.h"
#include "ops/elementwise.h"

#define ONE(ID, F)                                     \
  FIRN_FLOAT_ROWS(FIRN_ROW1, ID, F((double)x), F(x))   \
  static const firn_rows1 ID##_rows = {.grain = GRAIN, \
                                       .row = {FIRN_FLOAT_TABLE(ID)}};
#define TWO(ID, F)                                                 \
  FIRN_FLOAT_ROWS(FIRN_ROW2, ID, F((double)a, (double)b), F(a, b)) \
  static const firn_rows2 ID##_rows = {.grain = GRAIN,             \
                                       .row = {FIRN_FLOAT_TABLE(ID)}};

enum { GRAIN = 256 };

ONE(lgamma, firn_lgamma)
ONE(digamma, firn_digamma)
ONE(erfinv, firn_erfinv)
ONE(ndtri, firn_ndtri)
ONE(bessel_i0, firn_bessel_i0)
ONE(bessel_i0e, firn_bessel_i0e)
ONE(bessel_i1, firn_bessel_i1)
ONE(bessel_i1e, firn_bessel_i1e)
ONE(bessel_j0, firn_bessel_j0)
ONE(bessel_j1, firn_bessel_j1)
ONE(bessel_k0, firn_bessel_k0)
ONE(bessel_k0e, firn_bessel_k0e)
ONE(bessel_k1, firn_bessel_k1)
ONE(bessel_k1e, firn_bessel_k1e)
ONE(bessel_y0, firn_bessel_y0)
ONE(bessel_y1, firn_bessel_y1)
ONE(dawsn, firn_dawsn)
ONE(expint, firn_expint)
ONE(fresnel_cos, firn_fresnel_cos)
ONE(fresnel_sin, firn_fresnel_sin)
ONE(spence, firn_spence)
TWO(polygamma, firn_polygamma)
TWO(zeta, firn_zeta)
TWO(igamma, firn_igamma)
TWO(igammac, firn_igammac)
TWO(igamma_grad_a, firn_igamma_grad_a)
TWO(random_gamma_grad, firn_random_gamma_grad)

/* ---- Betainc: scalars or all of one shape ------------------------------- */

static firn_code infer_betainc(firn_infer *q, firn_error *err) {
  static const char *const names[] = {"a", "b", "x"};
  firn_shape shape = firn_shape_scalar();
  bool unknown = false;
  for (size_t i = 0; i < 3; i++) {
    const firn_shape *in = &q->in[i].shape;
    unknown |= in->rank < 0;
    if (in->rank <= 0) continue;
    if (shape.rank == 0) shape = *in;
    const firn_code code = firn_shape_merge(&shape, in, &shape, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "%s is neither a scalar nor like the others",
                        names[i]);
  }
  if (shape.rank > 0 || !unknown) q->out[0].shape = shape;
  return FIRN_OK;
}

static void beta_span(void *ctx, const firn_span *s) {
  const firn_dtype dtype = *(const firn_dtype *)ctx;
  for (size_t i = 0; i < s->n; i++) {
    double v[3];
    for (int k = 0; k < 3; k++) {
      const size_t at = i * s->step[k];
      v[k] = dtype == FIRN_FLOAT ? (double)((const float *)s->in[k])[at]
                                 : ((const double *)s->in[k])[at];
    }
    const double y = firn_betainc(v[0], v[1], v[2]);
    if (dtype == FIRN_FLOAT)
      ((float *)s->out)[i] = (float)y;
    else
      ((double *)s->out)[i] = y;
  }
}

static firn_code drive_betainc(const firn_run *run, firn_error *err) {
  firn_dtype dtype = run->out[0]->dtype;
  FIRN_UNUSED(err);
  firn_broadcast_inputs(run, 3, GRAIN, beta_span, &dtype);
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define SINGLES (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE))
#define WITH_HALF (SINGLES | FIRN_BIT(FIRN_HALF))
#define KERNEL1(id, set)                                                   \
  static const firn_kernel id##_kernels[] = {FIRN_KERNEL1(set, id##_rows), \
                                             {.drive = NULL}};
#define KERNEL2(id)                                                            \
  static const firn_kernel id##_kernels[] = {FIRN_KERNEL2(SINGLES, id##_rows), \
                                             {.drive = NULL}};

KERNEL1(lgamma, WITH_HALF)
KERNEL1(digamma, WITH_HALF)
KERNEL1(erfinv, SINGLES)
KERNEL1(ndtri, SINGLES)
KERNEL1(bessel_i0, WITH_HALF)
KERNEL1(bessel_i0e, WITH_HALF)
KERNEL1(bessel_i1, WITH_HALF)
KERNEL1(bessel_i1e, WITH_HALF)
KERNEL1(bessel_j0, WITH_HALF)
KERNEL1(bessel_j1, WITH_HALF)
KERNEL1(bessel_k0, WITH_HALF)
KERNEL1(bessel_k0e, WITH_HALF)
KERNEL1(bessel_k1, WITH_HALF)
KERNEL1(bessel_k1e, WITH_HALF)
KERNEL1(bessel_y0, WITH_HALF)
KERNEL1(bessel_y1, WITH_HALF)
KERNEL1(dawsn, SINGLES)
KERNEL1(expint, SINGLES)
KERNEL1(fresnel_cos, SINGLES)
KERNEL1(fresnel_sin, SINGLES)
KERNEL1(spence, SINGLES)
KERNEL2(polygamma)
KERNEL2(zeta)
KERNEL2(igamma)
KERNEL2(igammac)
KERNEL2(igamma_grad_a)
KERNEL2(random_gamma_grad)
static const firn_kernel betainc_kernels[] = {
    {.types = {{"T", SINGLES}}, .drive = drive_betainc},
    {.drive = NULL},
};

#define OP1(name, id) \
  { name, firn_infer_same, id##_kernels, FIRN_OP_IN_PLACE }
#define OP2(name, id) \
  { name, firn_infer_broadcast, id##_kernels, FIRN_OP_IN_PLACE }

static const firn_op ops[] = {
    OP1("Lgamma", lgamma),
    OP1("Digamma", digamma),
    OP1("Erfinv", erfinv),
    OP1("Ndtri", ndtri),
    OP1("BesselI0", bessel_i0),
    OP1("BesselI0e", bessel_i0e),
    OP1("BesselI1", bessel_i1),
    OP1("BesselI1e", bessel_i1e),
    OP1("BesselJ0", bessel_j0),
    OP1("BesselJ1", bessel_j1),
    OP1("BesselK0", bessel_k0),
    OP1("BesselK0e", bessel_k0e),
    OP1("BesselK1", bessel_k1),
    OP1("BesselK1e", bessel_k1e),
    OP1("BesselY0", bessel_y0),
    OP1("BesselY1", bessel_y1),
    OP1("Dawsn", dawsn),
    OP1("Expint", expint),
    OP1("FresnelCos", fresnel_cos),
    OP1("FresnelSin", fresnel_sin),
    OP1("Spence", spence),
    OP2("Polygamma", polygamma),
    OP2("Zeta", zeta),
    OP2("Igamma", igamma),
    OP2("Igammac", igammac),
    OP2("IgammaGradA", igamma_grad_a),
    OP2("RandomGammaGrad", random_gamma_grad),
    {"Betainc", infer_betainc, betainc_kernels, FIRN_OP_IN_PLACE},
};

FIRN_OP_FAMILY(special, ops);
