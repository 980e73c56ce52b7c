"""Frozen: draws the noisy samples of a seed, trains, leaves the model."""

import json
import math
import random
import sys

sys.path.insert(0, "/recipe")
import recipe  # noqa: E402

draw = random.Random(int(sys.argv[1]))
points = [(x, math.sin(3 * x) + 0.5 * x + draw.gauss(0, 0.1)) for x in (draw.uniform(-2, 2) for _ in range(100))]
with open("/out/model.json", "w", encoding="ascii") as file:
    json.dump(recipe.train(points), file)
