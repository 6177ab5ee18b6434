/* model/saver.c: which checkpoints of a training run are kept.
 *
 * As TensorFlow's Saver: a name that is saved again becomes the newest; beyond
 * the limit the oldest is put on a list, and at most one of that list is
 * deleted by each save, unless so many hours have passed that it is to be kept
 * for good.
 */
#include "firn/saver.h"

#include <inttypes.h>
#include <time.h>

#include "model/model.h"

enum { DEFAULT_KEEP = 5, DEFAULT_HOURS = 10000 };

typedef struct kept {
  char *prefix;
  double time;
} kept;

typedef struct kept_list {
  kept *item;
  size_t count, capacity;
} kept_list;

struct firn_saver {
  const firn_model *model;
  firn_saver_options o;
  kept_list last, doomed; /* oldest first */
  double keep_after;      /* one that is newer than this stays */
  char *written;
};

/* ---- Lists -------------------------------------------------------------- */

static const firn_allocator *alloc_of(const firn_saver *s) {
  return &s->model->env.alloc;
}

static char *copy_text(const firn_saver *s, const char *text) {
  const size_t size = strlen(text) + 1;
  char *copy = firn_new(alloc_of(s), size);
  if (copy) memcpy(copy, text, size);
  return copy;
}

static void free_text(const firn_saver *s, char *text) {
  if (text) firn_delete(alloc_of(s), text, strlen(text) + 1);
}

/* Takes the prefix over, also when it fails. */
static firn_code push(firn_saver *s, kept_list *list, kept item,
                      firn_error *err) {
  if (list->count == list->capacity) {
    const size_t more = list->capacity ? 2 * list->capacity : 8;
    kept *grown =
        firn_resize(alloc_of(s), list->item, list->capacity * sizeof *grown,
                    more * sizeof *grown);
    if (!grown) {
      free_text(s, item.prefix);
      return firn_oom(err, more * sizeof *grown);
    }
    list->item = grown;
    list->capacity = more;
  }
  list->item[list->count++] = item;
  return FIRN_OK;
}

static kept take_out(kept_list *list, size_t i) {
  const kept item = list->item[i];
  list->count--;
  memmove(list->item + i, list->item + i + 1,
          (list->count - i) * sizeof *list->item);
  return item;
}

static void list_fini(firn_saver *s, kept_list *list) {
  for (size_t i = 0; i < list->count; i++) free_text(s, list->item[i].prefix);
  firn_delete(alloc_of(s), list->item, list->capacity * sizeof *list->item);
}

/* ---- Opening and closing ------------------------------------------------ */

static double now(const firn_saver *s) {
  return s->o.now ? s->o.now(s->o.ud) : (double)time(NULL);
}

firn_code firn_saver_new(const firn_model *model,
                         const firn_saver_options *options, firn_saver **out,
                         firn_error *err) {
  firn_saver_options o = {.size = sizeof o};
  *out = NULL;
  if (options) memcpy(&o, options, firn_min_size(options->size, sizeof o));
  if (!o.max_to_keep) o.max_to_keep = DEFAULT_KEEP;
  if (!(o.keep_every_n_hours > 0)) o.keep_every_n_hours = DEFAULT_HOURS;
  if (!o.latest_filename) o.latest_filename = "checkpoint";
  if (!o.meta_suffix) o.meta_suffix = "meta";
  if (strchr(o.latest_filename, '/'))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the state file's name '%s' has a folder in it",
                     o.latest_filename);
  firn_saver *s = firn_new_zeroed(&model->env.alloc, sizeof *s);
  if (!s) return firn_oom(err, sizeof *s);
  s->model = model;
  s->o = o;
  s->keep_after = now(s) + o.keep_every_n_hours * 3600;
  *out = s;
  return FIRN_OK;
}

