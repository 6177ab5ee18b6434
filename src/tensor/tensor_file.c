/* tensor/tensor_file.c: reading and writing a tensor by path, told by content.
 */
#include "tensor/tensor_file.h"

#include "base/file.h"

/* ---- Reading ------------------------------------------------------------ */

/* "weights.npz[w1]" into path and member, unless a file has that very name. */
static bool split_member(const char *path, firn_str *file, firn_str *member) {
  const firn_str whole = firn_str_of(path);
  *file = whole;
  *member = (firn_str){0};
  if (!firn_str_ends(whole, FIRN_STR("]")) ||
      firn_path_look(path) != FIRN_PATH_MISSING)
    return false;
  for (size_t i = whole.size - 1; i-- > 0;)
    if (whole.data[i] == '[') {
      *file = (firn_str){path, i};
      *member = (firn_str){path + i + 1, whole.size - i - 2};
      return member->size > 0;
    }
  return false;
}

/* Whether the bytes could begin a JSON document of numbers or lists. */
static bool looks_like_json(firn_bytes file) {
  for (size_t i = 0; i < file.size; i++) {
    const char c = (char)file.data[i];
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    return c && strchr("[{\"-0123456789tfnNI", c) != NULL;
  }
  return false;
}

static firn_code parse(firn_bytes file, firn_str member, firn_dtype want,
                       const firn_env *env, firn_tensor **out,
                       firn_error *err) {
  if (firn_npz_is(file))
    return firn_npz_parse(file, member, want, env, out, err);
  if (member.size)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a member was named, and the file is no npz");
  if (firn_npy_is(file)) return firn_npy_parse(file, want, env, out, err);
  if (firn_png_is(file)) return firn_png_parse(file, 0, env, out, err);
  if (firn_jpeg_is(file)) return firn_jpeg_parse(file, 0, env, out, err);
  if (looks_like_json(file))
    return firn_json_tensor_parse(file, want, env, out, err);
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "neither .npy, .npz, JSON, PNG nor JPEG");
}

firn_code firn_tensor_read(const char *path, firn_dtype want,
                           const firn_options *options, firn_tensor **out,
                           firn_error *err) {
  const firn_env env = firn_env_from(options);
  firn_str file_path, member;
  firn_file *file = NULL;
  firn_arena arena;
  firn_code code;
  *out = NULL;
  firn_arena_init(&arena, &env.alloc);
  split_member(path, &file_path, &member);
  const char *name = firn_arena_cstr(&arena, file_path);
  if (!name) {
    code = firn_oom(err, file_path.size);
    goto done;
  }
  code = firn_file_open(name, &env.alloc, &file, err); /* names the path */
  if (code != FIRN_OK) goto done;
  code = parse(file->bytes, member, want, &env, out, err);
  if (code != FIRN_OK) firn_while(err, code, "reading '%s'", name);

done:
  firn_file_close(file);
  firn_arena_fini(&arena);
  return code;
}

/* ---- Writing ------------------------------------------------------------ */

static firn_code put(void *ud, const void *data, size_t size, firn_error *err) {
  return firn_writer_put(ud, data, size, err);
}

static firn_code write_json(const firn_tensor *tensor, firn_sink sink,
                            firn_error *err) {
  firn_buf buf;
  firn_buf_init(&buf, NULL);
  firn_json_tensor_put(tensor, &buf);
  firn_buf_puts(&buf, "\n");
  const firn_code code = buf.failed
                             ? firn_oom(err, buf.size)
                             : sink.put(sink.ud, buf.data, buf.size, err);
  firn_buf_fini(&buf);
  return code;
}

static firn_code commit(firn_writer *writer, firn_code code, const char *path,
                        firn_error *err) {
  if (code == FIRN_OK) return firn_writer_commit(writer, false, err);
  firn_writer_abandon(writer);
  return firn_while(err, code, "writing '%s'", path);
}

firn_code firn_tensor_write(const firn_tensor *tensor, const char *path,
                            firn_error *err) {
  const bool is_json = firn_str_ends(firn_str_of(path), FIRN_STR(".json"));
  firn_writer *writer = NULL;
  FIRN_TRY(firn_writer_create(path, NULL, &writer, err));
  const firn_sink sink = {put, writer};
  return commit(writer,
                is_json ? write_json(tensor, sink, err)
                        : firn_npy_write(tensor, sink, err),
                path, err);
}

firn_code firn_tensor_write_npz(const char *path, size_t count,
                                const char *const *names,
                                const firn_tensor *const *tensors,
                                firn_error *err) {
  firn_writer *writer = NULL;
  FIRN_TRY(firn_writer_create(path, NULL, &writer, err));
  return commit(
      writer,
      firn_npz_write(count, names, tensors, (firn_sink){put, writer}, err),
      path, err);
}
