# Words that every case may use (run.py sets BASH_ENV to this file).

# Runs a command that is to fail; its message and its exit status become output,
# in order, so that a table of failures reads from top to bottom.
try() {
  "$@" 2>&1
  printf 'exit %d\n' $?
}

# A copy of the demo's model that may be damaged, in ./model.
copy_model() {
  cp -r "$DEMO/model" model
}

# The first N bytes of FILE in its place; and FILE with byte AT changed.
cut_to() { # FILE N
  head -c "$2" "$1" >cut.tmp && mv cut.tmp "$1"
}
change_byte() { # FILE AT
  local old
  old=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf "\\x$(printf %02x $((old ^ 255)))" |
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# A graph in text form: y = x + w, with w a constant.
write_graph() { # FILE
  cat >"$1" <<'END'
node { name: "x" op: "Placeholder"
  attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "shape" value { shape { dim { size: -1 } dim { size: 2 } } } } }
node { name: "w" op: "Const"
  attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "value" value { tensor { dtype: DT_FLOAT
    tensor_shape { dim { size: 2 } } float_val: 10 float_val: 20 } } } }
node { name: "y" op: "AddV2" input: "x" input: "w"
  attr { key: "T" value { type: DT_FLOAT } } }
END
}
