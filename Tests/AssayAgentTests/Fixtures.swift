import AssayPatch

@testable import AssayAgent

/// Recipes that the proposer was not tuned on.
enum Fixtures {
  static let torch = """
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    CONFIG = {"lr": 0.1, "epochs": 10, "batch_size": 128, "amp": False}


    class Net(nn.Module):
        def __init__(self, width=64):
            super().__init__()
            self.conv = nn.Conv2d(3, width, 3, padding=1)
            self.norm = nn.LayerNorm(width)
            self.act = nn.ReLU()
            self.head = nn.Linear(width, 10)

        def forward(self, x):
            x = F.relu(self.conv(x))
            x = F.max_pool2d(x, 2).mean((2, 3))
            return self.head(self.act(self.norm(x)))


    def lr_at(step, total_steps):
        return 1.0


    def fit(loader, total_steps):
        model = Net()
        optimizer = torch.optim.SGD(model.parameters(), lr=CONFIG["lr"])
        for step, (x, y) in enumerate(loader):
            for group in optimizer.param_groups:
                group["lr"] = CONFIG["lr"] * lr_at(step, total_steps)
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return model
    """

  static let numpy = """
    import numpy as np
    import math

    HIDDEN = 32
    STEP_SIZE = 1e-2
    ITERATIONS = 200
    MODE = "mean"


    def relu(x):
        return np.maximum(x, 0)


    def reduce_rows(x):
        if MODE == "mean":
            return np.mean(x, axis=0)
        elif MODE == "median":
            return np.median(x, axis=0)
        return x[0]


    def train(x, y, seed):
        rng = np.random.default_rng(seed)
        w = rng.standard_normal((x.shape[1], HIDDEN)) / math.sqrt(x.shape[1])
        v = rng.standard_normal(HIDDEN) * 0.1
        mw = np.zeros_like(w)
        for step in range(ITERATIONS):
            order = rng.permutation(len(x))
            h = relu(x[order] @ w)
            error = h @ v - y[order]
            gw = x[order].T @ (np.outer(error, v) * (h > 0)) / len(x)
            mw = 0.9 * mw + gw
            w -= STEP_SIZE * mw
            v -= STEP_SIZE * (h.T @ error) / len(x)
        return w, v
    """

  /// No sections, decorators, Unicode names, tabs, a match statement, a walrus, a lambda.
  static let weird = """
    # -*- coding: utf-8 -*-
    import functools as ft
    from dataclasses import dataclass


    @dataclass(frozen=True)
    class Überparameter:
    \tgröße: int = 16
    \trate: float = 3e-2
    \tmodus: str = "schnell"
    \tzufall: bool = True


    @ft.lru_cache(maxsize=None)
    def glättung(n: int, /, *, α=0.25) -> float:
    \t"Glättet — ein wenig."
    \tmatch n:
    \t\tcase 0:
    \t\t\treturn α
    \t\tcase _ if (m := n - 1) > 0:
    \t\t\treturn α * glättung(m, α=α) + 0.5
    \treturn α ** 2


    class Läufer:
    \tp = Überparameter()

    \t@property
    \tdef tempo(self):
    \t\treturn self.p.rate * (2 if self.p.modus == "schnell" else 1)

    \tdef lauf(self, daten):
    \t\tsumme = 0.0
    \t\tfor i, wert in enumerate(daten):
    \t\t\tif self.p.zufall and i % 3 == 0:
    \t\t\t\tcontinue
    \t\t\tsumme = summe + self.tempo * (wert - summe)
    \t\t\tprint(f"{summe:.3f} 💡 {i * 2}")
    \t\treturn (lambda q: q * glättung(self.p.größe))(summe)
    """

  static let sectioned = """
    import optax

    # --- section: model ---
    WIDTH = 64
    LAYERS = 2


    def forward(x):
        for _ in range(LAYERS):
            x = x + x * 0.5
        return x


    # --- section: optimiser ---
    LR = 0.001


    def make_optimizer():
        return optax.adam(LR)


    # --- section: training ---
    STEPS = 100


    def train(data):
        optimizer = make_optimizer()
        for step in range(STEPS):
            pass
        return optimizer
    """

  static let whole = EditScope(files: ["recipe.py": .whole])

  static func tree(_ files: [String: String]) throws -> RecipeTree {
    try RecipeTree(files.mapValues { Array($0.utf8) })
  }

  static func task(
    _ text: String, scope: EditScope = whole, lowerIsBetter: Bool = true, name: String = "loss"
  ) throws -> TaskKnowledge {
    TaskKnowledge(
      name: "unseen",
      metric: .init(
        name: name, lowerIsBetter: lowerIsBetter, smallestEffect: 0.001, noise: 0.01, keepMargin: 0.02),
      caps: .init(artifactBytes: 100_000, trainSeconds: 10, predictSeconds: 5, recipeBytes: 65_536),
      scope: scope, baseline: try tree(["recipe.py": text]))
  }

  static func state(
    _ task: TaskKnowledge, _ trials: [TrialKnowledge]? = nil, incumbent: Int = 0, iteration: Int = 0,
    specialist: String = "opt", proposed: [RecipeTree] = []
  ) -> ResearchState {
    ResearchState(
      task: task, specialist: specialist, iteration: iteration,
      lineage: trials.map { LineageKnowledge(trials: [baseline(task)] + $0, incumbent: incumbent) },
      proposed: proposed)
  }

  static func baseline(_ task: TaskKnowledge, score: Double = 1) -> TrialKnowledge {
    TrialKnowledge(
      number: 0, specialist: "", parent: 0, outcome: .baseline, score: score, recipe: task.baseline,
      usage: .init(
        artifactBytes: 60_000, artifactLimit: 100_000, trainSeconds: 8, trainLimit: 10, predictSeconds: 2,
        predictLimit: 5))
  }

  /// The baseline's text with one replacement.
  static func edited(_ task: TaskKnowledge, _ old: String, _ new: String) throws -> RecipeTree {
    let text = task.baseline.text("recipe.py") ?? ""
    return try tree(["recipe.py": text.replacing(old, with: new)])
  }

}
