/* runtime/layout.c: say where every value of a plan lives, and until when.
 *
 * Lifetimes are counted in ticks. A value that shares the bytes of another one
 * (ALIAS, PASS) keeps that one alive for as long as it is needed itself. What a
 * BRANCH or LOOP uses from outside stays until its end, since its blocks may
 * run often or not at all. */
#include "runtime/memory_plan.h"
#include "runtime/plan.h"

/* ---- Ticks and places --------------------------------------------------- */

static bool fits_slab(const firn_plan_step *s, const firn_plan_value *v) {
  const bool made =
      s->kind == FIRN_STEP_LOOP || (s->kind == FIRN_STEP_OP && !s->at_run &&
                                    !(s->op->flags & FIRN_OP_GIVES));
  return made && !v->fetched && v->info.dtype &&
         firn_dtype_is_plain(v->info.dtype) && firn_shape_known(&v->info.shape);
}

static void set_places(firn_plan *plan, const firn_plan_step *s) {
  for (uint32_t i = 0; i < s->out_count; i++) {
    firn_plan_value *v = &plan->values[s->out + i];
    v->first = v->last = s->tick;
    if (v->place != FIRN_PLACE_NONE) continue; /* CONST, PASS, DEAD */
    if (s->kind == FIRN_STEP_OP && (s->op->flags & FIRN_OP_ALIAS)) {
      v->place = FIRN_PLACE_ALIAS;
      v->of = s->in[0];
    } else {
      v->place = fits_slab(s, v) ? FIRN_PLACE_SLAB : FIRN_PLACE_HEAP;
    }
  }
}

static void number_block(firn_plan *plan, uint32_t block) {
  const firn_plan_block *b = &plan->blocks[block];
  for (uint32_t i = 0; i < b->live_count; i++) {
    firn_plan_step *s = &plan->steps[b->live[i]];
    s->tick = plan->ticks++;
    set_places(plan, s);
    for (uint32_t k = 0; k < s->inner_count; k++)
      number_block(plan, s->inner + k);
    if (s->kind == FIRN_STEP_LOOP) s->carry = plan->ticks++;
    s->end = s->inner_count ? plan->ticks++ : s->tick;
  }
}

/* ---- Lifetimes ---------------------------------------------------------- */

/* The BRANCH or LOOP steps around a place, outermost last. */
typedef struct nest {
  const struct nest *outer;
  const firn_plan_step *region;
} nest;

static void need_until(firn_plan_value *v, uint32_t tick) {
  if (v->last < tick) v->last = tick;
}

/* A use at `tick`: of what was there before a region began, until its end. */
static void use(firn_plan *plan, uint32_t value, uint32_t tick, const nest *n) {
  firn_plan_value *v = &plan->values[value];
  need_until(v, tick);
  for (; n; n = n->outer)
    if (v->first <= n->region->tick) need_until(v, n->region->end);
}

static void find_lifetimes(firn_plan *plan, uint32_t block, const nest *outer);

static void use_results(firn_plan *plan, const firn_plan_step *s,
                        const nest *here) {
  for (uint32_t k = 0; k < s->inner_count; k++) {
    const firn_plan_block *b = &plan->blocks[s->inner + k];
    const bool loop = s->kind == FIRN_STEP_LOOP;
    for (uint32_t i = 0; i < b->result_count; i++) {
      use(plan, b->results[i], loop ? s->carry : s->end, here);
      if (!loop) /* the branch's outputs are these */
        need_until(&plan->values[b->results[i]], plan->values[s->out + i].last);
    }
  }
}

/* Backwards, so that what a value shares is known before its owner is met. */
static void step_lifetimes(firn_plan *plan, const firn_plan_step *s,
                           const nest *outer) {
  const nest here = {outer, s};
  for (uint32_t i = 0; i < s->out_count; i++) {
    firn_plan_value *v = &plan->values[s->out + i];
    if (s->kind == FIRN_STEP_LOOP) need_until(v, s->end);
    if (v->place == FIRN_PLACE_ALIAS) use(plan, v->of, v->last, outer);
    if (v->place != FIRN_PLACE_PASS || s->inner_count) continue;
    for (uint32_t k = 0; k < s->in_count; k++)
      use(plan, s->in[k], v->last, outer);
  }
  if (s->inner_count) {
    use_results(plan, s, &here);
    for (uint32_t k = s->inner_count; k-- > 0;)
      find_lifetimes(plan, s->inner + k, &here);
  }
  for (uint32_t i = 0; i < s->in_count; i++)
    use(plan, s->in[i], s->tick, outer);
}

static void find_lifetimes(firn_plan *plan, uint32_t block, const nest *outer) {
  const firn_plan_block *b = &plan->blocks[block];
  for (uint32_t t = b->live_count; t-- > 0;)
    step_lifetimes(plan, &plan->steps[b->live[t]], outer);
}

/* ---- Writing over an input ---------------------------------------------- */

/* Output 0 may take the place of an input that nobody needs afterwards. Its
 * bytes must be its own: a value that some alias or branch still shares lives
 * longer than this step, by find_lifetimes. */
static void write_over(firn_plan *plan, const firn_plan_step *s) {
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
    if (x->last != s->tick || home->last != s->tick) continue;
    y->home = x->home;
    need_until(home, y->last);
    return;
  }
}

