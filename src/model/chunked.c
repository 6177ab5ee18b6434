#include "model/chunked.h"
firn_code firn_chunked_parse(firn_bytes input, const firn_pb_type *type, const firn_env *env, firn_arena *arena, void **out, firn_error *err) {
  (void)input; (void)type; (void)env; (void)arena; *out = NULL;
  return firn_fail(err, FIRN_UNIMPLEMENTED, "chunked SavedModels (.cpb) cannot be read yet");
}
