# An op that nobody knows is no obstacle, neither beside nor among what is needed.
write_graph g.pbtxt
cat >>g.pbtxt <<'END'
node { name: "z" op: "NobodyKnows" input: "y" }
node { name: "odd" op: "NobodyKnowsEither" input: "nowhere" }
END
firn freeze g.pbtxt --outputs z -o z.pb
firn inspect --nodes z.pb | cut -f 1,2