void firn_saver_free(firn_saver *saver) {
  if (!saver) return;
  const firn_allocator alloc = saver->model->env.alloc;
  list_fini(saver, &saver->last);
  list_fini(saver, &saver->doomed);
  free_text(saver, saver->written);
  firn_delete(&alloc, saver, sizeof *saver);
}

size_t firn_saver_count(const firn_saver *saver) { return saver->last.count; }

const char *firn_saver_at(const firn_saver *saver, size_t i) {
  return saver->last.item[i].prefix;
}

/* ---- Keeping and deleting ----------------------------------------------- */

static firn_code record(firn_saver *s, const char *prefix, firn_error *err) {
  kept item = {copy_text(s, prefix), now(s)};
  if (!item.prefix) return firn_oom(err, strlen(prefix));
  for (size_t i = s->last.count; s->o.max_to_keep > 0 && i-- > 0;)
    if (!strcmp(s->last.item[i].prefix, prefix))
      free_text(s, take_out(&s->last, i).prefix);
  if (s->o.max_to_keep < 0) {
    list_fini(s, &s->last);
    s->last = (kept_list){NULL, 0, 0};
  }
  FIRN_TRY(push(s, &s->last, item, err));
  if (s->o.max_to_keep < 0 || s->last.count <= (size_t)s->o.max_to_keep)
    return FIRN_OK;
  return push(s, &s->doomed, take_out(&s->last, 0), err);
}

/* Whether NAME is BASE.data-00000-of-00001 or the like. */
static bool is_data_of(firn_str name, firn_str base) {
  return firn_str_starts(name, base) &&
         firn_str_starts(
             (firn_str){name.data + base.size, name.size - base.size},
             FIRN_STR(".data-"));
}

static void remove_data(const firn_saver *s, const char *prefix,
                        firn_arena *arena) {
  const firn_str path = firn_str_of(prefix);
  const firn_str base = firn_path_base(path);
  const char *folder = firn_arena_cstr(arena, firn_path_folder(path));
  firn_str *names = NULL;
  size_t count = 0;
  if (!folder ||
      firn_folder_list(folder, alloc_of(s), &names, &count, NULL) != FIRN_OK)
    return;
  for (size_t i = 0; i < count; i++) {
    if (!is_data_of(names[i], base)) continue;
    const firn_str full = firn_arena_printf(arena, "%s/%.*s", folder,
                                            (int)names[i].size, names[i].data);
    if (full.data) firn_path_remove(full.data);
  }
  firn_folder_free(alloc_of(s), names, count);
}

/* The index first: what is left of a deletion that was cut short is no
 * checkpoint. */
static void remove_checkpoint(const firn_saver *s, const char *prefix) {
  firn_arena arena;
  firn_arena_init(&arena, alloc_of(s));
  const firn_str index = firn_arena_printf(&arena, "%s.index", prefix);
  const firn_str meta =
      firn_arena_printf(&arena, "%s.%s", prefix, s->o.meta_suffix);
  if (s->o.version == 1) {
    firn_path_remove(prefix);
  } else if (index.data) {
    firn_path_remove(index.data);
    remove_data(s, prefix, &arena);
  }
  if (meta.data) firn_path_remove(meta.data);
  firn_arena_fini(&arena);
}

static void delete_one(firn_saver *s) {
  if (!s->doomed.count) return;
  const kept item = take_out(&s->doomed, 0);
  if (item.time > s->keep_after)
    s->keep_after += s->o.keep_every_n_hours * 3600;
  else
    remove_checkpoint(s, item.prefix);
  free_text(s, item.prefix);
}

/* ---- Saving
 * ------------------------------------------------------------------------------
 */

