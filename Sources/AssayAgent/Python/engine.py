"""Reads recipes and lists edits. One JSON request, one JSON answer: on standard input and output, or in the
two files that are named on the command line.

The recipe's text is hostile: it is parsed, never imported or run, within limits of time and memory that the
program sets on itself. Requests:

  {"op": "inspect", "trees": [{path: text}]}
      -> {"trees": [{"ok", "digest", "error", "values": {key: value}, "units": {key: digest}}]}
  {"op": "sites", "files": {path: text}, "ranges": {path: [[section, first byte, end byte]]}, "donors": [...]}
      -> {"digest", "values", "errors": [...], "candidates": [...]}
"""

import json
import os
import resource
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def limit(seconds, megabytes):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main():
    limit(20, 1024)
    if len(sys.argv) == 3:
        with open(sys.argv[1], encoding="utf-8") as file:
            request = json.load(file)
    else:
        request = json.load(sys.stdin)
    from source import inspect_tree
    from sites import list_candidates

    if request["op"] == "inspect":
        answer = {"trees": [inspect_tree(tree) for tree in request["trees"]]}
    elif request["op"] == "sites":
        answer = list_candidates(request)
    else:
        raise ValueError("unknown op")
    if len(sys.argv) == 3:
        with open(sys.argv[2], "w", encoding="ascii") as file:
            json.dump(answer, file, ensure_ascii=True)
    else:
        json.dump(answer, sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main()
