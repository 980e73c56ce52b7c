import AssayIdentity
import AssayLineage
import AssayMessages
import AssayPatch
import AssayVerdict
import Foundation
import GRDB

/// Durable appends and views of the record at growing sizes, beside one-row commits of bare SQLite in the same folder.
enum RecordBenchmark {
  static let run = "bench"

  static func run(sizes: [Int]) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-bench-record-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try await LineageStore.open(in: folder.path)
    let key = IdentityKey()
    try await register(store, key)
    let bare = try bareDatabase(folder)
    let tree = try RecipeTree(["recipe.py": Array("x = 1\n".utf8)])

    report("\ntrial append and views (200 appends at each size; one caller)")
    report(
      "| stored trials | append p50/p99 us | bare SQLite commit p50/p99 us | p50 ratio "
        + "| signed verdict p50 us | recent 100 us | rendered view us |")
    report("|---|---|---|---|---|---|---|")
    var stored: UInt32 = 0
    for size in sizes.sorted() {
      try await fill(store, stored..<max(stored, UInt32(size)), tree, key)
      stored = max(stored, UInt32(size))
      var (appends, verdicts, commits, lists, views) = (Samples(), Samples(), Samples(), Samples(), Samples())
      for _ in 0..<200 {
        let number = stored
        try await appends.measure { try await append(store, number, tree) }
        try await verdicts.measure { try await appendVerdict(store, number, tree, key) }
        stored += 1
        try await commits.measure {
          try await bare.write { try $0.execute(sql: "INSERT INTO item (body) VALUES (zeroblob(300))") }
        }
      }
      var request = LineageV1.ListTrialsRequest()
      request.runId = run
      request.view = .recent
      request.brief = true
      for _ in 0..<50 {
        try await lists.measure { _ = try await store.list(request) }
        try await views.measure { _ = try await store.view(run, specialist: "opt", characters: 16_000) }
      }
      let row = [
        "\(size)", "\(cell(appends.microseconds(0.5))) / \(cell(appends.microseconds(0.99)))",
        "\(cell(commits.microseconds(0.5))) / \(cell(commits.microseconds(0.99)))",
        cell(appends.microseconds(0.5) / commits.microseconds(0.5), 2), cell(verdicts.microseconds(0.5)),
        cell(lists.microseconds(0.5)), cell(views.microseconds(0.5)),
      ]
      report("| " + row.joined(separator: " | ") + " |")
    }
  }

  static func register(_ store: LineageStore, _ key: IdentityKey) async throws {
    var description = LineageV1.Run()
    description.runId = run
    description.evaluatorKey = key.publicIdentity.bytes
    var metric = LineageV1.Metric()
    metric.direction = .minimize
    description.metric = metric
    _ = try await store.register(description, now: 1)
  }

  /// Appends trials with their verdicts.
  static func fill(
    _ store: LineageStore, _ numbers: Range<UInt32>, _ tree: RecipeTree, _ key: IdentityKey,
    progress: (UInt32) -> Void = { _ in }
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      // Many at once, so that filling shares commits; measuring does not.
      var running = 0
      for number in numbers {
        if running >= 256 {
          try await group.next()
          running -= 1
        }
        group.addTask {
          try await append(store, number, tree)
          try await appendVerdict(store, number, tree, key)
        }
        if number == 0 { try await group.next() } else { running += 1 }
        if number.isMultiple(of: 100_000) { progress(number) }
      }
      try await group.waitForAll()
    }
  }

  private static func append(_ store: LineageStore, _ number: UInt32, _ tree: RecipeTree) async throws {
    var trial = LineageV1.Trial()
    trial.runId = run
    trial.trial = number
    var proposal = AgentV1.Proposal()
    proposal.specialist = number == 0 ? "" : ["opt", "arch", "data"][Int(number % 3)]
    proposal.hypothesis = "a hypothesis of ordinary length that says what is changed and why it should help"
    proposal.edit = [UInt8](repeating: 43, count: 200)
    trial.proposal = proposal
    trial.snapshotId = tree.digest
    var snapshot = LineageV1.Snapshot()
    snapshot.snapshotId = tree.digest
    var file = LineageV1.RecipeFile()
    file.path = "recipe.py"
    file.content = tree["recipe.py"] ?? []
    snapshot.files = [file]
    _ = try await store.append(trial, snapshot: snapshot, now: 1)
  }

  /// One in a thousand kept, one in five failed: views read what a long run leaves behind.
  private static func appendVerdict(
    _ store: LineageStore, _ number: UInt32, _ tree: RecipeTree, _ key: IdentityKey
  ) async throws {
    var verdict = LineageV1.Verdict()
    verdict.runId = run
    verdict.trial = number
    verdict.label =
      number == 0
      ? .baseline : number.isMultiple(of: 1000) ? .keep : number.isMultiple(of: 5) ? .crash : .discard
    verdict.reason =
      verdict.label == .crash ? "training failed; line 12 of recipe.py divides by zero" : "inside the noise"
    if !verdict.label.isFailure { verdict.score = "\(1_000_000 - number / 2)" }
    let facts = VerdictStatement.Facts(
      taskDigest: "", specialist: "opt", parent: 0, snapshotID: tree.digest, proposalDigest: "",
      logDigest: VerdictStatement.digest([]), artifactDigests: [], evaluatorVersion: "bench")
    var signed = LineageV1.SignedVerdict()
    signed.envelope = try VerdictStatement(verdict: verdict, facts: facts).signed(with: key)
    _ = try await store.append(signed, now: 1)
  }

  private static func bareDatabase(_ folder: URL) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.journalMode = .wal
    let queue = try DatabaseQueue(
      path: folder.appending(path: "bare.sqlite").path, configuration: configuration)
    try queue.inDatabase {
      try $0.execute(sql: "PRAGMA synchronous = FULL")
      try $0.execute(sql: "CREATE TABLE item (n INTEGER PRIMARY KEY, body BLOB)")
    }
    return queue
  }
}
