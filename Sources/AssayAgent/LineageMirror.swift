import AssayMessages
import AssayPatch
import AssayRPC

/// The lineage of one run as an agent knows it: read once, then kept up to date by events.
struct LineageMirror: Sendable {
  /// Recipes are kept for so many of the latest trials, and for every kept one.
  static let recipesKept = 600

  private let run: String
  private let port: any LineagePort
  private(set) var trials: [Int: TrialKnowledge] = [:]
  private var snapshots: [Int: String] = [:]
  private var recipes: [String: RecipeTree] = [:]
  private var sequence: UInt64 = 0
  private var started = false

  init(run: String, port: any LineagePort) {
    self.run = run
    self.port = port
  }

  /// Reads what is new. Either all of it is taken in or, on an error, none of the sequence is skipped.
  mutating func refresh() async throws(RPCError) {
    if started { try await follow() } else { try await readAll() }
    try await fetchRecipes()
  }

  /// How many trials a specialist has in the run.
  func count(of specialist: String) -> Int { trials.values.count { $0.specialist == specialist } }

  /// The specialist's trials that have no verdict, oldest first.
  func inFlight(of specialist: String) -> [Int] {
    trials.values.filter { $0.specialist == specialist && $0.outcome == nil }.map(\.number).sorted()
  }

  /// Takes in what the evaluator said of one of the agent's own trials before the lineage tells it.
  mutating func learn(_ trial: TrialKnowledge) {
    if let known = trials[trial.number], known.outcome != nil, known.recipe != nil { return }
    trials[trial.number] = trial
  }

  /// The lineage for a proposal.
  func knowledge(incumbent: Int, baseline: TrialKnowledge) -> LineageKnowledge {
    var all = trials
    if all[0]?.score == nil { all[0] = baseline }
    all[0]?.recipe = baseline.recipe
    return LineageKnowledge(trials: Array(all.values), incumbent: incumbent)
  }

  private mutating func readAll() async throws(RPCError) {
    var token = ""
    var first: UInt64?
    var records: [LineageV1.TrialRecord] = []
    repeat {
      let request = LineageV1.ListTrialsRequest.with {
        $0.runId = run
        $0.view = .all
        $0.pageSize = 100
        $0.pageToken = token
      }
      let page = try await port.listTrials(request, CallOptions(timeout: .seconds(20)))
      // What is appended while the pages are read is read again as events.
      first = first ?? page.sequence
      records += page.records
      token = page.nextPageToken
    } while !token.isEmpty
    for record in records { take(record) }
    sequence = first ?? 0
    started = true
  }

  private mutating func follow() async throws(RPCError) {
    while true {
      let request = LineageV1.FollowEventsRequest.with { $0.runId = run }
      let page = try await port.followEvents(
        request, StreamCursor(after: sequence), CallOptions(timeout: .seconds(20)))
      let events = page.elements.compactMap(\.message.event)
      var changed: [UInt32] = []
      for event in events where [.trialRecorded, .verdictRecorded, .trialRevoked].contains(event.kind) {
        if !changed.contains(event.trial) { changed.append(event.trial) }
      }
      for number in changed {
        let request = LineageV1.GetTrialRequest.with {
          $0.runId = run
          $0.trial = number
        }
        if let record = try await port.getTrial(request, CallOptions(timeout: .seconds(20))).record {
          take(record)
        }
      }
      guard let last = page.elements.last else { return }
      sequence = last.sequence
    }
  }

  private mutating func take(_ record: LineageV1.TrialRecord) {
    guard let trial = record.trial else { return }
    let number = Int(trial.trial)
    var knowledge = TrialKnowledge(record: record)
    if let old = trials[number] {
      if knowledge.outcome == nil, old.outcome != nil { return }
      knowledge.recipe = old.recipe
    }
    if !trial.snapshotId.isEmpty { snapshots[number] = trial.snapshotId }
    trials[number] = knowledge
  }

  private mutating func fetchRecipes() async throws(RPCError) {
    let numbers = trials.keys.sorted()
    let recent = Set(numbers.suffix(Self.recipesKept))
    for number in numbers {
      guard var trial = trials[number] else { continue }
      guard recent.contains(number) || trial.outcome == .keep else {
        if trial.recipe != nil, number != 0 {
          trial.recipe = nil
          trials[number] = trial
        }
        continue
      }
      guard trial.recipe == nil, let id = snapshots[number] else { continue }
      if recipes[id] == nil {
        let request = LineageV1.GetSnapshotRequest.with {
          $0.runId = run
          $0.snapshotId = id
        }
        let answer: LineageV1.GetSnapshotResponse
        do throws(RPCError) {
          answer = try await port.getSnapshot(request, CallOptions(timeout: .seconds(20)))
        } catch {
          if error.code == .notFound { continue }
          throw error
        }
        // What is asked for by digest is believed by digest.
        if let tree = RecipeTree(snapshot: answer.snapshot), tree.digest == id { recipes[id] = tree }
      }
      trial.recipe = recipes[id]
      trials[number] = trial
    }
    let used = Set(snapshots.filter { trials[$0.key]?.recipe != nil }.values)
    recipes = recipes.filter { used.contains($0.key) }
  }
}
