/* What loops and branches promise, of both generations of TensorFlow: If, Case
 * and While by functions, Switch, Merge and frames by nodes. */
#include "support/graph_case.h"

/* ---- Functions ---------------------------------------------------------- */

#define FLOAT_X "x = Placeholder dtype=float shape=<?...>;"

#define TWO_BRANCHES                                    \
  "def yes(a: float, b: float) -> (r: float = s:z:0) {" \
  "  s = AddV2(a, b) T=float }"                         \
  "def no(a: float, b: float) -> (r: float = s:z:0) {"  \
  "  s = Mul(a, b) T=float }"

TEST_FN(if_takes_one_branch) {
  static const graph_case rows[] =
      {
          {.name = "then",
           .graph = TWO_BRANCHES
           "p = Placeholder dtype=bool;" FLOAT_X
           "y = StatelessIf(p, x, x) Tcond=bool Tin=[float,float] "
           "Tout=[float] then_branch=@yes else_branch=@no",
           .feed = {"p = bool true", "x = float[2] 3 4"},
           .fetch = {"y"},
           .out = {"float[2] 6 8"}},
          {.name = "else",
           .graph =
               TWO_BRANCHES "p = Placeholder dtype=bool;" FLOAT_X
                            "y = If(p, x, x) Tcond=bool Tin=[float,float] "
                            "Tout=[float] then_branch=@yes else_branch=@no",
           .feed = {"p = bool false", "x = float[2] 3 4"},
           .fetch = {"y"},
           .out = {"float[2] 9 16"}},
          {.name = "a number is a condition",
           .graph = TWO_BRANCHES
           "p = Placeholder dtype=int32;" FLOAT_X
           "y = StatelessIf(p, x, x) Tcond=int32 Tin=[float,float] "
           "Tout=[float] then_branch=@yes else_branch=@no",
           .feed = {"p = int32 -2", "x = float 3"},
           .fetch = {"y"},
           .out = {"float 6"}},
          {.name = "an empty string is false",
           .graph = TWO_BRANCHES
           "p = Placeholder dtype=string;" FLOAT_X
           "y = StatelessIf(p, x, x) Tcond=string Tin=[float,float] "
           "Tout=[float] then_branch=@yes else_branch=@no",
           .feed = {"p = string ''", "x = float 3"},
           .fetch = {"y"},
           .out = {"float 9"}},
          {.name = "a tensor is true when it has elements",
           .graph = TWO_BRANCHES
           "p = Placeholder dtype=float;" FLOAT_X
           "y = StatelessIf(p, x, x) Tcond=float Tin=[float,float] "
           "Tout=[float] then_branch=@yes else_branch=@no",
           .feed = {"p = float[2] 0 0", "x = float 3"},
           .fetch = {"y"},
           .out = {"float 6"}},
          {.name = "known before the run",
           .graph = TWO_BRANCHES
           "p = Const dtype=bool value=`bool true`;" FLOAT_X
           "y = StatelessIf(p, x, x) Tcond=bool Tin=[float,float] "
           "Tout=[float] then_branch=@yes else_branch=@no;"
           "z = Neg(y) T=float",
           .feed = {"x = float 3"},
           .fetch = {"z", "y"},
           .out = {"float -6", "float 6"}},
          {.name = "known, and all is constant",
           .graph = TWO_BRANCHES
           "p = Const dtype=bool value=`bool false`;"
           "c = Const dtype=float value=`float 5`;"
           "y = StatelessIf(p, c, c) Tcond=bool Tin=[float,float] "
           "Tout=[float] then_branch=@yes else_branch=@no;"
           "z = Neg(y) T=float",
           .fetch = {"z", "y"},
           .out = {"float -25", "float 25"}},
          {.name = "branches of different shape",
           .graph = "def yes(a: float) -> (r: float = s:output:0) {"
                    "  n = Const dtype=int32 value=`int32[2] 1 -1`;"
                    "  s = Reshape(a, n:output:0) T=float Tshape=int32 }"
                    "def no(a: float) -> (r: float = a) { }"
                    "p = Placeholder dtype=bool;" FLOAT_X
                    "y = StatelessIf(p, x) Tcond=bool Tin=[float] Tout=[float] "
                    "then_branch=@yes else_branch=@no;"
                    "z = Sum(y, axis) T=float Tidx=int32;"
                    "axis = Const dtype=int32 value=`int32 0`",
           .feed = {"p = bool true", "x = float[3] 1 2 3"},
           .fetch = {"y", "z"},
           .out = {"float[1,3] 1 2 3", "float[3] 1 2 3"}},
          {.name = "an argument handed back",
           .graph = "def yes(a: string, b: string) -> (r: string = b) { }"
                    "def no(a: string, b: string) -> (r: string = a) { }"
                    "p = Placeholder dtype=bool;"
                    "s = Placeholder dtype=string;"
                    "t = Const dtype=string value=`string 'tee'`;"
                    "y = StatelessIf(p, s, t) Tcond=bool "
                    "Tin=[string,string] Tout=[string] then_branch=@yes "
                    "else_branch=@no",
           .feed = {"p = bool true", "s = string 'ess'"},
           .fetch = {"y"},
           .out = {"string 'tee'"}},
          {.name = "nothing comes back, but for the effect",
           .graph = "def yes(h: resource) -> () ^a {"
                    "  one = Const dtype=float value=`float 1`;"
                    "  a = AssignAddVariableOp(h, one:output:0) dtype=float }"
                    "def no(h: resource) -> () { }"
                    "p = Placeholder dtype=bool;"
                    "v = VarHandleOp dtype=float shape=<>;"
                    "c = Const dtype=float value=`float 7`;"
                    "i = AssignVariableOp(v, c) dtype=float;"
                    "y = If(p, v, ^i) Tcond=bool Tin=[resource] Tout=[] "
                    "then_branch=@yes else_branch=@no;"
                    "r = ReadVariableOp(v, ^y) dtype=float",
           .feed = {"p = bool true"},
           .fetch = {"r"},
           .out = {"float 8"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

#define THREE_CASES                                   \
  "def a(x: float) -> (r: float = n:y:0) {"           \
  "  n = Neg(x) T=float }"                            \
  "def b(x: float) -> (r: float = n:y:0) {"           \
  "  n = Square(x) T=float }"                         \
  "def c(x: float) -> (r: float = x) { }"             \
  "i = Placeholder dtype=int32;" FLOAT_X              \
  "y = StatelessCase(i, x) Tin=[float] Tout=[float] " \
  "branches=[@a,@b,@c]"

TEST_FN(case_takes_the_last_when_out_of_range) {
  static const graph_case rows[] =
      {
          {.name = "0",
           .graph = THREE_CASES,
           .feed = {"i = int32 0", "x = float 3"},
           .fetch = {"y"},
           .out = {"float -3"}},
          {.name = "1",
           .graph = THREE_CASES,
           .feed = {"i = int32 1", "x = float 3"},
           .fetch = {"y"},
           .out = {"float 9"}},
          {.name = "2",
           .graph = THREE_CASES,
           .feed = {"i = int32 2", "x = float 3"},
           .fetch = {"y"},
           .out = {"float 3"}},
          {.name = "3",
           .graph = THREE_CASES,
           .feed = {"i = int32 3", "x = float 3"},
           .fetch = {"y"},
           .out = {"float 3"}},
          {.name = "-1",
           .graph = THREE_CASES,
           .feed = {"i = int32 -1", "x = float 3"},
           .fetch = {"y"},
           .out = {"float 3"}},
          {.name = "no branches",
           .graph = "i = Placeholder dtype=int32;"
                    "y = StatelessCase(i) Tin=[] Tout=[float] branches=[]",
           .feed = {"i = int32 1"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (StatelessCase): has no branches"},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

TEST_FN(a_branch_that_is_not_taken_may_be_wrong) {
  static const graph_case rows[] =
      {
          {.name = "shapes that do not fit",
           .graph = "def yes(a: float, b: float) -> (r: float = s:product:0) {"
                    "  s = MatMul(a, b) T=float }"
                    "def no(a: float, b: float) -> (r: float = a) { }"
                    "p = Placeholder dtype=bool;" FLOAT_X
                    "y = StatelessIf(p, x, x) Tcond=bool Tin=[float,float] "
                    "Tout=[float] then_branch=@yes else_branch=@no;"
                    "z = Neg(y) T=float",
           .feed = {"p = bool false", "x = float[1,2] 1 2"},
           .fetch = {"z"},
           .out = {"float[1,2] -1 -2"}},
          {.name = "... but not when it is",
           .graph = "def yes(a: float, b: float) -> (r: float = s:product:0) {"
                    "  s = MatMul(a, b) T=float }"
                    "def no(a: float, b: float) -> (r: float = a) { }"
                    "p = Placeholder dtype=bool;" FLOAT_X
                    "y = StatelessIf(p, x, x) Tcond=bool Tin=[float,float] "
                    "Tout=[float] then_branch=@yes else_branch=@no;"
                    "z = Neg(y) T=float",
           .feed = {"p = bool true", "x = float[1,2] 1 2"},
           .fetch = {"z"},
           .code = FIRN_INVALID_ARGUMENT},
          {.name = "a constant that cannot be computed",
           .graph = "def yes() -> (r: float = s:output:0) {"
                    "  a = Const dtype=float value=`float[2] 1 2`;"
                    "  i = Const dtype=int32 value=`int32 7`;"
                    "  s = GatherV2(a:output:0, i:output:0, x:output:0)"
                    "    Tparams=float Tindices=int32 Taxis=int32;"
                    "  x = Const dtype=int32 value=`int32 0` }"
                    "def no() -> (r: float = a:output:0) {"
                    "  a = Const dtype=float value=`float 5` }"
                    "p = Placeholder dtype=bool;"
                    "y = StatelessIf(p) Tcond=bool Tin=[] Tout=[float] "
                    "then_branch=@yes else_branch=@no",
           .feed = {"p = bool false"},
           .fetch = {"y"},
           .out = {"float 5"}},
          {.name = "... by Switch and Merge",
           .graph = "a = Const dtype=float value=`float[2] 1 2`;"
                    "p = Placeholder dtype=bool;"
                    "sa = Switch(a, p) T=float;"
                    "i = Const(^t) dtype=int32 value=`int32 7`;"
                    "z = Const dtype=int32 value=`int32 0`;"
                    "sp = Switch(p, p) T=bool; t = Identity(sp:1) T=bool;"
                    "f = Const(^e) dtype=float value=`float[2] 7 8`;"
                    "e = Identity(sp) T=bool;"
                    "g = GatherV2(a, i, z) Tparams=float Tindices=int32 "
                    "Taxis=int32;"
                    "y = Merge(f, g) T=float N=2",
           .feed = {"p = bool false"},
           .fetch = {"y", "y:1"},
           .out = {"float[2] 7 8", "int32 0"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

#define POWER                                                                  \
  "def c(i: int32, n: int32, v: float, b: float) -> (r: bool = l:z:0) {"       \
  "  l = Less(i, n) T=int32 }"                                                 \
  "def d(i: int32, n: int32, v: float, b: float)"                              \
  "    -> (j: int32 = k:z:0, n2: int32 = n, w: float = m:z:0, b2: float = b) " \
  "{"                                                                          \
  "  one = Const dtype=int32 value=`int32 1`;"                                 \
  "  k = AddV2(i, one:output:0) T=int32;"                                      \
  "  m = Mul(v, b) T=float }"                                                  \
  "zero = Const dtype=int32 value=`int32 0`;"                                  \
  "unit = Const dtype=float value=`float 1`;"                                  \
  "n = Placeholder dtype=int32;" FLOAT_X                                       \
  "w = StatelessWhile(zero, n, unit, x) T=[int32,int32,float,float] "          \
  "cond=@c body=@d"

TEST_FN(while_goes_round) {
  static const graph_case rows[] =
      {
          {.name = "three times",
           .graph = POWER,
           .feed = {"n = int32 3", "x = float 2"},
           .fetch = {"w", "w:1", "w:2", "w:3"},
           .out = {"int32 3", "int32 3", "float 8", "float 2"}},
          {.name = "never",
           .graph = POWER,
           .feed = {"n = int32 0", "x = float 2"},
           .fetch = {"w", "w:1", "w:2", "w:3"},
           .out = {"int32 0", "int32 0", "float 1", "float 2"}},
          {.name = "only what changes is asked for",
           .graph = POWER,
           .feed = {"n = int32 5", "x = float 2"},
           .fetch = {"w:2"},
           .out = {"float 32"}},
          {.name = "only what does not change",
           .graph = POWER,
           .feed = {"n = int32 5", "x = float 2"},
           .fetch = {"w:3"},
           .out = {"float 2"}},
          {.name = "the shape changes in the first round",
           .graph = POWER,
           .feed = {"n = int32 2", "x = float[3] 1 2 3"},
           .fetch = {"w:2"},
           .out = {"float[3] 1 4 9"}},
          {.name = "too often",
           .graph = POWER,
           .feed = {"n = int32 8", "x = float 1"},
           .fetch = {"w:2"},
           .limits = {.iterations = 7},
           .code = FIRN_RESOURCE_EXHAUSTED,
           .says = "node 'w' (StatelessWhile): the loop has not ended after 7 "
                   "rounds"},
          {.name = "just often enough",
           .graph = POWER,
           .feed = {"n = int32 7", "x = float 1"},
           .fetch = {"w:2"},
           .limits = {.iterations = 7},
           .out = {"float 1"}},
          {.name = "values change places",
           .graph = "def c(i: int32, a: float, b: float, s: string, t: string)"
                    "    -> (r: bool = l:z:0) {"
                    "  three = Const dtype=int32 value=`int32 3`;"
                    "  l = Less(i, three:output:0) T=int32 }"
                    "def d(i: int32, a: float, b: float, s: string, t: string)"
                    "    -> (j: int32 = k:z:0, x: float = b, y: float = a,"
                    "        u: string = t, v: string = s) {"
                    "  one = Const dtype=int32 value=`int32 1`;"
                    "  k = AddV2(i, one:output:0) T=int32 }"
                    "i = Placeholder dtype=int32;"
                    "a = Const dtype=float value=`float[2] 1 2`;"
                    "b = Const dtype=float value=`float[2] 3 4`;"
                    "s = Const dtype=string value=`string 'ess'`;"
                    "t = Const dtype=string value=`string 'tee'`;"
                    "w = StatelessWhile(i, a, b, s, t) "
                    "T=[int32,float,float,string,string] cond=@c body=@d",
           .feed = {"i = int32 0"},
           .fetch = {"w:1", "w:2", "w:3", "w:4"},
           .out = {"float[2] 3 4", "float[2] 1 2", "string 'tee'",
                   "string 'ess'"}},
          {.name = "values change places in the slab",
           .graph =
               "def c(i: int32, a: float, b: float, d: float)"
               "    -> (r: bool = l:z:0) {"
               "  n = Const dtype=int32 value=`int32 5`;"
               "  l = Less(i, n:output:0) T=int32 }"
               "def d(i: int32, a: float, b: float, d: float)"
               "    -> (j: int32 = k:z:0, x: float = b, y: float = t:output:0,"
               "        z: float = a) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  t = Identity(d) T=float }"
               "i = Placeholder dtype=int32; x = Placeholder dtype=float;"
               "a = Neg(x) T=float; b = Square(x) T=float;"
               "w = StatelessWhile(i, a, b, x) T=[int32,float,float,float] "
               "cond=@c body=@d;"
               "y1 = Neg(w:1) T=float; y2 = Neg(w:2) T=float;"
               "y3 = Neg(w:3) T=float",
           .feed = {"i = int32 0", "x = float[2] 2 3"},
           .fetch = {"y1", "y2", "y3"},
           .out = {"float[2] -2 -3", "float[2] 2 3", "float[2] -4 -9"}},
          {.name = "values move on",
           .graph =
               "def c(i: int32, a: float, b: float, d: float)"
               "    -> (r: bool = l:z:0) {"
               "  n = Const dtype=int32 value=`int32 2`;"
               "  l = Less(i, n:output:0) T=int32 }"
               "def d(i: int32, a: float, b: float, d: float)"
               "    -> (j: int32 = k:z:0, x: float = n:y:0, y: float = a,"
               "        z: float = v:output:0) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  n = Neg(d) T=float;"
               "  v = Identity(b) T=float }"
               "i = Placeholder dtype=int32;"
               "a = Const dtype=float value=`float[2] 1 2`;"
               "b = Const dtype=float value=`float[2] 3 4`;"
               "d0 = Const dtype=float value=`float[2] 5 6`;"
               "w = StatelessWhile(i, a, b, d0) T=[int32,float,float,float] "
               "cond=@c body=@d",
           .feed = {"i = int32 0"},
           .fetch = {"w:1", "w:2", "w:3"},
           .out = {"float[2] -3 -4", "float[2] -5 -6", "float[2] 1 2"}},
          {.name = "grows",
           .graph =
               "def c(i: int32, a: float) -> (r: bool = l:z:0) {"
               "  n = Const dtype=int32 value=`int32 3`;"
               "  l = Less(i, n:output:0) T=int32 }"
               "def d(i: int32, a: float)"
               "    -> (j: int32 = k:z:0, b: float = q:output:0) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  zero = Const dtype=int32 value=`int32 0`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  q = ConcatV2(a, a, zero:output:0) T=float N=2 Tidx=int32 }"
               "i = Placeholder dtype=int32;"
               "a = Placeholder dtype=float;"
               "w = StatelessWhile(i, a) T=[int32,float] cond=@c body=@d",
           .feed = {"i = int32 1", "a = float[1,2] 1 2"},
           .fetch = {"w:1"},
           .out = {"float[4,2] 1 2 1 2 1 2 1 2"}},
          {.name = "grows in rank",
           .graph = "def c(i: int32, a: float) -> (r: bool = l:z:0) {"
                    "  n = Const dtype=int32 value=`int32 3`;"
                    "  l = Less(i, n:output:0) T=int32 }"
                    "def d(i: int32, a: float)"
                    "    -> (j: int32 = k:z:0, b: float = q:output:0) {"
                    "  one = Const dtype=int32 value=`int32 1`;"
                    "  zero = Const dtype=int32 value=`int32 0`;"
                    "  k = AddV2(i, one:output:0) T=int32;"
                    "  q = ExpandDims(a, zero:output:0) T=float Tdim=int32 }"
                    "i = Placeholder dtype=int32;"
                    "a = Placeholder dtype=float;"
                    "w = StatelessWhile(i, a) T=[int32,float] cond=@c body=@d",
           .feed = {"i = int32 0", "a = float[2] 1 2"},
           .fetch = {"w:1"},
           .out = {"float[1,1,1,2] 1 2"}},
          {.name = "a string grows",
           .graph = "def c(i: int32, s: string) -> (r: bool = l:z:0) {"
                    "  n = Const dtype=int32 value=`int32 3`;"
                    "  l = Less(i, n:output:0) T=int32 }"
                    "def d(i: int32, s: string)"
                    "    -> (j: int32 = k:z:0, t: string = q:z:0) {"
                    "  one = Const dtype=int32 value=`int32 1`;"
                    "  k = AddV2(i, one:output:0) T=int32;"
                    "  q = Add(s, s) T=string }"
                    "i = Placeholder dtype=int32;"
                    "s = Placeholder dtype=string;"
                    "w = StatelessWhile(i, s) T=[int32,string] cond=@c body=@d",
           .feed = {"i = int32 0", "s = string[2] 'ab' 'longer than most'"},
           .fetch = {"w:1"},
           .out = {"string[2] 'abababababababab' "
                   "'longer than mostlonger than mostlonger than mostlonger "
                   "than mostlonger than mostlonger than mostlonger than "
                   "mostlonger than most'"}},
          {.name = "a list",
           .graph =
               "def c(i: int32, l: variant) -> (r: bool = less:z:0) {"
               "  n = Const dtype=int32 value=`int32 4`;"
               "  less = Less(i, n:output:0) T=int32 }"
               "def d(i: int32, l: variant)"
               "    -> (j: int32 = k:z:0, m: variant = q:output_handle:0) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  q = TensorListPushBack(l, i) element_dtype=int32 }"
               "i = Placeholder dtype=int32;"
               "shape = Const dtype=int32 value=`int32[0]`;"
               "most = Const dtype=int32 value=`int32 -1`;"
               "l = EmptyTensorList(shape, most) element_dtype=int32 "
               "shape_type=int32;"
               "w = StatelessWhile(i, l) T=[int32,variant] cond=@c body=@d;"
               "y = TensorListStack(w:1, shape) element_dtype=int32 "
               "num_elements=-1",
           .feed = {"i = int32 1"},
           .fetch = {"y"},
           .out = {"int32[3] 1 2 3"}},
          {.name = "the condition is a number",
           .graph = "def c(i: int32) -> (r: int32 = i) { }"
                    "def d(i: int32) -> (j: int32 = k:z:0) {"
                    "  one = Const dtype=int32 value=`int32 1`;"
                    "  k = Sub(i, one:output:0) T=int32 }"
                    "i = Placeholder dtype=int32;"
                    "w = While(i) T=[int32] cond=@c body=@d",
           .feed = {"i = int32 3"},
           .fetch = {"w"},
           .out = {"int32 0"}},
          {.name = "only a variable changes",
           .graph = "def c(h: resource) -> (r: bool = l:z:0) {"
                    "  v = ReadVariableOp(h) dtype=float;"
                    "  n = Const dtype=float value=`float 10`;"
                    "  l = Less(v:value:0, n:output:0) T=float }"
                    "def d(h: resource) -> (h2: resource = h) ^a {"
                    "  v = ReadVariableOp(h) dtype=float;"
                    "  a = AssignAddVariableOp(h, v:value:0) dtype=float }"
                    "v = VarHandleOp dtype=float shape=<>;"
                    "x = Placeholder dtype=float;"
                    "i = AssignVariableOp(v, x) dtype=float;"
                    "w = While(v, ^i) T=[resource] cond=@c body=@d;"
                    "r = ReadVariableOp(v, ^w) dtype=float",
           .feed = {"x = float 3"},
           .fetch = {"r"},
           .out = {"float 12"}},
          {.name = "starts with the value of a reference",
           .graph = "def c(i: int32) -> (r: bool = l:z:0) {"
                    "  n = Const dtype=int32 value=`int32 9`;"
                    "  l = Less(i, n:output:0) T=int32 }"
                    "def d(i: int32) -> (j: int32 = k:z:0) {"
                    "  k = AddV2(i, i) T=int32 }"
                    "v = VariableV2 dtype=int32 shape=<>;"
                    "x = Placeholder dtype=int32;"
                    "a = Assign(v, x) T=int32;"
                    "w = While(a) T=[int32] cond=@c body=@d",
           .feed = {"x = int32 3"},
           .fetch = {"w"},
           .out = {"int32 12"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

TEST_FN(branches_and_loops_nest) {
  static const graph_case rows[] =
      {
          {.name = "a branch in a loop",
           .graph = "def c(i: int32, s: int32) -> (r: bool = l:z:0) {"
                    "  n = Const dtype=int32 value=`int32 6`;"
                    "  l = Less(i, n:output:0) T=int32 }"
                    "def d(i: int32, s: int32)"
                    "    -> (j: int32 = k:z:0, t: int32 = q:output:0) {"
                    "  one = Const dtype=int32 value=`int32 1`;"
                    "  two = Const dtype=int32 value=`int32 2`;"
                    "  k = AddV2(i, one:output:0) T=int32;"
                    "  m = FloorMod(i, two:output:0) T=int32;"
                    "  q = StatelessIf(m:z:0, i, s) Tcond=int32 "
                    "    Tin=[int32,int32] Tout=[int32] then_branch=@add "
                    "    else_branch=@same }"
                    "def add(i: int32, s: int32) -> (r: int32 = a:z:0) {"
                    "  a = AddV2(i, s) T=int32 }"
                    "def same(i: int32, s: int32) -> (r: int32 = s) { }"
                    "i = Placeholder dtype=int32;"
                    "w = StatelessWhile(i, i) T=[int32,int32] cond=@c body=@d",
           .feed = {"i = int32 0"},
           .fetch = {"w:1"},
           .out = {"int32 9"}},
          {.name = "a loop in a branch",
           .graph = "def c(i: float) -> (r: bool = l:z:0) {"
                    "  n = Const dtype=float value=`float 50`;"
                    "  l = Less(i, n:output:0) T=float }"
                    "def d(i: float) -> (j: float = k:z:0) {"
                    "  k = AddV2(i, i) T=float }"
                    "def yes(x: float) -> (r: float = w:output:0) {"
                    "  w = StatelessWhile(x) T=[float] cond=@c body=@d }"
                    "def no(x: float) -> (r: float = x) { }"
                    "p = Placeholder dtype=bool; x = Placeholder dtype=float;"
                    "y = StatelessIf(p, x) Tcond=bool Tin=[float] Tout=[float] "
                    "then_branch=@yes else_branch=@no;"
                    "z = Neg(y) T=float",
           .feed = {"p = bool true", "x = float 3"},
           .fetch = {"z"},
           .out = {"float -96"}},
          {.name = "a loop in a loop in a loop",
           .graph =
               "def c3(i: int32, s: int32) -> (r: bool = l:z:0) {"
               "  n = Const dtype=int32 value=`int32 3`;"
               "  l = Less(i, n:output:0) T=int32 }"
               "def b1(i: int32, s: int32) -> (j: int32 = k:z:0, t: int32 = "
               "m:z:0) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  m = AddV2(s, one:output:0) T=int32 }"
               "def b2(i: int32, s: int32) -> (j: int32 = k:z:0, t: int32 = "
               "w:output:1) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  zero = Const dtype=int32 value=`int32 0`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  w = StatelessWhile(zero:output:0, s) T=[int32,int32] "
               "    cond=@c3 body=@b1 }"
               "def b3(i: int32, s: int32) -> (j: int32 = k:z:0, t: int32 = "
               "w:output:1) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  zero = Const dtype=int32 value=`int32 0`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  w = StatelessWhile(zero:output:0, s) T=[int32,int32] "
               "    cond=@c3 body=@b2 }"
               "i = Placeholder dtype=int32;"
               "w = StatelessWhile(i, i) T=[int32,int32] cond=@c3 body=@b3",
           .feed = {"i = int32 0"},
           .fetch = {"w:1"},
           .out = {"int32 27"}},
          {.name = "the inner loop grows what the outer one carries",
           .graph =
               "def c(i: int32, a: float) -> (r: bool = l:z:0) {"
               "  n = Const dtype=int32 value=`int32 2`;"
               "  l = Less(i, n:output:0) T=int32 }"
               "def b1(i: int32, a: float) -> (j: int32 = k:z:0, t: float = "
               "m:output:0) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  zero = Const dtype=int32 value=`int32 0`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  m = ConcatV2(a, a, zero:output:0) T=float N=2 Tidx=int32 }"
               "def b2(i: int32, a: float) -> (j: int32 = k:z:0, t: float = "
               "g:y:0) {"
               "  one = Const dtype=int32 value=`int32 1`;"
               "  zero = Const dtype=int32 value=`int32 0`;"
               "  k = AddV2(i, one:output:0) T=int32;"
               "  w = StatelessWhile(zero:output:0, a) T=[int32,float] "
               "    cond=@c body=@b1;"
               "  g = Neg(w:output:1) T=float }"
               "i = Placeholder dtype=int32; a = Placeholder dtype=float;"
               "w = StatelessWhile(i, a) T=[int32,float] cond=@c body=@b2;"
               "y = Square(w:1) T=float",
           .feed = {"i = int32 0", "a = float[1] 3"},
           .fetch = {"w:1", "y"},
           .out = {"float[16] 3", "float[16] 9"}},
          {.name = "calls in calls",
           .graph =
               "def inner(a: float) -> (r: float = n:y:0) {"
               "  n = Neg(a) T=float }"
               "def outer(a: float) -> (r: float = p:output:0, s: float = "
               "q:r:0) {"
               "  p = PartitionedCall(a) Tin=[float] Tout=[float] f=@inner;"
               "  q = inner(p:output:0) }"
               "x = Placeholder dtype=float;"
               "y = StatefulPartitionedCall(x) Tin=[float] "
               "Tout=[float,float] f=@outer",
           .feed = {"x = float 3"},
           .fetch = {"y", "y:1"},
           .out = {"float -3", "float 3"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

TEST_FN(functions_are_checked) {
  static const graph_case rows[] =
      {
          {.name = "no such function",
           .graph = "x = Placeholder dtype=float;"
                    "y = PartitionedCall(x) Tin=[float] Tout=[float] f=@gone",
           .feed = {"x = float 3"},
           .fetch = {"y"},
           .code = FIRN_NOT_FOUND,
           .says = "node 'y' (PartitionedCall): there is no function 'gone'"},
          {.name = "too few arguments",
           .graph = "def f(a: float, b: float) -> (r: float = a) { }"
                    "x = Placeholder dtype=float;"
                    "y = PartitionedCall(x) Tin=[float] Tout=[float] f=@f",
           .feed = {"x = float 3"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (PartitionedCall): gives 1 arguments to function "
                   "'f', which wants 2"},
          {.name = "an argument of another type",
           .graph = "def f(a: int32) -> (r: int32 = n:y:0) {"
                    "  n = Neg(a) T=int32 }"
                    "x = Placeholder dtype=float;"
                    "y = PartitionedCall(x) Tin=[float] Tout=[int32] f=@f",
           .feed = {"x = float 3"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "function 'f': argument 'a' is float32, it wants int32"},
          {.name = "more outputs than results",
           .graph = "def f(a: float) -> (r: float = a) { }"
                    "x = Placeholder dtype=float;"
                    "y = PartitionedCall(x) Tin=[float] Tout=[float,float] "
                    "f=@f",
           .feed = {"x = float 3"},
           .fetch = {"y:1"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (PartitionedCall): has 2 outputs, the function "
                   "returns 1"},
          {.name = "a branch of another type",
           .graph = "def yes(a: float) -> (r: float = a) { }"
                    "def no(a: float) -> (r: int32 = n:output:0) {"
                    "  n = Const dtype=int32 value=`int32 1` }"
                    "p = Placeholder dtype=bool; x = Placeholder dtype=float;"
                    "y = StatelessIf(p, x) Tcond=bool Tin=[float] "
                    "Tout=[float] then_branch=@yes else_branch=@no",
           .feed = {"p = bool false", "x = float 3"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (StatelessIf): function 'no' returns value 0 as "
                   "int32, not float32"},
          {.name = "a number where a string is promised",
           .graph = "def yes(a: int32) -> (r: int32 = a) { }"
                    "p = Placeholder dtype=bool; x = Placeholder dtype=int32;"
                    "y = StatelessIf(p, x) Tcond=bool Tin=[int32] "
                    "Tout=[string] then_branch=@yes else_branch=@yes",
           .feed = {"p = bool false", "x = int32 3"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (StatelessIf): function 'yes' returns value 0 as "
                   "int32, not string"},
          {.name = "too few results of a branch",
           .graph = "def yes(a: float) -> (r: float = a) { }"
                    "def no(a: float) -> () { }"
                    "p = Placeholder dtype=bool; x = Placeholder dtype=float;"
                    "y = StatelessIf(p, x) Tcond=bool Tin=[float] "
                    "Tout=[float] then_branch=@yes else_branch=@no",
           .feed = {"p = bool false", "x = float 3"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (StatelessIf): function 'no' returns 0 values, "
                   "not 1"},
          {.name = "a loop that changes its type",
           .graph = "def c(i: int32) -> (r: int32 = i) { }"
                    "def d(i: int32) -> (j: float = k:y:0) {"
                    "  k = Cast(i) SrcT=int32 DstT=float }"
                    "i = Placeholder dtype=int32;"
                    "w = While(i) T=[int32] cond=@c body=@d",
           .feed = {"i = int32 3"},
           .fetch = {"w"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'w' (While): value 0 goes into the body as int32 and "
                   "comes back as float32"},
          {.name = "a loop that loses a value",
           .graph = "def c(i: int32) -> (r: int32 = i) { }"
                    "def d(i: int32) -> () { }"
                    "i = Placeholder dtype=int32;"
                    "w = While(i) T=[int32] cond=@c body=@d",
           .feed = {"i = int32 3"},
           .fetch = {"w"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'w' (While): with 1 inputs, its body returns 0 values "
                   "and its condition 1"},
          {.name = "no function at all",
           .graph = "x = Placeholder dtype=float;"
                    "y = PartitionedCall(x) Tin=[float] Tout=[float] f=3",
           .feed = {"x = float 3"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'y' (PartitionedCall): attr 'f' names no function"},
          {.name = "nothing is returned",
           .graph = "def f(a: float) -> (r: float = b:y:0) { }"
                    "x = Placeholder dtype=float;"
                    "y = PartitionedCall(x) Tin=[float] Tout=[float] f=@f",
           .feed = {"x = float 3"},
           .fetch = {"y"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "function 'f': there is no 'b:y:0' in its body"},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

/* ---- Nodes -------------------------------------------------------------- */

/* The plumbing of a carried value: Enter, Merge, Switch, NextIteration, Exit of
 * value `v`, which starts as `init` and is `v_body` inside. */
#define CARRIED(v, type, init, next)                                        \
  "e_" #v " = Enter(" #init ") T=" #type                                    \
  " frame_name='f';"                                                        \
  "m_" #v " = Merge(e_" #v ", n_" #v ") T=" #type                           \
  " N=2;"                                                                   \
  "s_" #v " = Switch(m_" #v ", c) T=" #type ";" #v "_body = Identity(s_" #v \
  ":1) T=" #type                                                            \
  ";"                                                                       \
  "n_" #v " = NextIteration(" #next ") T=" #type                            \
  ";"                                                                       \
  "x_" #v " = Exit(s_" #v ") T=" #type ";"

/* Counts i from `from` to `to`. */
#define COUNTED                                               \
  CARRIED(i, int32, from, k)                                  \
  "e_to = Enter(to) T=int32 frame_name='f' is_constant=true;" \
  "l = Less(m_i, e_to) T=int32; c = LoopCond(l);"             \
  "one = Const(^i_body) dtype=int32 value=`int32 1`;"         \
  "k = AddV2(i_body, one) T=int32;"                           \
  "from = Placeholder dtype=int32; to = Placeholder dtype=int32;"

TEST_FN(frames_go_round) {
  static const graph_case
      rows[] =
          {
              {.name = "three times",
               .graph = COUNTED,
               .feed = {"from = int32 2", "to = int32 5"},
               .fetch = {"x_i"},
               .out = {"int32 5"}},
              {.name = "never",
               .graph = COUNTED,
               .feed = {"from = int32 7", "to = int32 5"},
               .fetch = {"x_i"},
               .out = {"int32 7"}},
              {.name = "too often",
               .graph = COUNTED,
               .feed = {"from = int32 0", "to = int32 5"},
               .fetch = {"x_i"},
               .limits = {.iterations = 4},
               .code = FIRN_RESOURCE_EXHAUSTED,
               .says = "node 'c' (LoopCond): the loop has not ended after 4 "
                       "rounds"},
              {.name = "values change places",
               .graph = COUNTED CARRIED(a, float, a0, b_body) CARRIED(
                   b, float, b0, a_body) CARRIED(s, string, s0, t_body)
                   CARRIED(
                       t, string, t0,
                       s_body) "a0 = Const dtype=float value=`float[2] 1 2`;"
                               "b0 = Const dtype=float value=`float[2] 3 4`;"
                               "s0 = Const dtype=string value=`string 'ess'`;"
                               "t0 = Const dtype=string value=`string 'tee'`",
               .feed = {"from = int32 0", "to = int32 3"},
               .fetch = {"x_a", "x_b", "x_s", "x_t"},
               .out = {"float[2] 3 4", "float[2] 1 2", "string 'tee'",
                       "string 'ess'"}},
              {.name = "a sum of what changed places",
               .graph = COUNTED CARRIED(a,
                                        float, a0, b_body) CARRIED(b,
                                                                   float, b0, sum) "sum = AddV2(a_body, b_body) T=float;"
                                                                                   "a0 = Const dtype=float value=`float 0`;"
                                                                                   "b0 = Const dtype=float value=`float 1`",
               .feed = {"from = int32 0", "to = int32 10"},
               .fetch = {"x_a", "x_b"},
               .out = {"float 55", "float 89"}},
              {.name = "grows",
               .graph = COUNTED CARRIED(a, float,
                                        a0, cat) "cat = ConcatV2(a_body, more, "
                                                 "axis) T=float N=2 Tidx=int32;"
                                                 "axis = Const(^i_body) "
                                                 "dtype=int32 value=`int32 0`;"
                                                 "more = Cast(dim) SrcT=int32 "
                                                 "DstT=float;"
                                                 "dim = ExpandDims(i_body, "
                                                 "axis) T=int32 Tdim=int32;"
                                                 "a0 = Placeholder dtype=float",
               .feed = {"from = int32 0", "to = int32 3", "a0 = float[1] 9"},
               .fetch = {"x_a"},
               .out = {"float[4] 9 0 1 2"}},
              {.name = "starts with a reference's value",
               .graph =
                   COUNTED CARRIED(a, float,
                                   v, twice) "twice = AddV2(a_body, a_body) "
                                             "T=float;"
                                             "v0 = VariableV2 dtype=float "
                                             "shape=<>;"
                                             "v = Assign(v0, a0) T=float; a0 = "
                                             "Placeholder dtype=float",
               .feed = {"from = int32 0", "to = int32 3", "a0 = float 3"},
               .fetch = {"x_a"},
               .out = {"float 24"}},
              {.name = "takes a reference's value along",
               .graph =
                   COUNTED CARRIED(a, float,
                                   a0, more) "more = AddV2(a_body, e_v) "
                                             "T=float;"
                                             "e_v = Enter(v) T=float "
                                             "frame_name='f' is_constant=true;"
                                             "v0 = VariableV2 dtype=float "
                                             "shape=<>;"
                                             "v = Assign(v0, a0) T=float; a0 = "
                                             "Placeholder dtype=float",
               .feed = {"from = int32 0", "to = int32 3", "a0 = float 3"},
               .fetch = {"x_a"},
               .out = {"float 12"}},
              {.name = "adds to a resource",
               .graph = COUNTED
               "h = VarHandleOp dtype=float shape=<>;"
               "a0 = Placeholder dtype=float;"
               "init = AssignVariableOp(h, a0) dtype=float;"
               "e_h = Enter(h, ^init) T=resource frame_name='f' "
               "is_constant=true;"
               "two = Const(^i_body) dtype=float value=`float 2`;"
               "add = AssignAddVariableOp(e_h, two, ^i_body) dtype=float;"
               "k2 = Identity(k, ^add) T=int32;"
               "done = Identity(x_i2) T=int32;"
               "n_i2 = NextIteration(k2) T=int32;"
               "e_i2 = Enter(from) T=int32 frame_name='f';"
               "m_i2 = Merge(e_i2, n_i2) T=int32 N=2;"
               "s_i2 = Switch(m_i2, c) T=int32; x_i2 = Exit(s_i2) T=int32;"
               "read = ReadVariableOp(h, ^done) dtype=float",
               .feed = {"from = int32 0", "to = int32 3", "a0 = float 3"},
               .fetch = {"read"},
               .out = {"float 9"}},
              {.name = "the body uses what the condition computed",
               .graph = CARRIED(i, int32, from, k) CARRIED(a, float, a0, more) "from = Placeholder dtype=int32; to = Placeholder dtype=int32;"
                                                                               "e_to = Enter(to) T=int32 frame_name='f' is_constant=true;"
                                                                               "l = Less(m_i, e_to) T=int32;"
                                                                               "one = Const(^i_body) dtype=int32 value=`int32 1`;"
                                                                               "k = AddV2(i_body, one) T=int32;"
                                                                               "sq = Square(e_b) T=float;"
                                                                               "e_b = Enter(a0) T=float frame_name='f' is_constant=true;"
                                                                               "ten = Mul(sq, sq) T=float;"
                                                                               "big = Greater(ten, m_a) T=float;"
                                                                               "both = LogicalAnd(l, big);"
                                                                               "c = LoopCond(both);"
                                                                               "more = AddV2(a_body, sq_in) T=float;"
                                                                               "sw = Switch(sq, c) T=float;"
                                                                               "sq_in = Identity(sw:1) T=float;"
                                                                               "a0 = Placeholder dtype=float",
               .feed = {"from = int32 0", "to = int32 3", "a0 = float 2"},
               .fetch = {"x_a"},
               .out = {"float 14"}},
              {.name = "a condition inside",
               .graph =
                   COUNTED
                       CARRIED(a, int32,
                               from, a_next) "two = Const(^i_body) dtype=int32 "
                                             "value=`int32 2`;"
                                             "mod = FloorMod(i_body, two) "
                                             "T=int32;"
                                             "zero = Const(^i_body) "
                                             "dtype=int32 value=`int32 0`;"
                                             "odd = NotEqual(mod, zero) "
                                             "T=int32;"
                                             "sa = Switch(a_body, odd) T=int32;"
                                             "si = Switch(i_body, odd) T=int32;"
                                             "sum = AddV2(sa:1, si:1) T=int32;"
                                             "a_next = Merge(sa, sum) T=int32 "
                                             "N=2",
               .feed = {"from = int32 0", "to = int32 6"},
               .fetch = {"x_a"},
               .out = {"int32 9"}},
          },
      *row;
  EACH (row, rows) graph_check(row);
}

#define NESTED                                                      \
  "i0 = Placeholder dtype=int32; n = Placeholder dtype=int32;"      \
  "s0 = Const dtype=int32 value=`int32 0`;"                         \
  "ei = Enter(i0) T=int32 frame_name='outer';"                      \
  "es = Enter(s0) T=int32 frame_name='outer';"                      \
  "en = Enter(n) T=int32 frame_name='outer' is_constant=true;"      \
  "mi = Merge(ei, ni) T=int32 N=2; ms = Merge(es, ns) T=int32 N=2;" \
  "l = Less(mi, en) T=int32; c = LoopCond(l);"                      \
  "wi = Switch(mi, c) T=int32; ws = Switch(ms, c) T=int32;"         \
  "bi = Identity(wi:1) T=int32; bs = Identity(ws:1) T=int32;"       \
  "zero = Const(^bi) dtype=int32 value=`int32 0`;"                  \
  "one = Const(^bi) dtype=int32 value=`int32 1`;"                   \
  "fj = Enter(zero) T=int32 frame_name='inner';"                    \
  "ft = Enter(bs) T=int32 frame_name='inner';"                      \
  "fi = Enter(bi) T=int32 frame_name='inner' is_constant=true;"     \
  "fo = Enter(one) T=int32 frame_name='inner' is_constant=true;"    \
  "oj = Merge(fj, gj) T=int32 N=2; ot = Merge(ft, gt) T=int32 N=2;" \
  "k = LessEqual(oj, fi) T=int32; d = LoopCond(k);"                 \
  "vj = Switch(oj, d) T=int32; vt = Switch(ot, d) T=int32;"         \
  "cj = Identity(vj:1) T=int32; ct = Identity(vt:1) T=int32;"       \
  "pj = AddV2(cj, fo) T=int32; pt = AddV2(ct, cj) T=int32;"         \
  "gj = NextIteration(pj) T=int32; gt = NextIteration(pt) T=int32;" \
  "xj = Exit(vj) T=int32; xt = Exit(vt) T=int32;"                   \
  "qi = AddV2(bi, one) T=int32;"                                    \
  "ni = NextIteration(qi) T=int32; ns = NextIteration(xt) T=int32;" \
  "yi = Exit(wi) T=int32; ys = Exit(ws) T=int32;"

TEST_FN(frames_nest) {
  static const graph_case rows[] =
      {
          {.name = "a triangle of triangles",
           .graph = NESTED,
           .feed = {"i0 = int32 0", "n = int32 5"},
           .fetch = {"ys", "yi"},
           .out = {"int32 20", "int32 5"}},
          {.name = "never",
           .graph = NESTED,
           .feed = {"i0 = int32 5", "n = int32 5"},
           .fetch = {"ys", "yi"},
           .out = {"int32 0", "int32 5"}},
          {.name = "behind a switch that goes its way",
           .graph = NESTED
           "p = Placeholder dtype=bool; r = Placeholder dtype=int32;"
           "n_sw = Switch(r, p) T=int32;"
           "i0_sw = Const(^on) dtype=int32 value=`int32 0`;"
           "on = Identity(n_sw:1) T=int32;"
           "e = Enter(i0_sw) T=int32 frame_name='third';"
           "en3 = Enter(n_sw:1) T=int32 frame_name='third' is_constant=true;"
           "m = Merge(e, nx) T=int32 N=2; l3 = Less(m, en3) T=int32;"
           "c3 = LoopCond(l3); s3 = Switch(m, c3) T=int32;"
           "b3 = Identity(s3:1) T=int32;"
           "two = Const(^b3) dtype=int32 value=`int32 2`;"
           "a3 = AddV2(b3, two) T=int32; nx = NextIteration(a3) T=int32;"
           "x3 = Exit(s3) T=int32;"
           "y = Merge(n_sw, x3) T=int32 N=2",
           .feed = {"p = bool true", "r = int32 5"},
           .fetch = {"y", "y:1"},
           .out = {"int32 6", "int32 1"}},
          {.name = "behind a switch that goes the other way",
           .graph = "p = Placeholder dtype=bool; r = Placeholder dtype=int32;"
                    "n_sw = Switch(r, p) T=int32;"
                    "i0_sw = Const(^on) dtype=int32 value=`int32 0`;"
                    "on = Identity(n_sw:1) T=int32;"
                    "e = Enter(i0_sw) T=int32 frame_name='third';"
                    "en3 = Enter(n_sw:1) T=int32 frame_name='third' "
                    "is_constant=true;"
                    "m = Merge(e, nx) T=int32 N=2; l3 = Less(m, en3) T=int32;"
                    "c3 = LoopCond(l3); s3 = Switch(m, c3) T=int32;"
                    "b3 = Identity(s3:1) T=int32;"
                    "two = Const(^b3) dtype=int32 value=`int32 2`;"
                    "a3 = AddV2(b3, two) T=int32;"
                    "nx = NextIteration(a3) T=int32;"
                    "x3 = Exit(s3) T=int32;"
                    "y = Merge(n_sw, x3) T=int32 N=2",
           .feed = {"p = bool false", "r = int32 5"},
           .fetch = {"y", "y:1"},
           .out = {"int32 5", "int32 0"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

TEST_FN(odd_frames_are_refused) {
  static const graph_case rows[] =
      {
          {.name = "a value of the inside",
           .graph = COUNTED,
           .feed = {"from = int32 2", "to = int32 5"},
           .fetch = {"k"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "'k' (AddV2) lies inside of a loop and cannot be fetched"},
          {.name = "no LoopCond",
           .graph = "x = Placeholder dtype=float;"
                    "e = Enter(x) T=float frame_name='f';"
                    "y = Exit(e) T=float",
           .feed = {"x = float 2"},
           .fetch = {"y"},
           .code = FIRN_UNIMPLEMENTED,
           .says = "loop 'f' has no condition"},
          {.name = "comes back as another type",
           .graph = COUNTED CARRIED(a, string, a0,
                                    k) "a0 = Placeholder dtype=string",
           .feed = {"from = int32 0", "to = int32 3", "a0 = string 'a'"},
           .fetch = {"x_a"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'm_a' (Merge): goes into the loop's body as string "
                   "and comes back as int32"},
          {.name = "a number as a resource",
           .graph = COUNTED CARRIED(a, resource, a0,
                                    k) "a0 = VarHandleOp dtype=float shape=<>;"
                                       "read = ReadVariableOp(x_a) dtype=float",
           .feed = {"from = int32 0", "to = int32 3"},
           .fetch = {"read"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'm_a' (Merge): goes into the loop's body as resource "
                   "and comes back as int32"},
          {.name = "a cycle without a NextIteration",
           .graph = "x = Placeholder dtype=float;"
                    "a = AddV2(x, b) T=float; b = Neg(a) T=float",
           .feed = {"x = float 2"},
           .fetch = {"b"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "the graph has a cycle",
           .line = {"in the cycle or behind it: 'a' (AddV2)",
                    "in the cycle or behind it: 'b' (Neg)"}},
          {.name = "out of the inside without an Exit",
           .graph = COUNTED "y = Neg(k) T=int32; z = AddV2(y, x_i) T=int32",
           .feed = {"from = int32 0", "to = int32 3"},
           .fetch = {"z"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'z' (AddV2): input 1 comes out of a loop's inside "
                   "without an Exit"},
          {.name = "from two loops",
           .graph = COUNTED
           "e2 = Enter(from) T=int32 frame_name='g';"
           "m2 = Merge(e2, n2) T=int32 N=2;"
           "e3 = Enter(to) T=int32 frame_name='g' is_constant=true;"
           "l2 = Less(m2, e3) T=int32; c2 = LoopCond(l2);"
           "s2 = Switch(m2, c2) T=int32; b2 = Identity(s2:1) T=int32;"
           "k2 = AddV2(b2, k) T=int32; n2 = NextIteration(k2) T=int32;"
           "x2 = Exit(s2) T=int32",
           .feed = {"from = int32 0", "to = int32 3"},
           .fetch = {"x2"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'k2' (AddV2): takes values from the inside of two "
                   "loops"},
          {.name = "nothing comes out of the round",
           .graph = COUNTED CARRIED(
               a, float, a0,
               dead) "p = Const(^i_body) dtype=bool value=`bool false`;"
                     "sw = Switch(a_body, p) T=float;"
                     "dead = Neg(sw:1) T=float;"
                     "a0 = Placeholder dtype=float",
           .feed = {"from = int32 0", "to = int32 3", "a0 = float 1"},
           .fetch = {"x_a"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'c' (LoopCond): value 1 of the loop is dead after a "
                   "round"},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

/* x or its negative, by Switch and Merge. */
#define CHOICE                                               \
  "p = Placeholder dtype=bool; x = Placeholder dtype=float;" \
  "sw = Switch(x, p) T=float; neg = Neg(sw) T=float;"        \
  "y = Merge(neg, sw:1) T=float N=2;"

TEST_FN(switch_and_merge_choose) {
  static const graph_case rows[] =
      {
          {.name = "true",
           .graph = CHOICE,
           .feed = {"p = bool true", "x = float[2] 3 4"},
           .fetch = {"y", "y:1"},
           .out = {"float[2] 3 4", "int32 1"}},
          {.name = "false",
           .graph = CHOICE,
           .feed = {"p = bool false", "x = float[2] 3 4"},
           .fetch = {"y", "y:1"},
           .out = {"float[2] -3 -4", "int32 0"}},
          {.name = "known before the run",
           .graph = "p = Const dtype=bool value=`bool false`;"
                    "x = Placeholder dtype=float;"
                    "sw = Switch(x, p) T=float; neg = Neg(sw) T=float;"
                    "y = Merge(neg, sw:1) T=float N=2;"
                    "z = Neg(y) T=float",
           .feed = {"x = float[2] 3 4"},
           .fetch = {"z", "y", "y:1"},
           .out = {"float[2] 3 4", "float[2] -3 -4", "int32 0"}},
          {.name = "a dead value is not there to be fetched",
           .graph = CHOICE,
           .feed = {"p = bool true", "x = float 3"},
           .fetch = {"neg"},
           .code = FIRN_INVALID_ARGUMENT,
           .says =
               "node 'neg' (Neg): its value was not computed, since it lies "
               "behind a branch that was not taken"},
          {.name = "the live side can be fetched",
           .graph = CHOICE,
           .feed = {"p = bool true", "x = float 3"},
           .fetch = {"sw:1"},
           .out = {"float 3"}},
          {.name = "one of three",
           .graph = "i = Placeholder dtype=int32; x = Placeholder dtype=float;"
                    "sw = _SwitchN(x, i) T=float num_outs=3;"
                    "a = Neg(sw) T=float; b = Square(sw:1) T=float;"
                    "y = Merge(a, b, sw:2) T=float N=3",
           .feed = {"i = int32 1", "x = float 3"},
           .fetch = {"y", "y:1"},
           .out = {"float 9", "int32 1"}},
          {.name = "nested",
           .graph = CHOICE "q = Placeholder dtype=bool;"
                           "qs = Switch(q, p) T=bool;"
                           "in = Switch(sw:1, qs:1) T=float;"
                           "sq = Square(in:1) T=float;"
                           "im = Merge(in, sq) T=float N=2;"
                           "z = Merge(neg, im) T=float N=2",
           .feed = {"p = bool true", "q = bool true", "x = float 3"},
           .fetch = {"z"},
           .out = {"float 9"}},
          {.name = "nested, the outer one elsewhere",
           .graph = CHOICE "q = Placeholder dtype=bool;"
                           "qs = Switch(q, p) T=bool;"
                           "in = Switch(sw:1, qs:1) T=float;"
                           "sq = Square(in:1) T=float;"
                           "im = Merge(in, sq) T=float N=2;"
                           "z = Merge(neg, im) T=float N=2",
           .feed = {"p = bool false", "q = bool true", "x = float 3"},
           .fetch = {"z"},
           .out = {"float -3"}},
          {.name = "nested and constant, and not reached",
           .graph = "p = Placeholder dtype=bool;"
                    "v = VariableV2 dtype=float shape=<>;"
                    "zero = Const dtype=float value=`float 0`;"
                    "init = Assign(v, zero) T=float;"
                    "sp = Switch(p, p) T=bool; on = Identity(sp:1) T=bool;"
                    "q = Const(^on) dtype=bool value=`bool true`;"
                    "c = Const(^on) dtype=float value=`float 5`;"
                    "sq = Switch(c, q) T=float;"
                    "add = AssignAdd(init, sq:1) T=float;"
                    "off = Identity(sp) T=bool;"
                    "f = Const(^off) dtype=float value=`float 7`;"
                    "m = Merge(add, f) T=float N=2;"
                    "r = Identity(v, ^m, ^init) T=float",
           .feed = {"p = bool false"},
           .fetch = {"m", "r"},
           .out = {"float 7", "float 0"}},
          {.name = "who waits for a dead node is dead",
           .graph = CHOICE
           "v = VarHandleOp dtype=float shape=<>;"
           "zero = Const dtype=float value=`float 0`;"
           "one = Const dtype=float value=`float 1`;"
           "init = AssignVariableOp(v, zero) dtype=float;"
           "add = AssignAddVariableOp(v, one, ^init, ^neg) dtype=float;"
           "after = Merge(neg, sw:1) T=float N=2;"
           "wait = NoOp(^init, ^y);"
           "r = ReadVariableOp(v, ^wait) dtype=float",
           .feed = {"p = bool true", "x = float 3"},
           .fetch = {"r"},
           .target = {"add"},
           .out = {"float 0"}},
          {.name = "a convolution in a dead branch, and who waits for it",
           .graph =
               "p = Placeholder dtype=bool; x = Placeholder dtype=float;"
               "sw = Switch(x, p) T=float;"
               "w = Const dtype=float value=`float[1,1,1,2] 2 3`;"
               "conv = Conv2D(sw:1, w) T=float strides=[1,1,1,1] "
               "padding='VALID';"
               "relu = Relu(conv) T=float;"
               "v = VarHandleOp dtype=float shape=<>;"
               "zero = Const dtype=float value=`float 0`;"
               "one = Const dtype=float value=`float 1`;"
               "init = AssignVariableOp(v, zero) dtype=float;"
               "add = AssignAddVariableOp(v, one, ^init, ^conv) dtype=float;"
               "y = Merge(sw, relu) T=float N=2;"
               "wait = NoOp(^init, ^y);"
               "r = ReadVariableOp(v, ^wait) dtype=float",
           .feed = {"p = bool false", "x = float[1,1,1,1] 5"},
           .fetch = {"y", "r"},
           .target = {"add"},
           .out = {"float[1,1,1,1] 5", "float 0"}},
          {.name = "a call in a dead branch",
           .graph = CHOICE
           "def f(h: resource, a: float) -> (r: float = a) ^add {"
           "  one = Const dtype=float value=`float 1`;"
           "  add = AssignAddVariableOp(h, one:output:0) dtype=float }"
           "v = VarHandleOp dtype=float shape=<>;"
           "zero = Const dtype=float value=`float 0`;"
           "init = AssignVariableOp(v, zero) dtype=float;"
           "call = StatefulPartitionedCall(v, sw, ^init) "
           "Tin=[resource,float] Tout=[float] f=@f;"
           "m = Merge(call, sw:1) T=float N=2;"
           "r = ReadVariableOp(v, ^m, ^init) dtype=float",
           .feed = {"p = bool true", "x = float 3"},
           .fetch = {"m", "r"},
           .out = {"float 3", "float 0"}},
          {.name = "who waits for a dead call is dead",
           .graph = CHOICE
           "def f(a: float) -> (r: float = n:y:0) {"
           "  n = Neg(a) T=float }"
           "v = VarHandleOp dtype=float shape=<>;"
           "zero = Const dtype=float value=`float 0`;"
           "one = Const dtype=float value=`float 1`;"
           "init = AssignVariableOp(v, zero) dtype=float;"
           "call = StatefulPartitionedCall(sw) Tin=[float] Tout=[float] f=@f;"
           "add = AssignAddVariableOp(v, one, ^init, ^call) dtype=float;"
           "wait = NoOp(^init, ^y);"
           "r = ReadVariableOp(v, ^wait) dtype=float",
           .feed = {"p = bool true", "x = float 3"},
           .fetch = {"r"},
           .target = {"add"},
           .out = {"float 0"}},
          {.name = "who waits for a dead IdentityN is dead",
           .graph = CHOICE
           "v = VarHandleOp dtype=float shape=<>;"
           "zero = Const dtype=float value=`float 0`;"
           "one = Const dtype=float value=`float 1`;"
           "init = AssignVariableOp(v, zero) dtype=float;"
           "both = IdentityN(x, sw) T=[float,float];"
           "add = AssignAddVariableOp(v, one, ^init, ^both) dtype=float;"
           "wait = NoOp(^init, ^y);"
           "r = ReadVariableOp(v, ^wait) dtype=float",
           .feed = {"p = bool true", "x = float 3"},
           .fetch = {"r"},
           .target = {"add"},
           .out = {"float 0"}},
          {.name = "a dead value out of a branch",
           .graph =
               "def yes(q: bool, a: float) -> (r: float = sw:output_true:0) {"
               "  sw = Switch(a, q) T=float }"
               "def no(q: bool, a: float) -> (r: float = a) { }"
               "p = Placeholder dtype=bool; q = Placeholder dtype=bool;"
               "x = Placeholder dtype=float;"
               "y = StatelessIf(p, q, x) Tcond=bool Tin=[bool,float] "
               "Tout=[float] then_branch=@yes else_branch=@no;"
               "z = Neg(y) T=float",
           .feed = {"p = bool true", "q = bool false", "x = float 3"},
           .fetch = {"z"},
           .code = FIRN_INVALID_ARGUMENT,
           .says = "node 'z' (Neg): its value was not computed, since it lies "
                   "behind a branch that was not taken"},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

/* What one run left dead is there again in the next, and the other way round.
 */
TEST_FN(deadness_does_not_last) {
  static const char *const graphs[] = {
      CHOICE,
      /* constants on both sides */
      "p = Placeholder dtype=bool; x = Placeholder dtype=float;"
      "sp = Switch(p, p) T=bool; on = Identity(sp:1) T=bool;"
      "off = Identity(sp) T=bool;"
      "a = Const(^off) dtype=float value=`float[2] -3 -4`;"
      "b = Const(^on) dtype=float value=`float[2] 3 4`;"
      "b1 = Identity(b) T=float; b2 = Neg(b1) T=float; b3 = Neg(b2) T=float;"
      "y = Merge(a, b3) T=float N=2",
      /* a branch whose outcome is known behind one that is not */
      "def same(a: float) -> (r: float = a) { }"
      "def zero(a: float) -> (r: float = z:y:0) { z = ZerosLike(a) T=float }"
      "p = Placeholder dtype=bool; x = Placeholder dtype=float;"
      "sp = Switch(p, p) T=bool; on = Identity(sp:1) T=bool;"
      "off = Identity(sp) T=bool;"
      "a = Const(^off) dtype=float value=`float[2] -3 -4`;"
      "b = Const(^on) dtype=float value=`float[2] 3 4`;"
      "q = Const dtype=bool value=`bool true`;"
      "b1 = StatelessIf(q, b) Tcond=bool Tin=[float] Tout=[float] "
      "then_branch=@same else_branch=@zero;"
      "y = Merge(a, b1) T=float N=2",
      /* the number of a merge with one live side */
      "p = Placeholder dtype=bool; x = Placeholder dtype=float;"
      "sw = Switch(x, p) T=float; neg = Neg(sw) T=float;"
      "q = Const dtype=bool value=`bool true`;"
      "in = Switch(sw:1, q) T=float; im = Merge(in, in:1) T=float N=2;"
      "y = Merge(neg, im) T=float N=2",
  };
  for (size_t g = 0; g < FIRN_COUNT(graphs); g++) {
    graph_rig rig;
    graph_open(&rig, graphs[g], NULL);
    for (int i = 0; i < 6; i++) {
      const bool yes = i % 3 != 1;
      const char *const feed[] = {yes ? "p = bool true" : "p = bool false",
                                  "x = float[2] 3 4", NULL};
      const char *const fetch[] = {"y", NULL};
      CHECK_OK(graph_run(&rig, NULL, feed, fetch, NULL), &rig.err);
      graph_expect(&rig, 0, yes ? "float[2] 3 4" : "float[2] -3 -4", 0);
    }
    graph_close(&rig);
  }
}

/* A condition inside a loop's condition: a value that a dead step left behind
 * from the round before is not taken for alive. */
TEST_FN(deadness_does_not_last_from_round_to_round) {
  static const graph_case rows[] =
      {
          {.name = "in the condition",
           .graph = CARRIED(
               i, int32, from,
               k) "from = Placeholder dtype=int32;"
                  "e_to = Enter(to) T=int32 frame_name='f' is_constant=true;"
                  "to = Placeholder dtype=int32;"
                  "two = Const(^m_i) dtype=int32 value=`int32 2`;"
                  "less = Less(m_i, two) T=int32;"
                  "sw = Switch(m_i, less) T=int32;"
                  "lo = ExpandDims(sw:1, axis) T=int32 Tdim=int32;"
                  "axis = Const(^m_i) dtype=int32 value=`int32 0`;"
                  "u = Unique(lo) T=int32 out_idx=int32;" /* its shape is its
                                                             own */
                  "hi = ExpandDims(sw, axis) T=int32 Tdim=int32;"
                  "u2 = Unique(hi) T=int32 out_idx=int32;"
                  "m = Merge(u, u2) T=int32 N=2;"
                  "back = Sum(m, axis) T=int32 Tidx=int32;"
                  "l = Less(back, e_to) T=int32; c = LoopCond(l);"
                  "one = Const(^i_body) dtype=int32 value=`int32 1`;"
                  "k = AddV2(i_body, one) T=int32;",
           .feed = {"from = int32 0", "to = int32 5"},
           .fetch = {"x_i"},
           .out = {"int32 5"}},
          {.name = "in the body",
           .graph = COUNTED CARRIED(
               a, int32, from,
               a_next) "two = Const(^i_body) dtype=int32 value=`int32 2`;"
                       "less = Less(i_body, two) T=int32;"
                       "axis = Const(^i_body) dtype=int32 value=`int32 0`;"
                       "sw = Switch(i_body, less) T=int32;"
                       "lo = ExpandDims(sw:1, axis) T=int32 Tdim=int32;"
                       "u = Unique(lo) T=int32 out_idx=int32;"
                       "hi = ExpandDims(sw, axis) T=int32 Tdim=int32;"
                       "h2 = Neg(hi) T=int32;"
                       "u2 = Unique(h2) T=int32 out_idx=int32;"
                       "m = Merge(u, u2) T=int32 N=2;"
                       "s = Sum(m, axis) T=int32 Tidx=int32;"
                       "a_next = AddV2(a_body, s) T=int32",
           .feed = {"from = int32 0", "to = int32 5"},
           .fetch = {"x_a"},
           .out = {"int32 -8"}},
      },
                          *row;
  EACH (row, rows) graph_check(row);
}

SUITE(runtime_loop, TEST(if_takes_one_branch),
      TEST(case_takes_the_last_when_out_of_range),
      TEST(a_branch_that_is_not_taken_may_be_wrong), TEST(while_goes_round),
      TEST(branches_and_loops_nest), TEST(functions_are_checked),
      TEST(frames_go_round), TEST(frames_nest), TEST(odd_frames_are_refused),
      TEST(switch_and_merge_choose), TEST(deadness_does_not_last),
      TEST(deadness_does_not_last_from_round_to_round));
