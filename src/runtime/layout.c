/* runtime/layout.c: say where every value of a plan lives, and until when.
 *
 * Lifetimes are counted in live steps. A value that shares the bytes of another one
 * (ALIAS, PASS) keeps that one alive for as long as it is needed itself. */
#include "runtime/memory_plan.h"
#include "runtime/plan.h"

/* ---- Places --------------------------------------------------------------- */

static bool fits_slab(const firn_plan_step *s,
                      const firn_plan_value *v) {
  return !s->at_run && s->kind == FIRN_STEP_OP &&
         !(s->op->flags & FIRN_OP_GIVES) && !v->fetched && v->info.dtype &&
         firn_dtype_is_plain(v->info.dtype) &&
         firn_shape_known(&v->info.shape);
}

static void set_places(firn_plan *plan, uint32_t t) {
  const firn_plan_step *s = &plan->steps[plan->live[t]];
  for (uint32_t i = 0; i < s->out_count; i++) {
    firn_plan_value *v = &plan->values[s->out + i];
    v->first = t;
    if (v->place != FIRN_PLACE_NONE) continue; /* CONST, PASS, DEAD */
    if (s->kind == FIRN_STEP_OP && (s->op->flags & FIRN_OP_ALIAS)) {
      v->place = FIRN_PLACE_ALIAS;
      v->of = s->in[0];
    } else {
      v->place = fits_slab(s, v) ? FIRN_PLACE_SLAB : FIRN_PLACE_HEAP;
    }
  }
}

/* ---- Lifetimes ------------------------------------------------------------ */

static void need_until(firn_plan_value *v, uint32_t t) {
  if (v->last < t) v->last = t;
}

/* Backwards, so that what a value shares is known before its owner is met. */
static void find_lifetimes(firn_plan *plan) {
  const firn_program *p = plan->program;
  for (size_t i = 0; i < p->fetch_count; i++)
    need_until(&plan->values[p->fetches[i]], plan->live_count);
  for (uint32_t t = plan->live_count; t-- > 0;) {
    const firn_plan_step *s = &plan->steps[plan->live[t]];
    for (uint32_t i = 0; i < s->in_count; i++)
      need_until(&plan->values[s->in[i]], t);
    for (uint32_t i = 0; i < s->out_count; i++) {
      firn_plan_value *v = &plan->values[s->out + i];
      need_until(v, t);
      if (v->place == FIRN_PLACE_ALIAS)
        need_until(&plan->values[v->of], v->last);
      if (v->place != FIRN_PLACE_PASS) continue;
      for (uint32_t k = 0; k < s->in_count; k++)
        need_until(&plan->values[s->in[k]], v->last);
    }
  }
}

/* ---- Writing over an input -------------------------------------------------- */

/* Output 0 may take the place of an input that nobody needs afterwards. Its bytes
 * must be its own: a value that some alias or branch still shares lives longer than
 * this step, by find_lifetimes. */
static void write_over(firn_plan *plan, uint32_t t) {
  const firn_plan_step *s = &plan->steps[plan->live[t]];
  if (s->kind != FIRN_STEP_OP || !(s->op->flags & FIRN_OP_IN_PLACE) ||
      s->out_count != 1)
    return;
  firn_plan_value *y = &plan->values[s->out];
  if (y->place != FIRN_PLACE_SLAB) return;
  for (uint32_t i = 0; i < s->in_count; i++) {
    const firn_plan_value *x = &plan->values[s->in[i]];
    if (x->place != FIRN_PLACE_SLAB || x->info.dtype != y->info.dtype ||
        !firn_shape_equal(&x->info.shape, &y->info.shape))
      continue;
    firn_plan_value *home = &plan->values[x->home];
    if (x->last != t || home->last != t) continue;
    y->home = x->home;
    need_until(home, y->last);
    return;
  }
}

/* ---- The slab --------------------------------------------------------------- */

