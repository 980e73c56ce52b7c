import AssayMessages
import AssayPatch
import AssayRPC
import AssayServices
import AssayVerdict
import Synchronization

/// One run at the evaluator under test, and what the cases do in it.
final class EvaluatorStage: Sendable {

  let subject: Subject
  let taskName: String
  let runID: String
  let runner: EvaluatorSuite.RealRunner?
  private struct State {
    var task: EvaluatorV1.TaskDescription?
    var edits = 0
    var honest: UInt32?
  }
  private let state = Mutex(State())

  init(_ subject: Subject, task: String, run: String, runner: EvaluatorSuite.RealRunner?) {
    self.subject = subject
    self.taskName = task
    self.runID = run
    self.runner = runner
  }

  // MARK: Clients

  @_optimize(none) func asOperator<Value>(_ body: (EvaluatorServiceClient) async throws -> Value) async throws
    -> Value
  {
    try await subject.with("operator") { try await body(EvaluatorServiceClient($0)) }
  }

  @_optimize(none) func asAgent<Value>(_ name: String, _ body: (EvaluatorServiceClient) async throws -> Value)
    async throws
    -> Value
  {
    try await subject.with("agent/\(name)") { try await body(EvaluatorServiceClient($0)) }
  }

  @_optimize(none) func playing<Value>(
    _ slot: String = "conformance/0", _ body: (JobPlayer) async throws -> Value
  )
    async throws -> Value
  {
    let key = try subject.key("runner/local")
    return try await subject.with("runner/local") {
      try await body(JobPlayer(client: JobServiceClient($0), slot: slot, key: key))
    }
  }

  // MARK: The task

  /// The task as the evaluator describes it.
  func task() async throws -> EvaluatorV1.TaskDescription {
    if let known = state.withLock({ $0.task }) { return known }
    var request = EvaluatorV1.DescribeTaskRequest()
    request.taskName = taskName
    guard let task = try await asOperator({ try await $0.describeTask(request).task }) else {
      throw Mismatch("the evaluator describes no task")
    }
    state.withLock { $0.task = task }
    return task
  }

  func baseline() async throws -> RecipeTree {
    let files = try await task().baseline?.files ?? []
    return try RecipeTree(Dictionary(files.map { ($0.path, $0.content) }, uniquingKeysWith: { $1 }))
  }

  func specialists() async throws -> [String] { try await task().partitions.map(\.name) }

  /// The trial that the real runner measured, once there is one.
  var honest: UInt32? {
    get { state.withLock { $0.honest } }
    set { state.withLock { $0.honest = newValue } }
  }

  // MARK: Submissions

  /// An edit that adds a constant which nothing reads, a different one each time, in a section of a specialist's; a remark in a file that
  /// is no Python. A remark in Python would be no edit to an evaluator that reads recipes.
  func edit(of specialist: String? = nil) async throws -> (
    specialist: String, diff: [UInt8], snapshot: String
  ) {
    let task = try await task()
    let number = state.withLock { state in
      state.edits += 1
      return state.edits
    }
    guard let partition = task.partitions.first(where: { specialist == nil || $0.name == specialist }),
      let region = partition.regions.first
    else { throw Mismatch("the task has no partition that could be edited") }
    let before = try await baseline()
    guard let content = before[region.file] else {
      throw Mismatch("'\(region.file)' is no file of the baseline")
    }
    var lines = Array(content.split(separator: 0x0A, omittingEmptySubsequences: false))
    let sections = try Sections(parsing: content)
    let end =
      region.sections.first.flatMap { sections[$0]?.lines.upperBound } ?? sections.all.last?.lines.upperBound
      ?? lines.count
    let line =
      region.file.hasSuffix(".py")
      ? "CONFORMANCE_\(number) = \"\(runID)\"" : "# conformance \(runID) \(number)"
    lines.insert(Array(line.utf8)[...], at: min(end, lines.count - 1))
    let after = try before.setting(region.file, to: Array(lines.joined(separator: [0x0A])))
    return (partition.name, try UnifiedDiff.make(from: before, to: after).bytes, after.digest)
  }

  func request(_ specialist: String, _ diff: [UInt8], parent: UInt32 = 0) -> EvaluatorV1.SubmitTrialRequest {
    var request = EvaluatorV1.SubmitTrialRequest()
    request.runId = runID
    var proposal = AgentV1.Proposal()
    proposal.specialist = specialist
    proposal.parent = parent
    proposal.hypothesis = "What nothing reads changes nothing."
    proposal.edit = diff
    request.proposal = proposal
    return request
  }

  /// Submits such an edit, and returns its number.
  func submit() async throws -> UInt32 {
    let edit = try await edit()
    return try await asAgent(edit.specialist) { [self] client in
      try await client.submitTrial(
        request(edit.specialist, edit.diff), CallOptions(idempotencyKey: "\(runID)-\(edit.snapshot)")
      ).trial
    }
  }

  /// Waits for a verdict.
  func verdict(_ trial: UInt32, within limit: Duration = .seconds(120)) async throws
    -> EvaluatorV1.WaitVerdictResponse
  {
    let end = ContinuousClock.now + limit
    var request = EvaluatorV1.WaitVerdictRequest()
    request.runId = runID
    request.trial = trial
    request.waitMs = 10_000
    let options = CallOptions(timeout: .seconds(30), waitForReady: true)
    while ContinuousClock.now < end {
      let answer = try await asOperator { try await $0.waitVerdict(request, options) }
      if answer.decided { return answer }
    }
    throw Mismatch("trial \(trial) has no verdict after \(limit)")
  }

  func state(_ condition: (EvaluatorV1.RunState) -> Bool, within limit: Duration = .seconds(180)) async throws
    -> EvaluatorV1.RunState
  {
    let end = ContinuousClock.now + limit
    var request = EvaluatorV1.GetRunStateRequest()
    request.runId = runID
    let options = CallOptions(timeout: .seconds(30), waitForReady: true)
    while true {
      let asked = request
      let state = try await asOperator { try await $0.getRunState(asked, options).state } ?? .init()
      if condition(state) { return state }
      guard ContinuousClock.now < end else {
        throw Mismatch("the run stays in phase \(state.phase) (\(state.reason))")
      }
      request.afterVersion = state.version
      request.waitMs = 5000
    }
  }

  /// Plays the runner until a trial has its verdict: `answer` says what becomes of each job.
  func play(_ trial: UInt32, _ answer: (JobPlayer, RunnerV1.Job) async throws -> Void) async throws
    -> EvaluatorV1.WaitVerdictResponse
  {
    var request = EvaluatorV1.WaitVerdictRequest()
    request.runId = runID
    request.trial = trial
    for _ in 0..<100 {
      let now = try await asOperator { try await $0.waitVerdict(request) }
      if now.decided { return now }
      try await playing { player in
        guard let job = try await player.lease(wait: .seconds(2)) else { return }
        guard job.trial == trial else { return try await player.leave(job) }
        try await answer(player, job)
      }
    }
    throw Mismatch("trial \(trial) has no verdict after 100 jobs")
  }
}
