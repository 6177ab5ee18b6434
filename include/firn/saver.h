/* firn/saver.h: keep the checkpoints of a training run, as TensorFlow's Saver
 * does.
 *
 * A saver names checkpoints by step, keeps the newest few, writes the graph
 * beside each and the state file that says which is the newest. Killed at any
 * moment it leaves a state file that names a complete checkpoint.
 *
 *   firn_saver *saver = NULL;
 *   FIRN_TRY(firn_saver_new(model, NULL, &saver, &err));
 *   FIRN_TRY(firn_saver_save(saver, session, "run/model.ckpt", 100, NULL,
 * &err)); firn_saver_free(saver);                     run/model.ckpt-100.index
 * and so on
 *
 * Ownership: a saver borrows its model; names are borrowed from the saver and
 * live until its next save. Threads:   confined.
 */
#ifndef FIRN_SAVER_H
#define FIRN_SAVER_H

#include "firn/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct firn_saver firn_saver;

typedef struct firn_saver_options {
  size_t size;     /* sizeof(firn_saver_options)                     */
  int max_to_keep; /* 0: 5; -1: all, and the state file names one    */
  double
      keep_every_n_hours; /* of those to go, one in so long stays; 0: 10000 */
  const char
      *latest_filename;    /* the state file, no folder; NULL: "checkpoint"  */
  const char *meta_suffix; /* NULL: "meta"                                   */
  bool no_meta, no_state;  /* write no graph, no state file                  */
  bool relative_paths;     /* in the state file                              */
  bool pad_step;           /* steps in eight digits                          */
  int version;             /* of the checkpoints: 2 or 1; 0 is 2             */
  bool sync;               /* wait until the disk has it                     */
  double (*now)(void *ud); /* seconds since 1970; NULL: the system's clock   */
  void *ud;
} firn_saver_options;

/* INVALID_ARGUMENT for a latest_filename with a folder in it. */
FIRN_API FIRN_CHECKED firn_code
firn_saver_new(const firn_model *model, const firn_saver_options *options,
               firn_saver **out, firn_error *err);
FIRN_API void firn_saver_free(firn_saver *saver);

/* Saves the session's variables as PREFIX-STEP, or with a negative step as
 * PREFIX itself. Then the state file is written, and at most one checkpoint
 * that is too old is deleted. *written (may be NULL) gets the name. */
FIRN_API FIRN_CHECKED firn_code
firn_saver_save(firn_saver *saver, firn_session *session, const char *prefix,
                int64_t step, const char **written, firn_error *err);

/* The checkpoints that the saver keeps, oldest first. */
FIRN_API size_t firn_saver_count(const firn_saver *saver);
FIRN_API const char *firn_saver_at(const firn_saver *saver, size_t i);

/* Takes over what the state file of a folder lists, as far as it is there, so
 * that a run that goes on also tidies up after the one before. No state file is
 * fine. */
FIRN_API FIRN_CHECKED firn_code firn_saver_recover(firn_saver *saver,
                                                   const char *folder,
                                                   firn_error *err);

#ifdef __cplusplus
}
#endif

#endif
