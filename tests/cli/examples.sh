# The programs of the header pages, each as a reader would call it. The last digits
# of a result depend on the CPU, so only the likeliest class of each row is compared.
"$EXAMPLES/list" "$GOLDEN/tiny/tiny"
"$EXAMPLES/freeze" "$DEMO/model" probability frozen.pb
"$EXAMPLES/run" frozen.pb image "$DEMO/images/all.npy" probability >rows.txt
python3 - <<'END'
rows = open("rows.txt").read().replace("[", " [ ").replace("]", " ] ").split("[")
for row in rows:
    values = [float(v) for v in row.replace("]", " ").split()]
    if values:
        print(len(values), values.index(max(values)), round(sum(values), 3))
END
