"""A third-party evaluator: peaks. Fit a curve from noisy samples with a plain-Python regression.

The held-out points are this program's own; runners never see the answers, and verdicts are signed with its own key.
"""

import json
import math
import pathlib
import random

from assay_sdk import Evaluator, Illegal, Malformed, Metric, Phase

HERE = pathlib.Path(__file__).parent


def _points(seed: int, count: int) -> list:
    """What the recipe is to predict. The noise-free curve is this benchmark's secret."""
    draw = random.Random(seed)
    return [(x, math.sin(3 * x) + 0.5 * x) for x in (draw.uniform(-2, 2) for _ in range(count))]


class Peaks(Evaluator):
    """An evaluator for the task "peaks", written against the Assay SDK alone."""

    name = "peaks"
    title = "Peaks"
    summary = "Fit a curve of one variable from noisy samples. Lower mean squared error is better."
    metric = Metric("mse", minimize=True, unit="squared error", smallest_effect="0.002")
    recipe = {"recipe.py": (HERE / "recipe.py").read_bytes()}
    harness = {name: (HERE / name).read_bytes() for name in ("train.py", "predict.py")}
    partitions = {"model": {"recipe.py": ["model"]}, "training": {"recipe.py": ["training"]}}
    train = Phase(
        ["/usr/bin/python3", "/harness/train.py", "{seed}"], {"model.json": 4096}, cpu_seconds=5, wall_seconds=20,
        memory_mb=256)
    predict = Phase(
        ["/usr/bin/python3", "/harness/predict.py"], {"predictions.json": 65536}, cpu_seconds=5, wall_seconds=20,
        memory_mb=256)
    knowledge = {"notes.md": "Features decide more than the number of steps."}

    def inputs(self, sealed: bool) -> dict:
        xs = [x for x, _ in _points(2 if sealed else 1, 200)]
        return {"all": {"x.json": json.dumps(xs).encode()}}

    def judge(self, predictions: dict, sealed: bool) -> float:
        points = _points(2 if sealed else 1, 200)
        try:
            values = [float(value) for value in json.loads(predictions["all"]["predictions.json"])]
        except (ValueError, TypeError, RecursionError):
            raise Malformed("predictions.json is no list of numbers") from None
        if len(values) != len(points):
            raise Illegal("one_value_a_point", f"{len(values)} predictions for {len(points)} inputs")
        if not all(math.isfinite(value) for value in values):
            raise Malformed("a prediction is not finite")
        return sum((value - y) ** 2 for value, (_, y) in zip(values, points)) / len(points)


if __name__ == "__main__":
    Peaks.main()
