/* firn/surgery.h: make a checkpoint of checkpoints.
 *
 * A surgery is a list of tensors of open checkpoints with the names that they
 * are to have. Edits change the list only; values are not touched before it is
 * written. Where a checkpoint says by objects what it holds (TensorFlow 2), its
 * object graph follows along: what is dropped is dropped from it, what is
 * renamed can be found under its new path too.
 *
 *   firn_surgery *s = NULL;
 *   if (firn_surgery_new(NULL, &s, &err) != FIRN_OK ||
 *       firn_surgery_add(s, ck, FIRN_CLASH_FAIL, &err) != FIRN_OK ||
 *       firn_surgery_drop_slots(s, NULL, &err) != FIRN_OK ||
 *       firn_surgery_rename(s, "^dense/", "fc/", NULL, &err) != FIRN_OK ||
 *       firn_surgery_write(s, "lean.ckpt", NULL, &err) != FIRN_OK)
 *     fprintf(stderr, "%s\n", err.message);
 *   firn_surgery_free(s);
 *
 * Patterns are regular expressions in the language of RE2; they match anywhere
 * in a key. Without PCRE2 those calls are UNIMPLEMENTED.
 *
 * Ownership: checkpoints are borrowed until the surgery is freed.
 * Threads:   confined.
 */
#ifndef FIRN_SURGERY_H
#define FIRN_SURGERY_H

#include "firn/checkpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct firn_surgery firn_surgery;

FIRN_API FIRN_CHECKED firn_code firn_surgery_new(const firn_options *options,
                                                 firn_surgery **out,
                                                 firn_error *err);
FIRN_API void firn_surgery_free(firn_surgery *s);

/* What happens when a key is on the list already. */
typedef enum firn_clash {
  FIRN_CLASH_FAIL = 0, /* an error that lists all such keys */
  FIRN_CLASH_FIRST,    /* what came first stays             */
  FIRN_CLASH_LAST,     /* what came last takes its place    */
} firn_clash;

/* Puts all tensors of a checkpoint on the list. Slices of one tensor that lie
 * in several checkpoints are put together; object graphs are joined by paths.
 * INVALID_ARGUMENT for keys that clash, DATA_LOSS for a damaged object graph.
 */
FIRN_API FIRN_CHECKED firn_code firn_surgery_add(firn_surgery *s,
                                                 const firn_checkpoint *ck,
                                                 firn_clash clash,
                                                 firn_error *err);

/* How many tensors the list has, and what the i-th is called. */
FIRN_API size_t firn_surgery_count(const firn_surgery *s);
FIRN_API firn_str firn_surgery_key(const firn_surgery *s, size_t i);

/* Rewrites every match of the pattern in every key; in the rewrite \1 to \9 are
 * groups and \0 is the match. NOT_FOUND when no key matches. *count (may be
 * NULL) gets the number of keys that changed. */
FIRN_API FIRN_CHECKED firn_code firn_surgery_rename(firn_surgery *s,
                                                    const char *pattern,
                                                    const char *rewrite,
                                                    size_t *count,
                                                    firn_error *err);

/* Takes the keys that match off the list. NOT_FOUND when there is none. */
FIRN_API FIRN_CHECKED firn_code firn_surgery_drop(firn_surgery *s,
                                                  const char *pattern,
                                                  size_t *count,
                                                  firn_error *err);

/* Takes off what optimisers keep beside the variables: by the object graph
 * where there is one, else by TensorFlow's and Keras' names (w/Adam,
 * w/Momentum, beta1_power, Adam/w/m, Adam/m/w ...). NOT_FOUND when there is
 * nothing. */
FIRN_API FIRN_CHECKED firn_code firn_surgery_drop_slots(firn_surgery *s,
                                                        size_t *count,
                                                        firn_error *err);

/* Gives every V that has a V/ExponentialMovingAverage that value, and the
 * average V's. NOT_FOUND when there is none, INVALID_ARGUMENT for averages of
 * another type or shape. */
FIRN_API FIRN_CHECKED firn_code firn_surgery_swap_averages(firn_surgery *s,
                                                           size_t *count,
                                                           firn_error *err);

/* Names what an object graph holds by the variables' own names, and forgets the
 * object graph. Names that stand for several values are an error that lists
 * them, or with `paths` give way to the path of the object. What has no name
 * keeps its key. FAILED_PRECONDITION without an object graph. */
FIRN_API FIRN_CHECKED firn_code firn_surgery_to_names(firn_surgery *s,
                                                      bool paths,
                                                      firn_error *err);

/* Files the values under the keys of another checkpoint's object graph, whose
 * variables have these names (or paths). What is no variable, and the counter
 * of saves, comes from `like`, which must stay open. NOT_FOUND lists what is
 * missing, left over, or of another type or shape; with `partial` that is left
 * out. */
FIRN_API FIRN_CHECKED firn_code
firn_surgery_to_objects(firn_surgery *s, const firn_checkpoint *like,
                        bool partial, firn_error *err);

/* Writes the list as checkpoint `prefix`, which appears whole or not at all; it
 * is of the version of the first that was added when the options do not say.
 * INVALID_ARGUMENT lists keys that became one. */
FIRN_API FIRN_CHECKED firn_code firn_surgery_write(
    firn_surgery *s, const char *prefix,
    const firn_checkpoint_copy_options *options, firn_error *err);

#ifdef __cplusplus
}
#endif

#endif