static firn_code write_state(firn_saver *s, const char *prefix,
                             firn_arena *arena, firn_error *err) {
  const firn_str folder = firn_path_folder(firn_str_of(prefix));
  const firn_str path = firn_arena_printf(arena, "%.*s/%s", (int)folder.size,
                                          folder.data, s->o.latest_filename);
  const char **all =
      firn_arena_array(arena, s->last.count + 1, sizeof(const char *));
  if (!path.data || !all) return firn_oom(err, folder.size);
  for (size_t i = 0; i < s->last.count; i++) all[i] = s->last.item[i].prefix;
  const firn_checkpoint_state_options state = {.size = sizeof state,
                                               .newest = prefix,
                                               .all = all,
                                               .count = s->last.count,
                                               .relative = s->o.relative_paths};
  return firn_checkpoint_state_write(path.data, &state, NULL, err);
}

static firn_code name_it(firn_saver *s, const char *prefix, int64_t step,
                         firn_arena *arena, const char **out, firn_error *err) {
  *out = prefix;
  if (!strcmp(firn_path_base(firn_str_of(prefix)).data, s->o.latest_filename))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%s' has the name of the state file", prefix);
  if (step < 0) return FIRN_OK;
  *out =
      firn_arena_printf(arena, s->o.pad_step ? "%s-%08" PRId64 : "%s-%" PRId64,
                        prefix, step)
          .data;
  return *out ? FIRN_OK : firn_oom(err, strlen(prefix));
}

static firn_code save(firn_saver *s, firn_session *session, const char *prefix,
                      int64_t step, firn_arena *arena, firn_error *err) {
  firn_save_options o = {.size = sizeof o,
                         .version = s->o.version,
                         .meta = !s->o.no_meta,
                         .meta_suffix = s->o.meta_suffix,
                         .sync = s->o.sync};
  const char *name = NULL;
  FIRN_TRY(name_it(s, prefix, step, arena, &name, err));
  FIRN_TRY(firn_model_save(s->model, session, name, &o, err));
  free_text(s, s->written);
  s->written = copy_text(s, name);
  if (!s->written) return firn_oom(err, strlen(name));
  if (s->o.no_state) return FIRN_OK;
  FIRN_TRY(record(s, name, err));
  FIRN_TRY(write_state(s, name, arena, err));
  delete_one(s);
  return FIRN_OK;
}

firn_code firn_saver_save(firn_saver *saver, firn_session *session,
                          const char *prefix, int64_t step,
                          const char **written, firn_error *err) {
  firn_arena arena;
  if (written) *written = NULL;
  firn_arena_init(&arena, alloc_of(saver));
  const firn_code code = save(saver, session, prefix, step, &arena, err);
  firn_arena_fini(&arena);
  if (code == FIRN_OK && written) *written = saver->written;
  return code;
}

/* ---- Going on
 * -----------------------------------------------------------------------------
 */

static firn_code recover(firn_saver *s, const firn_checkpoint_state *state,
                         firn_error *err) {
  for (size_t i = 0; i < firn_checkpoint_state_count(state); i++) {
    const char *prefix = firn_checkpoint_state_at(state, i);
    firn_checkpoint *ck = NULL;
    if (firn_checkpoint_open(prefix, NULL, &ck, NULL) != FIRN_OK) continue;
    firn_checkpoint_close(ck);
    FIRN_TRY(record(s, prefix, err));
  }
  return FIRN_OK;
}

firn_code firn_saver_recover(firn_saver *saver, const char *folder,
                             firn_error *err) {
  firn_checkpoint_state *state = NULL;
  firn_arena arena;
  firn_arena_init(&arena, alloc_of(saver));
  const firn_str path =
      firn_arena_printf(&arena, "%s/%s", folder, saver->o.latest_filename);
  firn_code code = path.data ? FIRN_OK : firn_oom(err, strlen(folder));
  if (code == FIRN_OK && firn_path_look(path.data) == FIRN_PATH_FILE)
    code = firn_checkpoint_state_open(path.data, NULL, &state, err);
  if (code == FIRN_OK && state) code = recover(saver, state, err);
  firn_checkpoint_state_close(state);
  firn_arena_fini(&arena);
  return code;
}
