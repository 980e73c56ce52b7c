extension TaskFile {
  /// A phase that runs the recipe in a sandbox: training or prediction.
  public struct Phase: Sendable, Hashable {
    /// The command with its placeholders; see ``arguments(python:seed:)``.
    public var command: [String]
    public var outputs: [Output]
    /// What the recipe is told that it has, in seconds.
    public var budgetSeconds: Double
    public var limits: Limits
    /// How inputs are handed to it; nil for all at once.
    public var reveal: Reveal? = nil

    /// The command to start. A seed for a phase that names none is ignored.
    public func arguments(python: String, seed: UInt64? = nil) -> [String] {
      command.map { argument in
        var result = argument
        for (placeholder, value) in [
          ("{python}", python), ("{seed}", seed.map(String.init) ?? "0"), ("{budget}", plain(budgetSeconds)),
        ] {
          result = result.split(separator: placeholder, omittingEmptySubsequences: false).joined(
            separator: value)
        }
        return result
      }
    }
  }

  /// Predict, then reveal: inputs come piece by piece, each once the reply to the one before it is recorded
  /// (docs/predict-then-reveal.md).
  public struct Reveal: Sendable, Hashable {
    /// How long a reply may take after its piece; the first one is bounded by the phase's limits alone.
    public var replySeconds: Double

    public init(replySeconds: Double) { self.replySeconds = replySeconds }
  }

  /// A file that a phase leaves in `/out`.
  public struct Output: Sendable, Hashable {
    /// Relative to `/out`.
    public var path: String
    /// A larger file is blocked, not cut.
    public var maximumBytes: Int
  }

  /// What the runner enforces from outside.
  public struct Limits: Sendable, Hashable {
    public var cpuSeconds: Double
    public var wallSeconds: Double
    public var memoryBytes: Int
    public var processes: Int
    /// Scratch space.
    public var diskBytes: Int
    /// What the process may print.
    public var outputBytes: Int
  }

  /// The scorer, which only the evaluator runs.
  public struct Score: Sendable, Hashable {
    public var command: [String]
    public var wallSeconds: Double
    public var memoryBytes: Int

    /// The command to start, before its subcommand (`inputs` or `judge`) and options.
    public func arguments(python: String) -> [String] {
      command.map {
        $0.split(separator: "{python}", omittingEmptySubsequences: false).joined(separator: python)
      }
    }
  }

  /// Where all phases run.
  public struct Environment: Sendable, Hashable {
    /// The file of pinned packages, relative to the task folder; nil where the system's Python is enough.
    public var requirements: String?
    /// The variables that a phase sees beside PATH, HOME and TMPDIR.
    public var variables: [String: String]
    public var cores: Int
    /// What a runner's host must offer, such as `gpu: h100`; empty where any host will do.
    public var labels: [String: String]
    /// Nil where no phase uses one.
    public var gpus: GPUs?
  }
}

/// A number of seconds without a needless fraction.
private func plain(_ seconds: Double) -> String {
  seconds == seconds.rounded() && abs(seconds) < 1e9 ? String(Int(seconds)) : String(seconds)
}