/* ---- The slab ----------------------------------------------------------- */

static size_t rounded(const firn_info *info) {
  int64_t count = 0;
  if (!firn_shape_count(&info->shape, &count)) return SIZE_MAX;
  size_t bytes;
  if (!firn_mul_size((size_t)count, firn_dtype_size(info->dtype), &bytes) ||
      bytes > SIZE_MAX / 2)
    return SIZE_MAX;
  return (bytes + 63) / 64 * 64 + (bytes == 0 ? 64 : 0);
}

static firn_code too_big(const firn_plan_step *s, const firn_info *info,
                         firn_error *err) {
  char text[256];
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                   "node '%.*s' (%.*s): its output of shape %s (%s) is beyond "
                   "the limit",
                   FIRN_ARG(s->node->def->name), FIRN_ARG(s->node->def->op),
                   firn_shape_text(&info->shape, text),
                   firn_dtype_name(info->dtype));
}

/* The values and scratch of one step. Ids below value_count are values, above
 * them the scratch of steps. */
static firn_code list_step(firn_plan *plan, uint32_t step, firn_placed *items,
                           size_t *count, firn_error *err) {
  const firn_plan_step *s = &plan->steps[step];
  const uint64_t most = plan->shared.env->limits.tensor_bytes;
  for (uint32_t i = 0; i < s->out_count; i++) {
    const firn_plan_value *v = &plan->values[s->out + i];
    if (v->place != FIRN_PLACE_SLAB || v->home != s->out + i) continue;
    const size_t size = rounded(&v->info);
    if (size > most) return too_big(s, &v->info, err);
    items[(*count)++] = (firn_placed){
        .id = s->out + i, .first = v->first, .last = v->last, .size = size};
  }
  if (s->scratch)
    items[(*count)++] = (firn_placed){.id = plan->program->value_count + step,
                                      .first = s->tick,
                                      .last = s->tick,
                                      .size = s->scratch};
  return FIRN_OK;
}

static firn_code place_all(firn_plan *plan, firn_error *err) {
  const firn_program *p = plan->program;
  const uint32_t values = p->value_count;
  size_t count = 0;
  firn_placed *items = firn_arena_array(
      &plan->arena, (size_t)values + p->step_count, sizeof *items);
  if (!items) return firn_oom(err, values);
  for (uint32_t b = 0; b < p->block_count; b++)
    for (uint32_t t = 0; t < plan->blocks[b].live_count; t++)
      FIRN_TRY(list_step(plan, plan->blocks[b].live[t], items, &count, err));
  plan->slab_size = firn_memory_plan(items, count);
  for (size_t i = 0; i < count; i++) {
    if (items[i].id < values)
      plan->values[items[i].id].offset = items[i].offset;
    else
      plan->steps[items[i].id - values].scratch_offset = items[i].offset;
  }
  for (uint32_t i = 0; i < values; i++)
    plan->values[i].offset = plan->values[plan->values[i].home].offset;
  return FIRN_OK;
}

/* ---- Loops
 * -------------------------------------------------------------------------------
 */

/* The value whose bytes a value has; FIRN_NO_VALUE when it could be one of
 * several. */
static uint32_t root_of(const firn_plan *plan, uint32_t value) {
  for (;;) {
    const firn_plan_value *v = &plan->values[value];
    if (v->place != FIRN_PLACE_ALIAS && v->place != FIRN_PLACE_PASS)
      return v->home;
    if (v->of == FIRN_NO_VALUE) return FIRN_NO_VALUE;
    value = v->of;
  }
}

/* At the end of a round the body's results become the carried values, one after
 * the other: a result that has the bytes of a carried value must be copied
 * first. */
static firn_code find_hazards(firn_plan *plan, firn_plan_step *s,
                              firn_error *err) {
  const firn_plan_block *body = &plan->blocks[s->inner + 1];
  s->hazard = firn_arena_array(&plan->arena, s->out_count, 1);
  if (!s->hazard) return firn_oom(err, s->out_count);
  for (uint32_t i = 0; i < s->out_count; i++) {
    const uint32_t root = root_of(plan, body->results[i]);
    s->hazard[i] = root == FIRN_NO_VALUE ||
                   (root >= s->out && root < s->out + s->out_count);
  }
  return FIRN_OK;
}

/* Lists, for each tick, the HEAP values that nobody needs after it. */
static firn_code list_releases(firn_plan *plan, firn_error *err) {
  const uint32_t values = plan->program->value_count, n = plan->ticks;
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
  const firn_program *p = plan->program;
  number_block(plan, 0);
  for (size_t i = 0; i < p->fetch_count; i++)
    need_until(&plan->values[p->fetches[i]], plan->ticks);
  find_lifetimes(plan, 0, NULL);
  for (uint32_t b = 0; b < p->block_count; b++)
    for (uint32_t t = 0; t < plan->blocks[b].live_count; t++) {
      firn_plan_step *s = &plan->steps[plan->blocks[b].live[t]];
      write_over(plan, s);
      if (s->kind == FIRN_STEP_LOOP) FIRN_TRY(find_hazards(plan, s, err));
    }
  FIRN_TRY(place_all(plan, err));
  return list_releases(plan, err);
}
