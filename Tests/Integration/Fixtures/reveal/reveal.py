"""Scorer of tiny-regression with predict, then reveal. A piece: an input, and the answer to the input before it. The last answer is never
revealed."""
import math
import os
import struct

import score

# With True, all pieces also lie open from the start: what the attacks look for is there.
AHEAD = False


def inputs(arguments):
    examples = score.held_out(arguments)
    pieces, before = b"", math.nan
    for index in score.order(arguments.nonce, "stream", len(examples)):
        (x,), answer = examples[index]
        pieces += struct.pack("<IIdd", 16, 8, x, before)
        before = answer
    folder = os.path.join(arguments.out, "stream")
    os.makedirs(folder)
    for name in ("reveal.bin", "ahead.bin") if AHEAD else ("reveal.bin",):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(pieces)


def judge(arguments):
    examples = score.held_out(arguments)
    order = score.order(arguments.nonce, "stream", len(examples))
    with open(os.path.join(arguments.predictions, "stream", "predictions.bin"), "rb") as file:
        replies = struct.unpack(f"<{len(examples)}d", file.read())
    if not all(math.isfinite(reply) and abs(reply) < 1e100 for reply in replies):
        return {"metrics": {}, "illegal": None, "malformed": "a reply is not finite or beyond 1e100"}
    answers = [examples[index][1] for index in order]
    mean = sum(answers) / len(answers)
    error = sum((p - y) ** 2 for p, y in zip(replies, answers)) / len(answers)
    spread = sum((y - mean) ** 2 for y in answers) / len(answers)
    metrics = {"mse": score.decimal(error), "r2": score.decimal(1 - error / spread)}
    return {"metrics": metrics, "illegal": None, "malformed": None}


score.inputs, score.judge = inputs, judge
score.main()
