"""Fits y = f(x) by gradient descent on features of x."""

# --- section: model ---
DEGREE = 3


def features(x):
    return [(x / 2.0) ** power for power in range(DEGREE + 1)]


# --- section: training ---
STEPS = 60
LEARNING_RATE = 0.05
L2 = 0.0


def train(points):
    weights = [0.0] * len(features(0.0))
    rows = [(features(x), y) for x, y in points]
    for _ in range(STEPS):
        gradient = [L2 * weight for weight in weights]
        for row, y in rows:
            error = sum(w * f for w, f in zip(weights, row)) - y
            for index, feature in enumerate(row):
                gradient[index] += 2 * error * feature / len(rows)
        weights = [w - LEARNING_RATE * g for w, g in zip(weights, gradient)]
    return weights
