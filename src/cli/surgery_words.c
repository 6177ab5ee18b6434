/* cli/surgery_words.c: opening checkpoints by a word, and writing the results
 * of surgery, alike in every command. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/surgery.h"

static firn_code no_memory(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
}

/* ---- Sources ------------------------------------------------------------ */

static char *joined(const char *a, const char *b) {
  const size_t size = strlen(a) + strlen(b) + 1;
  char *text = malloc(size);
  if (text) snprintf(text, size, "%s%s", a, b);
  return text;
}

static bool is_there(const char *path, const char *suffix) {
  struct stat st;
  char *full = joined(path, suffix);
  const bool there = full && stat(full, &st) == 0;
  free(full);
  return there;
}

/* The prefix that a word stands for; the caller frees it. */
static firn_code find_prefix(const firn_args *args, const char *path,
                             char **out, firn_error *err) {
  static const char variables[] = "/variables/variables";
  firn_checkpoint_state *state = NULL;
  struct stat st;
  const size_t size = strlen(path);
  if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
    if (is_there(path, "/variables/variables.index")) {
      *out = joined(path, variables);
      return *out ? FIRN_OK : no_memory(err);
    }
    FIRN_TRY(firn_checkpoint_state_open(path, &args->options, &state, err));
    *out = joined(firn_checkpoint_state_newest(state), "");
    firn_checkpoint_state_close(state);
    return *out ? FIRN_OK : no_memory(err);
  }
  *out = joined(path, "");
  if (!*out) return no_memory(err);
  if (size > 6 && !strcmp(path + size - 6, ".index")) (*out)[size - 6] = 0;
  return FIRN_OK;
}

firn_code firn_opened_open(const firn_args *args, const char *path,
                           firn_opened *out, firn_error *err) {
  *out = (firn_opened){NULL, NULL};
  firn_code code = find_prefix(args, path, &out->prefix, err);
  if (code == FIRN_OK)
    code = firn_checkpoint_open(out->prefix, &args->options, &out->ck, err);
  if (code != FIRN_OK) firn_opened_close(out);
  return code;
}

firn_code firn_args_checkpoint(const firn_args *args, firn_checkpoint **out,
                               firn_error *err) {
  firn_opened opened;
  *out = NULL;
  FIRN_TRY(firn_opened_open(args, args->value[0], &opened, err));
  *out = opened.ck;
  free(opened.prefix);
  return FIRN_OK;
}

void firn_opened_close(firn_opened *opened) {
  firn_checkpoint_close(opened->ck);
  free(opened->prefix);
  *opened = (firn_opened){NULL, NULL};
}

firn_code firn_operation_begin(firn_operation *op, const firn_args *args,
                               firn_clash clash, firn_error *err) {
  *op = (firn_operation){.args = args};
  if (!firn_args_has(args, "-o"))
    return firn_misuse(err, "where to? Give -o PREFIX");
  op->sources = calloc(args->value_count + 1, sizeof *op->sources);
  if (!op->sources) return no_memory(err);
  FIRN_TRY(firn_surgery_new(&args->options, &op->surgery, err));
  for (size_t i = 0; i < args->value_count; i++) {
    FIRN_TRY(firn_opened_open(args, args->value[i], &op->sources[i], err));
    op->source_count++;
    FIRN_TRY(firn_surgery_add(op->surgery, op->sources[i].ck, clash, err));
  }
  return FIRN_OK;
}

void firn_operation_end(firn_operation *op) {
  firn_surgery_free(op->surgery);
  for (size_t i = 0; i < op->source_count; i++)
    firn_opened_close(&op->sources[i]);
  free(op->sources);
}

/* ---- The result --------------------------------------------------------- */

static bool same_file(const char *a, const char *b, const char *suffix) {
  struct stat sa, sb;
  char *pa = joined(a, suffix), *pb = joined(b, suffix);
  const bool same = pa && pb && stat(pa, &sa) == 0 && stat(pb, &sb) == 0 &&
                    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
  free(pa);
  free(pb);
  return same;
}

static firn_code check_target(const firn_operation *op, const char *to,
                              int version, firn_error *err) {
  for (size_t i = 0; i < op->source_count; i++) {
    const char *from = op->sources[i].prefix;
    if (!strcmp(from, to) || same_file(from, to, ".index") ||
        same_file(from, to, ""))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "'%s' is what is read; give the result another name",
                       to);
  }
  if (version == 1 && is_there(to, ".index"))
    return firn_fail(err, FIRN_FAILED_PRECONDITION,
                     "'%s.index' is there: a checkpoint of version 2 hides one "
                     "of version 1 of the same name",
                     to);
  return FIRN_OK;
}

firn_code firn_operation_write(firn_operation *op,
                               const firn_checkpoint_copy_options *options,
                               firn_error *err) {
  firn_checkpoint_copy_options o = {.size = sizeof o};
  const char *to = firn_args_get(op->args, "-o");
  if (options) o = *options;
  if (!o.version) o.version = firn_checkpoint_version(op->sources[0].ck);
  FIRN_TRY(check_target(op, to, o.version, err));
  return firn_surgery_write(op->surgery, to, &o, err);
}