static size_t rounded(const firn_info *info) {
  int64_t count = 0;
  if (!firn_shape_count(&info->shape, &count)) return SIZE_MAX;
  size_t bytes;
  if (!firn_mul_size((size_t)count, firn_dtype_size(info->dtype), &bytes) ||
      bytes > SIZE_MAX / 2)
    return SIZE_MAX;
  return (bytes + 63) / 64 * 64 + (bytes == 0 ? 64 : 0);
}

static firn_code too_big(const firn_plan_step *s,
                         const firn_info *info, firn_error *err) {
  char text[256];
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                   "node '%.*s' (%.*s): its output of shape %s (%s) is beyond "
                   "the limit",
                   FIRN_ARG(s->node->def->name), FIRN_ARG(s->node->def->op),
                   firn_shape_text(&info->shape, text),
                   firn_dtype_name(info->dtype));
}

/* Ids below value_count are values, above them the scratch of live steps. */
static firn_code place_all(firn_plan *plan, firn_error *err) {
  const uint32_t values = plan->program->value_count;
  size_t count = 0;
  firn_placed *items = firn_arena_array(
      &plan->arena, values + plan->live_count, sizeof *items);
  if (!items) return firn_oom(err, values);
  for (uint32_t t = 0; t < plan->live_count; t++) {
    firn_plan_step *s = &plan->steps[plan->live[t]];
    for (uint32_t i = 0; i < s->out_count; i++) {
      const firn_plan_value *v = &plan->values[s->out + i];
      if (v->place != FIRN_PLACE_SLAB || v->home != s->out + i) continue;
      const size_t size = rounded(&v->info);
      if (size > plan->shared.env->limits.tensor_bytes)
        return too_big(s, &v->info, err);
      items[count++] = (firn_placed){.id = s->out + i, .first = v->first,
                                     .last = v->last, .size = size};
    }
    if (s->scratch)
      items[count++] = (firn_placed){.id = values + t, .first = t, .last = t,
                                     .size = s->scratch};
  }
  plan->slab_size = firn_memory_plan(items, count);
  for (size_t i = 0; i < count; i++) {
    if (items[i].id < values)
      plan->values[items[i].id].offset = items[i].offset;
    else
      plan->steps[plan->live[items[i].id - values]].scratch_offset =
          items[i].offset;
  }
  for (uint32_t i = 0; i < values; i++)
    plan->values[i].offset = plan->values[plan->values[i].home].offset;
  return FIRN_OK;
}

/* Lists, for each live step, the HEAP values that it is the last to need. */
static firn_code list_releases(firn_plan *plan, firn_error *err) {
  const uint32_t values = plan->program->value_count, n = plan->live_count;
  plan->release_at =
      firn_arena_array(&plan->arena, (size_t)n + 2, sizeof(uint32_t));
  plan->release = firn_arena_array(&plan->arena, values, sizeof(uint32_t));
  if (!plan->release_at || !plan->release) return firn_oom(err, n);
  for (uint32_t i = 0; i < values; i++)
    if (plan->values[i].place == FIRN_PLACE_HEAP && plan->values[i].last < n)
      plan->release_at[plan->values[i].last + 2]++;
  for (uint32_t t = 0; t < n; t++)
    plan->release_at[t + 2] += plan->release_at[t + 1];
  for (uint32_t i = 0; i < values; i++)
    if (plan->values[i].place == FIRN_PLACE_HEAP && plan->values[i].last < n)
      plan->release[plan->release_at[plan->values[i].last + 1]++] = i;
  return FIRN_OK;
}

firn_code firn_plan_layout(firn_plan *plan, firn_error *err) {
  for (uint32_t t = 0; t < plan->live_count; t++) set_places(plan, t);
  find_lifetimes(plan);
  for (uint32_t t = 0; t < plan->live_count; t++) write_over(plan, t);
  FIRN_TRY(place_all(plan, err));
  return list_releases(plan, err);
}
