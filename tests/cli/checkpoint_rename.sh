# needs: pcre2
G=$GOLDEN/surgery
firn checkpoint rename "$G/averages" --rename '^(one|two)/w=\1/kernel' --rename '^one/=first/' -o a
firn checkpoint list a
firn checkpoint rename "$G/slots-1" --rename '^net/=model/' -o b
firn checkpoint list b
firn checkpoint rename a --rename 'kernel=kernel' -o same && firn checkpoint diff a same
firn checkpoint rename "$G/averages" --swap-averages --rename '/ExponentialMovingAverage$=/raw' -o c
firn checkpoint list c | grep raw

# What goes wrong leaves nothing.
mkdir wrong && cd wrong || exit
R="firn checkpoint rename $G/averages"
try $R --rename '^(one|two)/=x/' -o x
try $R --rename 'three=x' -o x
try $R --rename '(one=x' -o x
try $R --rename 'one=\1' -o x
try $R --rename 'one' -o x
try $R -o x
try $R --rename 'one=x'
try $R --rename 'one=x' -o no/such/folder/x
try $R --rename 'one=x' -o "$G/averages"
try $R --rename 'one=x' -o "$G/../surgery/averages"
try firn checkpoint rename "$G/slots-1" --swap-averages -o x
try firn checkpoint rename "$G/table-1" --rename 'table-keys=k' -o x
try firn checkpoint rename no-such --rename 'a=b' -o x
try firn checkpoint rename "$GOLDEN/checkpoint/data_checksum" --rename '^=x/' -o x
ls
