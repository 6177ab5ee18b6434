/* ops/text_regex.c: RegexReplace, RegexFullMatch. Bytes that are no UTF-8 match
 * nothing but \C. */
#include "base/regex.h"
#include "ops/infer.h"

/* \0 .. \9 stand for groups, \\ for a backslash. What TensorFlow makes of a
 * rewrite that is wrong: one that names a group that is not there changes
 * nothing; one with a backslash before anything else ends there, or if only the
 * first match is wanted changes nothing either. False: nothing is to be
 * changed. */
static bool usable_rewrite(const firn_regex *r, firn_str *rewrite, bool all) {
  const size_t groups = firn_regex_groups(r);
  size_t end = rewrite->size;
  for (size_t i = 0; i < rewrite->size; i++) {
    if (rewrite->data[i] != '\\') continue;
    const size_t at = i++;
    const char c = i < rewrite->size ? rewrite->data[i] : 0;
    if (c >= '0' && c <= '9' && (size_t)(c - '0') > groups) return false;
    if (c != '\\' && (c < '0' || c > '9') && at < end) end = at;
  }
  if (end < rewrite->size && !all) return false;
  rewrite->size = end;
  return true;
}

/* ---- Ops ---------------------------------------------------------------- */

static firn_code single(const firn_run *run, size_t i, const char *attr,
                        firn_str *out, firn_error *err) {
  if (run->in_count <= i) return firn_attr_str(run->node, attr, out, err);
  if (run->in[i]->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s must be a scalar", attr);
  *out = firn_tensor_string(run->in[i], 0);
  return FIRN_OK;
}

static firn_code replace_all(const firn_run *run, firn_regex *r,
                             firn_str rewrite, firn_buf *buf, firn_error *err) {
  const bool all = firn_attr_bool_or(run->node, "replace_global", true);
  const bool usable = usable_rewrite(r, &rewrite, all);
  for (size_t i = 0; i < run->in[0]->count; i++) {
    const firn_str text = firn_tensor_string(run->in[0], i);
    firn_str done = text;
    buf->size = 0;
    if (usable) {
      FIRN_TRY(firn_regex_replace(r, text, rewrite, all, buf, err));
      if (buf->failed) return firn_oom(err, buf->size);
      done = (firn_str){(const char *)buf->data, buf->size};
    }
    FIRN_TRY(firn_tensor_set_string(run->out[0], i, done, err));
  }
  return FIRN_OK;
}

static firn_code drive_replace(const firn_run *run, firn_error *err) {
  firn_str pattern, rewrite;
  firn_buf buf = {0};
  firn_regex *r = NULL;
  FIRN_TRY(single(run, 1, "pattern", &pattern, err));
  FIRN_TRY(single(run, 2, "rewrite", &rewrite, err));
  FIRN_TRY(firn_regex_new(pattern, false, &r, err));
  firn_buf_init(&buf, &run->env->alloc);
  const firn_code code = replace_all(run, r, rewrite, &buf, err);
  firn_buf_fini(&buf);
  firn_regex_free(r);
  return code;
}

static firn_code drive_match(const firn_run *run, firn_error *err) {
  firn_str pattern;
  firn_regex *r = NULL;
  firn_code code = FIRN_OK;
  FIRN_TRY(single(run, 1, "pattern", &pattern, err));
  FIRN_TRY(firn_regex_new(pattern, true, &r, err));
  for (size_t i = 0; code == FIRN_OK && i < run->in[0]->count; i++) {
    const firn_str text = firn_tensor_string(run->in[0], i);
    firn_match match;
    code = firn_regex_search(r, text, 0, &match, err);
    /* Unsound bytes count as the ends of a text. */
    ((bool *)run->out[0]->data)[i] =
        match.found && match.begin == 0 && match.end == text.size;
  }
  firn_regex_free(r);
  return code;
}

static firn_code infer_regex(firn_infer *q, firn_error *err) {
  for (size_t i = 1; i < q->in_count; i++)
    FIRN_TRY(
        firn_infer_rank(q, i, 0, i == 1 ? "pattern" : "rewrite", NULL, err));
  return firn_infer_same(q, err);
}

static const firn_kernel replacing[] = {{.drive = drive_replace},
                                        {.drive = NULL}};
static const firn_kernel matching[] = {{.drive = drive_match}, {.drive = NULL}};

static const firn_op ops[] = {
    {"RegexReplace", infer_regex, replacing, 0},
    {"StaticRegexReplace", infer_regex, replacing, 0},
    {"RegexFullMatch", infer_regex, matching, 0},
    {"StaticRegexFullMatch", infer_regex, matching, 0},
};

FIRN_OP_FAMILY(text_regex, ops);
