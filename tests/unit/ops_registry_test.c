/* What the table of ops promises: a name stands for one op, and every op has a
 * definition, without which no node of it could be checked. */
#include "opdef/opdef.h"
#include "ops/op.h"
#include "support/test.h"

typedef struct place {
  const char *family, *op;
} place;

/* The n-th op of all families, or NULLs. */
static place op_at(size_t n) {
  for (size_t f = 0; f < firn_op_family_count(); f++) {
    const firn_op_family *family = firn_op_family_at(f);
    if (n < family->count) return (place){family->name, family->ops[n].name};
    n -= family->count;
  }
  return (place){NULL, NULL};
}

TEST_FN(a_name_stands_for_one_op) {
  size_t twice = 0;
  for (size_t i = 0; op_at(i).op; i++) {
    const place one = op_at(i);
    for (size_t k = 0; k < i; k++) {
      const place other = op_at(k);
      if (strcmp(one.op, other.op) != 0) continue;
      printf("%s is in %s and in %s\n", one.op, other.family, one.family);
      twice++;
    }
  }
  CHECK_EQ(twice, 0);
}

TEST_FN(a_family_is_listed_once) {
  for (size_t f = 0; f < firn_op_family_count(); f++)
    for (size_t k = 0; k < f; k++)
      CHECK(firn_op_family_at(f) != firn_op_family_at(k));
}

static bool is_defined(firn_str op) {
  for (size_t i = 0; i < firn_opdef_count(); i++)
    if (firn_str_eq(firn_opdef_name(i), op)) return true;
  return false;
}

TEST_FN(every_op_is_defined_and_found) {
  for (size_t i = 0; op_at(i).op; i++) {
    const firn_str name = firn_str_of(op_at(i).op);
    if (!is_defined(name)) fail_msg("%s has no definition", op_at(i).op);
    CHECK_STR(firn_op_find(name)->name, op_at(i).op);
  }
}

SUITE(ops_registry, TEST(a_name_stands_for_one_op),
      TEST(a_family_is_listed_once), TEST(every_op_is_defined_and_found));
