/* cli/cmd_checkpoint_get.c: `firn checkpoint get PREFIX NAME=FILE...` takes
 * tensors out of a checkpoint.
 *
 * A .json file gets nested lists (strings too), a .npz all tensors that name
 * it, any other file numpy's .npy. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

enum { LONGEST_NAME = 4096 };

static bool is_npz(const char *file) {
  const size_t n = strlen(file);
  return n > 4 && !strcmp(file + n - 4, ".npz");
}

static firn_code get_one(const firn_checkpoint *ck, const char *pair,
                         firn_error *err) {
  char name[LONGEST_NAME];
  const char *file = NULL;
  firn_tensor *tensor = NULL;
  FIRN_TRY(firn_split_pair(pair, name, sizeof name, &file, err));
  if (!file) return firn_misuse(err, "'%s' is no NAME=FILE", pair);
  if (is_npz(file)) return FIRN_OK;
  FIRN_TRY(firn_checkpoint_read(ck, name, &tensor, err));
  const firn_code code = firn_tensor_write(tensor, file, err);
  firn_tensor_release(tensor);
  return code;
}

/* Everything that goes into the .npz which the first of `pairs` names. */
static firn_code get_npz(const firn_checkpoint *ck, const char **pairs,
                         size_t count, const char *into, firn_error *err) {
  firn_code code = FIRN_OK;
  char(*names)[LONGEST_NAME] = malloc(count * sizeof *names);
  const char **list = calloc(count, sizeof *list);
  firn_tensor **tensors = calloc(count, sizeof *tensors);
  size_t n = 0;
  if (!names || !list || !tensors) {
    code = firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
    goto done;
  }
  for (size_t i = 0; i < count; i++) {
    const char *file = NULL;
    code = firn_split_pair(pairs[i], names[n], sizeof names[n], &file, err);
    if (code != FIRN_OK) goto done;
    if (!file || strcmp(file, into)) continue;
    code = firn_checkpoint_read(ck, names[n], &tensors[n], err);
    if (code != FIRN_OK) goto done;
    list[n] = names[n];
    n++;
  }
  code = firn_tensor_write_npz(into, n, list,
                               (const firn_tensor *const *)tensors, err);
done:
  for (size_t i = 0; tensors && i < count; i++) firn_tensor_release(tensors[i]);
  free(tensors);
  free(list);
  free(names);
  return code;
}

/* Whether pair i is the first to name its file. */
static bool first_of_file(const char **pairs, size_t i, const char *file) {
  for (size_t k = 0; k < i; k++) {
    const char *other = strrchr(pairs[k], '=');
    if (other && !strcmp(other + 1, file)) return false;
  }
  return true;
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  (void)out;
  firn_checkpoint *ck = NULL;
  const char **pairs = args->value + 1;
  const size_t count = args->value_count - 1;
  FIRN_TRY(firn_args_checkpoint(args, &ck, err));
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < count; i++)
    code = get_one(ck, pairs[i], err);
  for (size_t i = 0; code == FIRN_OK && i < count; i++) {
    const char *file = strrchr(pairs[i], '=');
    if (file && is_npz(file + 1) && first_of_file(pairs, i, file + 1))
      code = get_npz(ck, pairs, count, file + 1, err);
  }
  firn_checkpoint_close(ck);
  return code;
}

const firn_command firn_cmd_checkpoint_get = {
    .name = "checkpoint get",
    .usage = "PREFIX NAME=FILE...",
    .summary = "write tensors of a checkpoint as .npy, .npz or .json",
    .min_args = 2,
    .max_args = FIRN_MAX_WORDS,
    .run = run,
};
