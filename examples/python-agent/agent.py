"""A Python program as a specialist: raises one number of the recipe, step by step, for as long as that is kept.

    agent.py --run RUN --specialist opt --key STATE/keys/agent-opt.key --constant LEARNING_RATE \\
      --evaluator URL KEY --lineage URL KEY
"""

import argparse
import re

from assay_sdk import Agent, RPCError

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--run", required=True)
parser.add_argument("--specialist", required=True)
parser.add_argument("--key", required=True)
parser.add_argument("--constant", required=True, help="a name that the recipe gives a number to")
parser.add_argument("--trials", type=int, default=3)
parser.add_argument("--factor", type=float, default=1.5)
parser.add_argument("--evaluator", nargs=2, required=True, metavar=("URL", "KEY"))
parser.add_argument("--lineage", nargs=2, metavar=("URL", "KEY"))
options = parser.parse_args()

with Agent(
        options.specialist, options.run, options.evaluator, options.key,
        tuple(options.lineage) if options.lineage else None) as agent:
    if not agent.wait_until_accepting():
        raise SystemExit("the run takes no trials")
    pattern = re.compile(rf"^({re.escape(options.constant)} = )([0-9.eE+-]+)$", re.MULTILINE)
    parent, factor = 0, options.factor
    for _ in range(options.trials):
        files = agent.recipe(parent)
        path, text = next(
            ((path, data.decode()) for path, data in files.items() if pattern.search(data.decode())), ("", ""))
        if not path:
            raise SystemExit(f"the recipe gives no number to {options.constant}")
        changed = pattern.sub(lambda m: f"{m[1]}{float(m[2]) * factor:.6g}", text)
        try:
            trial = agent.submit(
                parent, {**files, path: changed.encode()}, f"{options.constant} times {factor:g} learns more in the time given.")
        except RPCError as error:
            print(f"refused: {error}")
            factor *= options.factor
            continue
        verdict = agent.wait(trial)
        print(f"trial {trial}: {verdict.score or '-'} {verdict.reason}")
        if verdict.label == 2:
            parent = trial
        else:
            factor = 1 / factor
    if options.lineage:
        print(agent.view(4000))
