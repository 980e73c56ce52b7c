/// A recipe that wants more of predict, then reveal than it may have: what it does at each piece, and how that has to end.
struct RevealAttack: Sendable {
  let name: String
  /// The body of `reply(artifact, known, x)`; `honest(artifact, x)` is what the recipe predicts without cheating.
  let code: String
  let label: String
  /// Part of what its author is told; empty where the verdict gives no reason.
  var reason = ""

  /// Before every `reply`. `learn` takes the answers out of any bytes that hold pieces one after the other.
  static let prelude = """
    import atexit
    import os
    import socket
    import struct
    import time

    AHEAD = {}
    FRAME = struct.pack("<II", 16, 8)


    def honest(artifact, x):
        return predict(artifact, [x])[0]


    def learn(content):
        at = content.find(FRAME)
        while at >= 0:
            if content[at + 24:at + 32] == FRAME and len(content) >= at + 48:
                AHEAD[content[at + 8:at + 16]] = struct.unpack("<d", content[at + 40:at + 48])[0]
            at = content.find(FRAME, at + 1)


    def known_or(artifact, x):
        return AHEAD.get(struct.pack("<d", x), honest(artifact, x))

    """

  static let hunt = RevealAttack(
    name: "hunts later answers in every file it can read",
    code: """
      if len(known) % 50 == 0:
          for root in ("/inputs", "/reveal", "/artifact", "/harness", "/work", "/out", "/tmp", "/dev/shm", "/proc/self/fd"):
              for folder, _, names in os.walk(root):
                  for path in (os.path.join(folder, name) for name in names):
                      try:
                          if os.path.isfile(path):
                              with open(path, "rb") as file:
                                  learn(file.read(1 << 20))
                      except OSError:
                          pass
      return known_or(artifact, x)
      """, label: "discard")

  static let all: [RevealAttack] = [
    hunt,
    RevealAttack(
      name: "reads descriptors that it was not given",
      code: """
        if len(known) % 50 == 0:
            for number in [1, 2, *range(3, 64)]:
                try:
                    os.set_blocking(number, False)
                    learn(os.read(number, 1 << 16))
                except OSError:
                    pass
        return known_or(artifact, x)
        """, label: "discard"),
    RevealAttack(
      name: "reads the memory of every process",
      code: """
        if len(known) == 1:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
                        for line in maps:
                            start, end = (int(part, 16) for part in line.split()[0].split("-"))
                            if " r" in line and end - start <= 1 << 24:
                                try:
                                    memory.seek(start)
                                    learn(memory.read(end - start))
                                except (OSError, OverflowError):
                                    pass
                except OSError:
                    pass
        return known_or(artifact, x)
        """, label: "discard"),
    RevealAttack(
      name: "looks whether the next piece is there",
      code: """
        ours = socket.socket(fileno=os.dup(0))
        try:
            learn(FRAME + struct.pack("<dd", x, 0.0) + ours.recv(1 << 16, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            pass
        return known_or(artifact, x)
        """, label: "discard"),
    RevealAttack(
      name: "waits for the next piece before it replies",
      code: """
        if len(known) == 1:
            learn(FRAME + struct.pack("<dd", x, 0.0) + os.read(0, 24))
        return known_or(artifact, x)
        """, label: "eval_budget_overrun", reason: "for one reply"),
    RevealAttack(
      name: "replies late",
      code: """
        if len(known) == 1:
            time.sleep(100000)
        return honest(artifact, x)
        """, label: "eval_budget_overrun", reason: "for one reply"),
    RevealAttack(
      name: "replies to a piece twice",
      code: """
        if len(known) == 10:
            os.write(0, struct.pack("<d", 0.0))
        return honest(artifact, x)
        """, label: "crash", reason: "sent more than was asked for"),
    RevealAttack(
      name: "replies to what it has not seen",
      code: """
        os.write(0, bytes(8 * 300))
        return 0.0
        """, label: "crash", reason: "sent more than was asked for"),
    RevealAttack(
      name: "adds to its replies at the end",
      code: """
        if len(known) == 1:
            atexit.register(os.write, 0, bytes(8))
        return honest(artifact, x)
        """, label: "crash", reason: "sent more than was asked for"),
    RevealAttack(
      name: "gives half a reply",
      code: """
        os.write(0, bytes(4))
        os._exit(0)
        """, label: "crash", reason: "ended before it had replied"),
    RevealAttack(
      name: "leaves out the replies that it is unsure of",
      code: """
        if len(known) == 100:
            os._exit(0)
        return honest(artifact, x)
        """, label: "crash", reason: "ended before it had replied"),
    RevealAttack(
      name: "replies with not-a-number", code: "return float('nan')", label: "crash",
      reason: "a reply is not finite"),
  ]

  /// What a recipe may do.
  static let controls: [RevealAttack] = [
    RevealAttack(
      name: "learns from the answers that were revealed",
      code: """
        near = [answer for other, answer in known if abs(other - x) < 0.1]
        return sum(near) / len(near) if len(near) > 2 else honest(artifact, x)
        """, label: "keep"),
    RevealAttack(
      name: "thinks before a reply",
      code: """
        if len(known) == 1:
            time.sleep(0.3)
        return honest(artifact, x)
        """, label: "discard"),
  ]
}
