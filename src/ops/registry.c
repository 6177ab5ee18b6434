/* ops/registry.c: every op family, in one place.
 *
 * To add a family, write ops/<family>.c and add one X(<family>) here. There is
 * no start-up code and nothing to register at run time: the table is const, so
 * it is the same in every thread, and the linker drops no op by accident.
 *
 * Finding an op walks the table: it is done once for each distinct op of a
 * graph (firn_op_of keeps the answer in the graph's op type), some dozens of
 * times.
 */
#include <stdatomic.h>

#include "ops/op.h"

#define FAMILIES(X)     \
  X(activation)         \
  X(add_n)              \
  X(arithmetic)         \
  X(audio)              \
  X(basic)              \
  X(batch_norm)         \
  X(batch_norm_old)     \
  X(bias)               \
  X(bitwise)            \
  X(blocks)             \
  X(candidate)          \
  X(cast)               \
  X(checkpoint_io)      \
  X(color)              \
  X(compare)            \
  X(complex)            \
  X(control)            \
  X(conv2d)             \
  X(conv3d)             \
  X(conv_grad)          \
  X(count)              \
  X(count_rows)         \
  X(crop_resize)        \
  X(cross)              \
  X(csv)                \
  X(ctc)                \
  X(ctc_loss)           \
  X(data_format)        \
  X(diagonal)           \
  X(dilation)           \
  X(distorted_box)      \
  X(draw_boxes)         \
  X(einsum)             \
  X(example)            \
  X(example_sequence)   \
  X(fake_quant)         \
  X(fourier)            \
  X(fractional_pool)    \
  X(fused_pad)          \
  X(gather)             \
  X(glimpse)            \
  X(image_codec)        \
  X(join)               \
  X(lookup)             \
  X(loss)               \
  X(lrn)                \
  X(make)               \
  X(math)               \
  X(matmul)             \
  X(move)               \
  X(nms)                \
  X(nms_combined)       \
  X(optimizer)          \
  X(optional)           \
  X(order)              \
  X(pad)                \
  X(partition)          \
  X(pool)               \
  X(pool_grad)          \
  X(projective)         \
  X(quantize)           \
  X(quantized)          \
  X(quantized_product)  \
  X(ragged)             \
  X(ragged_dense)       \
  X(ragged_variant)     \
  X(queue_ops)          \
  X(random)             \
  X(random_source)      \
  X(reduction)          \
  X(report)             \
  X(reshape)            \
  X(resize)             \
  X(resize_filter)      \
  X(resize_grad)        \
  X(rnn)                \
  X(rnn_grad)           \
  X(scale_translate)    \
  X(scan)               \
  X(scatter)            \
  X(segment)            \
  X(select)             \
  X(sets)               \
  X(slice)              \
  X(softmax)            \
  X(solve)              \
  X(sparse_bytes)       \
  X(sparse_math)        \
  X(sparse_move)        \
  X(sparse_segment)     \
  X(special)            \
  X(spectrum)           \
  X(stack)              \
  X(summary)            \
  X(tensor_array)       \
  X(tensor_list)        \
  X(tensor_list_concat) \
  X(tensor_map)         \
  X(text_bytes)         \
  X(text_each)          \
  X(text_file)          \
  X(text_join)          \
  X(text_ngrams)        \
  X(text_number)        \
  X(text_regex)         \
  X(text_split)         \
  X(tridiagonal)        \
  X(unicode)            \
  X(unique)             \
  X(variable)           \
  X(variable_scatter)

#define DECLARE(id) extern const firn_op_family firn_family_##id;
#define ADDRESS(id) &firn_family_##id,

FAMILIES(DECLARE)
static const firn_op_family *const families[] = {FAMILIES(ADDRESS)};

size_t firn_op_family_count(void) { return FIRN_COUNT(families); }

const firn_op_family *firn_op_family_at(size_t i) { return families[i]; }

const firn_op *firn_op_find(firn_str name) {
  for (size_t f = 0; f < FIRN_COUNT(families); f++)
    for (size_t i = 0; i < families[f]->count; i++)
      if (firn_str_is(name, families[f]->ops[i].name))
        return &families[f]->ops[i];
  return NULL;
}

/* Stands in a graph's op type for "looked for and not found". */
static const firn_op missing;

const firn_op *firn_op_of(const firn_node *node) {
  const firn_op *op =
      atomic_load_explicit(&node->type->op, memory_order_acquire);
  if (!op) {
    op = firn_op_find(node->type->name);
    if (!op) op = &missing;
    atomic_store_explicit(&node->type->op, op, memory_order_release);
  }
  return op == &missing ? NULL : op;
}

static bool fits(const firn_kernel *kernel, const firn_node *node) {
  for (size_t i = 0; i < FIRN_COUNT(kernel->types); i++) {
    const firn_constraint *c = &kernel->types[i];
    if (!c->attr) break;
    const firn_dtype type = firn_attr_type_or(node, c->attr, FIRN_INVALID);
    if (type >= 64 || !(c->types & FIRN_BIT(type))) return false;
  }
  return true;
}

const firn_kernel *firn_op_kernel(const firn_op *op, const firn_node *node,
                                  uint32_t cpu) {
  if (!op->kernels) return NULL;
  for (const firn_kernel *k = op->kernels; k->drive; k++)
    if ((k->needs & ~cpu) == 0 && fits(k, node)) return k;
  return NULL;
}

bool firn_op_stateful(const firn_node *node) {
  const firn_op *op = firn_op_of(node);
  return (op && (op->flags & FIRN_OP_STATEFUL)) ||
         (node->type->def && node->type->def->is_stateful);
}
