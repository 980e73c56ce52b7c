"""Reads the score out of what the recipe printed."""
import json
import re
import sys

with open(sys.argv[1]) as file:
    found = re.findall(r"val_bpb:(\S+)", file.read())
status = "VALID" if found and sys.argv[2] == "0" else "CRASH"
print(json.dumps({
    "status": status, "val_bpb": float(found[0]) if found else None, "artifact_bytes": 1200, "train_s": 0.5, "eval_s": 0.1,
    "total_wall_s": 0.6, "kill_reason": None if status == "VALID" else "the recipe failed",
}))
