"""A third-party scorer for the task tiny-regression: held-out points of its own, judged here, asked by Assay's evaluator."""

import hashlib
import math
import random
import struct

from assay_sdk import Illegal, Judgement, Malformed, Scorer

COUNT = 200


class PrivatePoints(Scorer):
    """Judges tiny-regression on points that nobody else has."""

    task = "tiny-regression"

    def _points(self, sealed: bool) -> list:
        draw = random.Random(4711 if sealed else 1147)
        return [(x, math.sin(4 * x) + 0.4 * math.cos(7 * x)) for x in (draw.uniform(-1, 1) for _ in range(COUNT))]

    @staticmethod
    def _order(nonce: str, group: str) -> list:
        places = list(range(COUNT))
        random.Random(hashlib.sha256(f"{nonce}/{group}".encode()).digest()).shuffle(places)
        return places

    def inputs(self, sealed: bool, nonce: str) -> dict:
        points = self._points(sealed)
        return {
            group: {"inputs.bin": b"".join(struct.pack("<d", points[i][0]) for i in self._order(nonce, group))}
            for group in ("a", "b")
        }

    def judge(self, predictions: dict, sealed: bool, nonce: str) -> Judgement:
        points, by_group = self._points(sealed), {}
        for group in ("a", "b"):
            data = predictions.get(group, {}).get("predictions.bin", b"")
            if len(data) != 8 * COUNT:
                raise Malformed(f"group {group}: predictions.bin has {len(data)} bytes, expected {8 * COUNT}")
            values = struct.unpack(f"<{COUNT}d", data)
            if not all(math.isfinite(value) and abs(value) < 1e100 for value in values):
                raise Malformed(f"group {group}: a prediction is not finite or beyond 1e100")
            by_group[group] = dict(zip(self._order(nonce, group), values))
        for index in range(COUNT):
            if abs(by_group["a"][index] - by_group["b"][index]) > 1e-9 * max(1.0, abs(by_group["a"][index])):
                raise Illegal("order", "one input got different values in different orders of the inputs")
        mean = sum(y for _, y in points) / COUNT
        error = sum((by_group["a"][i] - y) ** 2 for i, (_, y) in enumerate(points)) / COUNT
        spread = sum((y - mean) ** 2 for _, y in points) / COUNT
        return Judgement({"mse": error, "r2": 1 - error / spread})


if __name__ == "__main__":
    PrivatePoints.main()
