extension LockingBenchmark {
  /// What a training does, again and again.
  enum Work: Sendable {
    case hashing
    /// Steps of a small network in PyTorch, on a GPU where it finds one.
    case torch

    /// Where to begin looking for as many rounds as tell how long one takes.
    var rounds: Int { self == .hashing ? 400 : 100 }

    /// Seconds that a program says its steps took, its start and imports not counted; 0 where it says nothing.
    static func steps(in printed: String) -> Double {
      let line = printed.split(separator: "\n").first { $0.hasPrefix("steps took ") }
      return line.flatMap { Double($0.dropFirst(11)) } ?? 0
    }

    /// Python.
    func program(rounds: Int) -> String {
      switch self {
      case .hashing:
        "import hashlib\nfor _ in range(\(rounds)):\n    hashlib.sha256(bytes(1 << 20)).digest()\n"
      case .torch:
        """
        import time, torch
        device = "cuda" if torch.cuda.is_available() else "cpu"
        size = 2048 if device == "cuda" else 64
        torch.manual_seed(0)
        layers = []
        for _ in range(4):
            layers += [torch.nn.Linear(size, 4 * size), torch.nn.GELU(), torch.nn.Linear(4 * size, size)]
        net = torch.nn.Sequential(*layers).to(device, torch.bfloat16)
        steps = torch.optim.SGD(net.parameters(), lr=1e-3)
        batch = torch.randn(2 * size, size, device=device, dtype=torch.bfloat16)
        def run(count):
            for _ in range(count):
                steps.zero_grad(set_to_none=True)
                net(batch).float().square().mean().backward()
                steps.step()
            if device == "cuda":
                torch.cuda.synchronize()
        # Clocks rise, and libraries choose how to multiply.
        run(20)
        began = time.perf_counter()
        run(\(rounds))
        print("steps took", time.perf_counter() - began)

        """
      }
    }
  }
}
