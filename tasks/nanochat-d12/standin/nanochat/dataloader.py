"""A stand-in for upstream's loader: batches of (first token of the sentence, last token, next token)."""
import numpy as np

BATCH = 256
SENTENCE = 12


def batches(text, rng):
    sentences = text[:len(text) // SENTENCE * SENTENCE].reshape(-1, SENTENCE).astype(np.int64)
    while True:
        rows = rng.integers(0, len(sentences), BATCH)
        places = rng.integers(0, SENTENCE - 1, BATCH)
        yield sentences[rows, 0], sentences[rows, places], sentences[rows, places + 1]
