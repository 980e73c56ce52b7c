public import AssaySandbox
public import Foundation

/// Runs tasks of the reference implementation as they are: `bash run_trial.sh WORKDIR`, in the sandbox. What comes of it is recipe-claimed.
public struct ClaimedRun: Sendable {
  /// What to run.
  public struct Proposal: Sendable {
    /// A folder with `run_trial.sh`, the recipe and what both need. It is copied, and left as it is.
    public var folder: URL
    public var hypothesis: String
    public var specialist: String
    /// The trial that the recipe was edited from; nil for the best claim.
    public var parent: String?

    public init(folder: URL, hypothesis: String, specialist: String, parent: String? = nil) {
      self.folder = folder
      self.hypothesis = hypothesis
      self.specialist = specialist
      self.parent = parent
    }
  }

  /// What came of it.
  public struct Report: Encodable, Sendable {
    public var trial: String
    public var label: String
    /// The recipe's own word; nil for a trial that failed.
    public var claimed: String?
    public var metric: String
    public var reason: String
    /// Measured from outside.
    public var seconds: Double
    public var provenance = "recipe-claimed"

    public var isScored: Bool { claimed != nil }
  }

  /// Said at the start of each trial, and wherever one is shown.
  public static let warning =
    "recipe-claimed: run_trial.sh reports its own score, and no evaluator measures it. It is kept apart from what an evaluator scored."

  private static let script = """
    mkdir /work/trial && cp -R /trial/. /work/trial/ && cd /work/trial || exit 125
    bash run_trial.sh /work/trial
    status=$?
    for found in full_eval_results/*/run_seed0.jsonl; do
      [ -f "$found" ] && tail -n 1 "$found" > /out/record.jsonl && break
    done
    exit $status
    """

  private let sandbox: any TrialLauncher
  private let environment: [String: String]
  private let mounts: [SandboxCommand.Mount]
  private let limits: SandboxLimits

  /// - Parameters:
  ///   - environment: variables of the task, such as where its data and its interpreter are.
  ///   - mounts: read-only folders with these.
  public init(
    sandbox: any TrialLauncher, environment: [String: String] = [:], mounts: [SandboxCommand.Mount] = [],
    limits: SandboxLimits
  ) {
    self.sandbox = sandbox
    self.environment = environment
    self.mounts = mounts
    self.limits = limits
  }

  /// Runs one trial and adds it to a record.
  ///
  /// - Parameters:
  ///   - record: the record's folder; the first trial in it is the baseline.
  ///   - schema: the score; nil for what the record has, or bits per byte.
  /// - Throws: `ClaimError`; then nothing was recorded.
  public func trial(_ proposal: Proposal, in record: URL, schema: ClaimedSchema? = nil) async throws -> Report
  {
    var board = try await ClaimedBoard(folder: record, wanted: schema)
    let id = board.nextID
    let best = board.best
    let parent = try proposal.parent.map { named in
      guard let row = board.rows.first(where: { $0.id == named }) else {
        throw ClaimError(
          .usage, "the record has no trial \(named.prefix(16)); --parent names one of its ids.")
      }
      return row.id
    }
    let snapshot = board.snapshot(id)
    // What a killed process had begun.
    try? FileManager.default.removeItem(at: snapshot)
    var isRecorded = false
    defer { if !isRecorded { try? FileManager.default.removeItem(at: snapshot) } }
    try RecipeCopy.make(of: proposal.folder, at: snapshot)
    let began = Date()
    let (result, ended) = try await run(snapshot, in: record, board.schema)
    let score = result.figures[board.schema.rawValue]
    let label =
      result.failure
      ?? best.map { best in
        guard let before = best.score, let value = score?.value else { return "discard" }
        return (board.schema.lowerIsBetter ? value < before : value > before) ? "keep" : "discard"
      } ?? "baseline"
    let seconds = Double(ended.wallNanoseconds) / 1e9
    let reason = result.reason
    var cells = result.figures.mapValues(\.text)
    cells["exp_id"] = id
    cells["timestamp"] = began.formatted(.iso8601)
    cells["specialist"] = proposal.specialist
    cells["domain"] = proposal.specialist
    cells["parent_exp"] = label == "baseline" ? "" : parent ?? best?.id ?? ""
    cells["baseline_exp"] = board.rows.first { $0.label == "baseline" }?.id ?? ""
    cells["hypothesis"] = proposal.hypothesis
    cells["status"] = label
    if let value = score?.value, let before = best?.score {
      cells["delta_vs_best"] = String(format: "%.6f", value - before)
    }
    cells["total_s"] = String(format: "%.1f", seconds)
    cells["job_name"] = "claimed-\(id)"
    cells["snapshot_path"] = "snapshots/\(snapshot.lastPathComponent)"
    cells["notes"] = "recipe-claimed; it says: \(reason)"
    try await board.append(cells)
    isRecorded = true
    return Report(
      trial: id, label: label, claimed: score?.text, metric: board.schema.rawValue, reason: reason,
      seconds: seconds)
  }

  private func run(_ snapshot: URL, in record: URL, _ schema: ClaimedSchema) async throws -> (
    ClaimedResult, SandboxResult
  ) {
    let output = record.appending(path: "record-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: output) }
    var variables = ["WORKDIR": "/work/trial", "MAGENT_REPO_ROOT": "/work", "PYTHONUNBUFFERED": "1"]
    variables.merge(environment) { $1 }
    let ended: SandboxResult
    do {
      ended = try await sandbox.run(
        SandboxCommand(
          arguments: ["/bin/bash", "-c", Self.script], environment: variables,
          mounts: [.init(snapshot.path, at: "/trial", isPrivate: true)] + mounts,
          outputs: [.init("record.jsonl", maximumBytes: 1 << 16, to: output.path)], limits: limits))
    } catch {
      try Task.checkCancellation()
      throw ClaimError(.unavailable, "\(error)")
    }
    try Task.checkCancellation()
    var line: [UInt8]?
    if case .present = ended.outputs.first { line = (try? Data(contentsOf: output)).map { [UInt8]($0) } }
    return (ClaimedResult(ended.outcome, line: line, schema: schema), ended)
  }
}
