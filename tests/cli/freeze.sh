# A directory with a state file; the one sane output is guessed.
firn freeze "$DEMO/model" -o frozen.pb
firn inspect --nodes frozen.pb | cut -f 1,2
