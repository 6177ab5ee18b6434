firn ops | grep -E '^(Conv2D|MatMul|Relu|Switch)\b'
