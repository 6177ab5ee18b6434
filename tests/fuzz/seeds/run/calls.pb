

xPlaceholder*
dtype0
M
yStatefulPartitionedCallx*
Tin
2*
Tout
2*
f	R
outer×
9

inner
a
r
nNega*
T0"

rn:y:0
™

outer
a
r
sD
pPartitionedCalla*
Tin
2*
Tout
2*
f	R
inner
qinner
p:output:0"
r
p:output:0"

sq:r:0"Ð