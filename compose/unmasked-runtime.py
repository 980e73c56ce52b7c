#!/usr/bin/python3
"""An OCI runtime: runc, with the container's /proc and /sys as the kernel gives them (what systempaths=unconfined does)."""
import json
import os
import sys

arguments = sys.argv[1:]
if "--bundle" in arguments and {"create", "run"} & set(arguments):
    path = os.path.join(arguments[arguments.index("--bundle") + 1], "config.json")
    with open(path) as file:
        configuration = json.load(file)
    configuration["linux"]["maskedPaths"] = []
    configuration["linux"]["readonlyPaths"] = []
    with open(path, "w") as file:
        json.dump(configuration, file)
os.execvp("runc", ["runc"] + arguments)
