# A net is built, trained, saved and frozen in C, and trained on by another program. The
# losses depend on the CPU in their last digits, so only what is sure is compared.
set -- "$DEMO/digits/images.npy" "$DEMO/digits/labels.npy"
"$EXAMPLES/train_digits" "$@" digits frozen.pb >said.txt || echo failed
"$EXAMPLES/resume_training" "$@" . 20 >>said.txt || echo failed
"$EXAMPLES/resume_training" "$@" . 20 >>said.txt || echo failed
python3 - <<'END'
import re
for line in open("said.txt"):
    if line.startswith("step"):
        word, loss = line.rsplit(" ", 1)
        if int(re.search("[0-9]+", word)[0]) >= 800:
            print(word, "below 0.2" if float(loss) < 0.2 else loss)
    elif "%" in line:
        print("over 95 %" if float(line.split()[0]) > 95 else line)
    else:
        print(line.strip())
END
ls
cat checkpoint
