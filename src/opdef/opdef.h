/* opdef/opdef.h: what every op looks like: arguments, types, attrs, defaults.
 *
 * The table holds each public op that TensorFlow 2.21 declares, the internal
 * ones that lie in files (_Arg, _Retval, _SwitchN, ...) and common contrib ops.
 * It is one constant blob of OpDef messages, found by a perfect hash and parsed
 * when first asked for; nothing is set up at start.
 *
 *   const firn_pb_OpDef *def = NULL;
 *   FIRN_TRY(firn_opdef_find(FIRN_STR("Conv2D"), &arena, &def, err));
 *
 * Ownership: the message lives in the caller's arena, its strings in libfirn.
 * Threads:   the table is constant.
 */
#ifndef FIRN_OPDEF_H
#define FIRN_OPDEF_H

#include "proto/messages.h"

/* Finds and parses one definition; *out is NULL (and the code FIRN_OK) when
 * there is no op of that name. */
FIRN_CHECKED firn_code firn_opdef_find(firn_str op, firn_arena *arena,
                                       const firn_pb_OpDef **out,
                                       firn_error *err);

/* The number of ops in the table and the name of the i-th, in name order. */
size_t firn_opdef_count(void);
firn_str firn_opdef_name(size_t i);

/* An attr of the definition, or NULL. */
const firn_pb_OpDef_AttrDef *firn_opdef_attr(const firn_pb_OpDef *def,
                                             firn_str name);

#endif
