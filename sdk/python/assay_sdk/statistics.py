"""What noise alone can give."""

import math
import statistics

#: One-sided, of the margin by which a trial has to look better.
CONFIDENCE = 0.95
#: The chance that one incumbent is ever replaced by recipes that are no better.
ERROR_RATE = 0.05


def _fraction(x: float, a: float, b: float) -> float:
    """Lentz's method for the continued fraction of the incomplete beta function (DLMF 8.17.22)."""
    tiny = 1e-300
    keep = lambda value: value if abs(value) > tiny else tiny  # noqa: E731
    c, d = 1.0, 1 / keep(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / keep(1 + even * d), keep(1 + even / c)
        result *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / keep(1 + odd * d), keep(1 + odd / c)
        result *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return result


def _beta(x: float, a: float, b: float) -> float:
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(1 - x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def student_t(probability: float, degrees: float) -> float:
    """The t below which this share (above one half) of Student's distribution lies."""
    cumulative = lambda t: 1 - 0.5 * _beta(degrees / (degrees + t * t), degrees / 2, 0.5)  # noqa: E731
    low, high = 0.0, 1.0
    while cumulative(high) < probability and high < 1e9:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if cumulative(middle) < probability else (low, middle)
    return (low + high) / 2


def deviation(values: list) -> float:
    return statistics.stdev(values) if len(values) > 1 else 0.0


def margin(baseline: list, smallest_effect: float, incumbent_seeds: int, trial_seeds: int) -> float:
    """By how much a trial has to be better, so that noise alone gives that in one of twenty tries."""
    spread = deviation(baseline)
    if spread == 0:
        return smallest_effect
    t = student_t(CONFIDENCE, len(baseline) - 1)
    return max(smallest_effect, t * spread * math.sqrt(1 / incumbent_seeds + 1 / trial_seeds))


def confirmation_half_width(gains: list, baseline: list, challenge: int) -> float:
    """How far below the mean paired gain its lower bound lies, for the `challenge`-th trial (from 1) against one incumbent:
    levels 0.05 / (m (m + 1)) sum to the error rate, however many come (docs/statistics.md)."""
    n, k = len(baseline), len(gains)
    degrees = (n - 1) + (k - 1)
    if degrees <= 0:
        return math.inf
    own = statistics.variance(gains) if k > 1 else 0.0
    variance = ((n - 1) * 2 * deviation(baseline) ** 2 + (k - 1) * own) / degrees
    level = ERROR_RATE / (challenge * (challenge + 1))
    return student_t(1 - level, degrees) * math.sqrt(variance / k)


def half_width(a: list, b: list):
    """Of Welch's 95 % interval for the difference of two means; None when there are too few values to tell."""
    if len(a) < 2 or len(b) < 2:
        return None
    p, q = statistics.variance(a) / len(a), statistics.variance(b) / len(b)
    if p + q == 0:
        return 0.0
    degrees = (p + q) ** 2 / (p * p / (len(a) - 1) + q * q / (len(b) - 1))
    return student_t(0.975, degrees) * math.sqrt(p + q)
