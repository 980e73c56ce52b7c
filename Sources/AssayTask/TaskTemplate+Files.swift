extension TaskTemplate {
  static func taskFile(_ name: String) -> String {
    #"""
    # The task file. 'assay task check' explains every mistake in this folder.
    assay: 1
    name: NAME
    title: Which spiral does a point belong to
    summary: >-
      Two noisy spirals in the plane; the recipe learns to tell them apart, in plain Python. Lower log loss is
      better. Replace recipe, harness, scorer and data by your own; keep the shape of the folder.

    # What a trial is judged by. smallest_effect: a difference below it does not matter.
    metric: {name: log_loss, direction: minimize, unit: nats, smallest_effect: "0.005", source: score}
    # Conditions; a trial is disqualified when the lower confidence bound over its seeds misses one. confidence: 0.5 asks for the mean.
    gates:
      - {metric: accuracy, at_least: "0.5", confidence: 0.95}

    # The editable files, relative to recipe/, and who may edit what. Sections are marked in the files.
    recipe: {files: [recipe.py], max_bytes: 32768}
    partitions:
      model: {title: "Features, hidden layer, activation", edits: [{file: recipe.py, sections: [model]}]}
      opt: {title: "Learning rate, schedule, update rule", edits: [{file: recipe.py, sections: [optimiser]}]}
      data: {title: "Batches and their order", edits: [{file: recipe.py, sections: [data]}]}

    seeds: {per_trial: 1, baseline: 3, confirm: 3, final: 3}

    # {python}, {seed} and {budget} are filled in by the evaluator. The caps are enforced from outside.
    train:
      command: ["{python}", /harness/train.py, --data, /data, --out, /out, --seed, "{seed}", --seconds, "{budget}"]
      outputs: [{path: artifact.json, max_bytes: 4096}]
      budget_seconds: 3
      cpu_seconds: 5
      wall_seconds: 20
      memory_mb: 256
      processes: 16
      disk_mb: 16
      output_kb: 64
    predict:
      command: ["{python}", /harness/predict.py, --artifact, /artifact, --inputs, /inputs, --out, /out]
      outputs: [{path: predictions.bin, max_bytes: 65536}]
      cpu_seconds: 5
      wall_seconds: 20
      memory_mb: 256
      processes: 16
      disk_mb: 16
      output_kb: 64
    score:
      command: ["{python}", /scorer/score.py]
      wall_seconds: 20
      memory_mb: 256

    # requirements: requirements.txt would name pinned packages with hashes; this task needs none.
    environment: {variables: {PYTHONDONTWRITEBYTECODE: "1", PYTHONHASHSEED: "0"}, cores: 1}
    knowledge: [knowledge/notes.md]

    """#.replacing("NAME", with: name)
  }

  static let recipe = #"""
    """A classifier for points in the plane: one hidden layer, trained by stochastic gradient descent.

    train(points, seconds, seed) -> dict     the artifact, as JSON
    predict(artifact, points) -> list        for each (x, y) the probability of class 1
    """
    import math
    import random
    import time

    # --- section: model ---
    HIDDEN = 6


    def features(x, y):
        """What the hidden layer sees of a point."""
        return [1.0, x, y]


    def activation(z):
        """An activation and its derivative."""
        t = math.tanh(z)
        return t, 1.0 - t * t


    # --- section: data ---
    BATCH = 8


    def batches(points, rng):
        """One pass over the points."""
        for start in range(0, len(points), BATCH):
            yield points[start:start + BATCH]


    # --- section: optimiser ---
    LEARNING_RATE = 0.05
    EPOCHS = 12


    def rate(progress):
        """The learning rate when this share of the training, 0 to 1, is done."""
        return LEARNING_RATE


    def step(weights, gradient, size):
        for i, g in enumerate(gradient):
            weights[i] -= size * g


    # --- section: training ---
    def forward(weights, point, width):
        """Probability of class 1, and what the gradient needs."""
        inputs = features(*point)
        hidden, slopes = [], []
        for h in range(HIDDEN):
            value, slope = activation(sum(weights[h * width + i] * v for i, v in enumerate(inputs)))
            hidden.append(value)
            slopes.append(slope)
        top = weights[HIDDEN * width:]
        z = top[HIDDEN] + sum(top[h] * hidden[h] for h in range(HIDDEN))
        z = max(-30.0, min(30.0, z))
        return 1.0 / (1.0 + math.exp(-z)), inputs, hidden, slopes


    def train(points, seconds, seed):
        rng = random.Random(seed)
        width = len(features(0.0, 0.0))
        weights = [rng.gauss(0, 0.7) for _ in range(HIDDEN * width + HIDDEN + 1)]
        started = time.process_time()
        for epoch in range(EPOCHS):
            if time.process_time() - started > 0.8 * seconds:
                break
            for batch in batches(points, rng):
                gradient = [0.0] * len(weights)
                for x, y, label in batch:
                    probability, inputs, hidden, slopes = forward(weights, (x, y), width)
                    error = (probability - label) / len(batch)
                    for h in range(HIDDEN):
                        top = HIDDEN * width + h
                        gradient[top] += error * hidden[h]
                        back = error * weights[top] * slopes[h]
                        for i, value in enumerate(inputs):
                            gradient[h * width + i] += back * value
                    gradient[-1] += error
                step(weights, gradient, rate(epoch / EPOCHS))
        return {"weights": [round(w, 5) for w in weights], "width": width}


    def predict(artifact, points):
        return [forward(artifact["weights"], point, artifact["width"])[0] for point in points]

    """#

  static let train = #"""
    """Trains the recipe and writes /out/artifact.json. Frozen; nothing that it prints or writes is believed."""
    import argparse
    import json
    import os
    import struct
    import sys

    parser = argparse.ArgumentParser()
    parser.add_argument("--recipe", default="/recipe")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    arguments = parser.parse_args()
    sys.path.insert(0, arguments.recipe)

    import recipe  # noqa: E402

    with open(os.path.join(arguments.data, "points.bin"), "rb") as file:
        points = list(struct.iter_unpack("<ddd", file.read()))
    artifact = recipe.train(points, arguments.seconds, arguments.seed)
    with open(os.path.join(arguments.out, "artifact.json"), "w") as file:
        json.dump(artifact, file)

    """#

  static let predict = #"""
    """Predicts from the artifact in a fresh process: /inputs/points.bin in, /out/predictions.bin out."""
    import argparse
    import json
    import os
    import struct
    import sys

    parser = argparse.ArgumentParser()
    parser.add_argument("--recipe", default="/recipe")
    parser.add_argument("--artifact", required=True)
    parser.add_argument("--inputs", required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    sys.path.insert(0, arguments.recipe)

    import recipe  # noqa: E402

    with open(os.path.join(arguments.artifact, "artifact.json")) as file:
        artifact = json.load(file)
    with open(os.path.join(arguments.inputs, "points.bin"), "rb") as file:
        points = list(struct.iter_unpack("<dd", file.read()))
    predictions = [float(p) for p in recipe.predict(artifact, points)]
    with open(os.path.join(arguments.out, "predictions.bin"), "wb") as file:
        file.write(struct.pack(f"<{len(predictions)}d", *predictions))

    """#

  static let scorer = #"""
    """The scorer; only the evaluator runs it, and only it sees the answers.

    inputs --heldout DIR --out DIR --nonce HEX         writes OUT/GROUP/points.bin for every group
    judge --heldout DIR --inputs DIR --predictions DIR --nonce HEX
                                                       reads PREDICTIONS/GROUP/predictions.bin, prints one JSON object
    Predictions come from untrusted code: sizes and values are checked before they are used.
    """
    import argparse
    import hashlib
    import json
    import math
    import os
    import random
    import struct
    import sys

    # The same points in two orders: a prediction that depends on its neighbours is illegal.
    GROUPS = ("first", "second")


    def held_out(folder):
        with open(os.path.join(folder, "points.bin"), "rb") as file:
            return list(struct.iter_unpack("<ddd", file.read()))


    def shuffled(count, nonce, group):
        places = list(range(count))
        random.Random(hashlib.sha256(f"{nonce} {group}".encode()).hexdigest()).shuffle(places)
        return places


    def inputs(arguments):
        points = held_out(arguments.heldout)
        for group in GROUPS:
            os.makedirs(os.path.join(arguments.out, group), exist_ok=True)
            with open(os.path.join(arguments.out, group, "points.bin"), "wb") as file:
                for place in shuffled(len(points), arguments.nonce, group):
                    file.write(struct.pack("<dd", *points[place][:2]))


    def predictions(folder, group, nonce, count):
        path = os.path.join(folder, group, "predictions.bin")
        if os.path.islink(path) or not os.path.isfile(path):
            raise ValueError(f"{group}: predictions.bin is missing")
        if os.path.getsize(path) != 8 * count:
            raise ValueError(f"{group}: predictions.bin has {os.path.getsize(path)} bytes, expected {8 * count}")
        with open(path, "rb") as file:
            values = struct.unpack(f"<{count}d", file.read(8 * count))
        if not all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in values):
            raise ValueError(f"{group}: a prediction is no probability")
        ordered = [0.0] * count
        for value, place in zip(values, shuffled(count, nonce, group)):
            ordered[place] = value
        return ordered


    def judge(arguments):
        points = held_out(arguments.heldout)
        result = {"metrics": {}, "illegal": None, "malformed": None}
        try:
            first, second = (
                predictions(arguments.predictions, group, arguments.nonce, len(points)) for group in GROUPS)
        except ValueError as error:
            result["malformed"] = str(error)
            return result
        if any(abs(a - b) > 1e-9 for a, b in zip(first, second)):
            result["illegal"] = {"rule": "order", "evidence": "a prediction changed with the order of the inputs"}
            return result
        loss, right = 0.0, 0
        for probability, (_, _, label) in zip(first, points):
            chance = probability if label == 1.0 else 1.0 - probability
            loss -= math.log(max(chance, 1e-12))
            right += chance > 0.5
        result["metrics"] = {
            "log_loss": f"{loss / len(points):.6f}",
            "accuracy": f"{right / len(points):.6f}",
        }
        return result


    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for name, options in (("inputs", ("heldout", "out")), ("judge", ("heldout", "inputs", "predictions"))):
        command = commands.add_parser(name)
        for option in (*options, "nonce"):
            command.add_argument("--" + option, required=True)
    arguments = parser.parse_args()
    if arguments.command == "inputs":
        inputs(arguments)
    else:
        print(json.dumps(judge(arguments)))

    """#

  static let prepare = #"""
    """Makes the data: prepare.py --out DIR writes DIR/train (the recipe sees it), DIR/heldout and DIR/sealed
    (only the evaluator does). Two noisy spirals, the same on every machine."""
    import argparse
    import math
    import os
    import random
    import struct

    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    rng = random.Random(7)
    for split, count in (("train", 240), ("heldout", 300), ("sealed", 300)):
        folder = os.path.join(arguments.out, split)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "points.bin"), "wb") as file:
            for _ in range(count):
                label = rng.randrange(2)
                distance = rng.uniform(0.2, 1.0)
                angle = 3.5 * distance + math.pi * label
                x = round(distance * math.cos(angle) + rng.gauss(0, 0.06), 6)
                y = round(distance * math.sin(angle) + rng.gauss(0, 0.06), 6)
                file.write(struct.pack("<ddd", x, y, float(label)))

    """#

  static let notes = #"""
    # Notes for agents

    - The task: two spirals in the plane, label 0 or 1. The score is the log loss on held-out points.
    - The artifact is JSON with at most 4,096 bytes; training has 5 CPU seconds, and is told that it has 3.
    - A prediction may depend on its own point only, not on the other inputs or their order.

    """#
}
