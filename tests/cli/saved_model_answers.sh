# needs: brotli
# Every small SavedModel gives what TensorFlow gave for it.
python3 - <<'END'
import json, os, subprocess
top = os.environ["GOLDEN"] + "/saved_model/"
for case in json.load(open(top + "answers.json")):
    call = ["firn", "run", top + case["model"], "--tags", case["tags"],
            "--signature", case["signature"]]
    for name, value in case["feeds"].items():
        json.dump(value, open(name + ".in.json", "w"))
        call += ["--feed", f"{name}={name}.in.json"]
    for name in case["outputs"]:
        call += ["--fetch", f"{name}={name}.json"]
    subprocess.run(call, check=True)
    have = {name: json.load(open(name + ".json")) for name in case["outputs"]}
    print(case["model"], case["tags"], case["signature"],
          "as TensorFlow" if have == case["outputs"] else f"differs: {have}")
END
