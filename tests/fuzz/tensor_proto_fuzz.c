/* Whatever message comes in, it becomes a tensor or a complaint; and a tensor's
 * own message becomes the same tensor. */
#include <stdlib.h>

#include "tensor/tensor_file.h"
#include "tensor/tensor_proto.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const firn_pb_TensorProto *pb, const firn_env *env,
                firn_arena *arena) {
  firn_tensor *first = NULL, *second = NULL;
  firn_pb_TensorProto *own = NULL;
  firn_error err = FIRN_ERROR_INIT;
  if (firn_tensor_from_proto(pb, env, &first, &err) != FIRN_OK) {
    MUST(err.message[0]);
    return;
  }
  MUST(firn_tensor_to_proto(first, arena, &own, &err) == FIRN_OK);
  MUST(firn_tensor_from_proto(own, env, &second, &err) == FIRN_OK);
  MUST(firn_shape_equal(&first->shape, &second->shape));
  if (first->dtype != FIRN_STRING && first->count)
    MUST(!memcmp(first->data, second->data, firn_tensor_bytes(first)));
  firn_tensor_release(first);
  firn_tensor_release(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  firn_env env = firn_env_from(NULL);
  firn_arena arena;
  void *pb = NULL;
  env.limits.tensor_bytes = 1 << 20;
  firn_arena_init(&arena, NULL);
  if (firn_pb_parse(&firn_pb_type_TensorProto, (firn_bytes){data, size},
                    &env.limits, &arena, &pb, NULL) == FIRN_OK)
    use(pb, &env, &arena);
  firn_arena_fini(&arena);
  return 0;
}
