

iPlaceholder*
dtype0
7
wWhilei*

T
2*
bodyR
d*
condR
cd


c
i
r"
ri
E

d
i
j$
kCasti*

DstT0*

SrcT0"

jk:y:0"Ð