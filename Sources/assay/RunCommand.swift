import ArgumentParser
import AssayAgentsFile
import AssaySupervisor
import Foundation

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Start a run, or go on with the one in the state folder.",
    discussion: """
      Starts a lineage service, an evaluator, a runner and one agent a specialist, each a process of its own, and shows
      progress until the trials or the time are used up. Ctrl-C stops cleanly; the same command goes on where the run
      was. At the end the best recipe and the baseline are trained again on fresh seeds and compared on data that the
      search never saw.

      A benchmark's owner may run the evaluator elsewhere. Make the run's keys first, give the owner trust-evaluator.json,
      the address of the run's lineage and its public key, and name the evaluator:

        assay keys init --directory STATE/keys --specialists arch,opt --evaluator-key assay-ed25519:...
        assay keys tls --directory STATE/keys --name operator   (likewise lineage, runner/local, agent/arch, agent/opt)
        assay run their-task --state STATE --evaluator tls+tcp://bench.example:9000 --evaluator-key assay-ed25519:... \\
          --lineage-listen tls+tcp://0.0.0.0:7710
      """)

  @Argument(help: "A task folder, or the name of a bundled task.")
  var task: String

  @Option(name: .long, help: "Stop after this many trials, the baseline not counted.")
  var trials: UInt32 = 40

  @Option(
    name: .customLong("max-time"),
    help: ArgumentHelp(
      "Stop accepting trials this long after the run began, such as 90s, 10m, 1h30m.", valueName: "time"))
  var maxTime: String?

  @Option(
    name: .customLong("no-improvement"),
    help: ArgumentHelp(
      "Stop after so many trials, or so much time, without a better one: 60, or 2h.", valueName: "n|time"))
  var noImprovement: String?

  @Option(name: .long, help: ArgumentHelp("Stop when a kept score is as good as this.", valueName: "score"))
  var target: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How agents propose: evolve (built in, needs no key), llm or command. By default as --agents says, or evolve.",
      valueName: "kind"))
  var proposer: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What the run may spend, such as cpu=2h,tokens=2M,dollars=5.", valueName: "amounts"))
  var budget: String?

  @Option(
    name: .customLong("specialist-budget"),
    help: ArgumentHelp(
      "What one specialist may spend, or each: opt:trials=10,dollars=1 or trials=10. May be given several times.",
      valueName: "[name:]amounts"))
  var specialistBudget: [String] = []

  @Option(
    name: .customLong("session-budget"),
    help: ArgumentHelp("What one proposal may spend, such as tokens=200k.", valueName: "amounts"))
  var sessionBudget: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Who works: specialists (one a partition, the default), generalist, or generics:N.",
      valueName: "crew"))
  var crew: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Comma-separated names of agents that write insights and submit nothing, such as meta.",
      valueName: "names"))
  var analysts: String?

  @Flag(name: .customLong("no-knowledge"), help: "Give agents none of the task's notes.")
  var noKnowledge = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Which specialist proposes how: models, keys, programs; see docs/agents.md.", valueName: "file"))
  var agents: String?

  @Flag(
    name: .customLong("dry-run"),
    help:
      "Print the prompts that each agent's first session would begin with, and start nothing. Needs no key."
  )
  var dryRun = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Comma-separated specialists; all partitions of the task by default.", valueName: "names"))
  var specialists: String?

  @Flag(name: .customLong("no-lineage"), help: "Give agents no lineage at all: no address, no key, no role.")
  var noLineage = false

  @Option(name: .long, help: "Seed of the agents' choices. Trial seeds are the evaluator's own.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "Trials at the same time, each pinned to cores of its own. Default: one a core.")
  var slots: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Folder for prepared environments and data, shared by runs.", valueName: "dir"))
  var prepared: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Use the evaluator at this address instead of starting one; TASK is then the name of a task that it owns.",
      valueName: "url"))
  var evaluator: String?

  @Option(
    name: .customLong("evaluator-key"),
    help: ArgumentHelp("The public key that this evaluator must prove and sign with.", valueName: "key"))
  var evaluatorKey: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A folder that the evaluator's jobs mount on the runner; may be given several times.",
      valueName: "task/name=folder"))
  var mount: [String] = []

  @Option(
    name: .customLong("lineage-listen"),
    help: ArgumentHelp(
      "Let the lineage listen here too, so that an evaluator on another machine reaches it.", valueName: "url"
    ))
  var lineageListen: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Use the lineage at this address too: all services are deployed, and this command starts none. It opens the run, shows it, and closes it.",
      valueName: "url"))
  var lineage: String?

  @Option(
    name: .customLong("lineage-key"),
    help: ArgumentHelp(
      "The public key that this lineage must prove, or a file that holds it.", valueName: "key"))
  var lineageKey: String?

  @OptionGroup var options: StateOptions

  func validate() throws {
    if trials == 0 { throw ValidationError("--trials must be at least 1.") }
    if (evaluator == nil) != (evaluatorKey == nil) {
      throw ValidationError("--evaluator and --evaluator-key go together: an evaluator is known by its key.")
    }
    if (lineage == nil) != (lineageKey == nil) || lineage != nil && evaluator == nil {
      throw ValidationError(
        "--lineage and --lineage-key go together, and with --evaluator: what is deployed is dialled.")
    }
    if lineage != nil, specialists != nil || slots != nil || !mount.isEmpty || lineageListen != nil {
      throw ValidationError(
        "--specialists, --slots, --mount and --lineage-listen are for services that this command starts; with --lineage it starts none."
      )
    }
    if evaluator == nil, !mount.isEmpty {
      throw ValidationError("--mount is for tasks of an external evaluator; others mount what they prepare.")
    }
    if let slots, slots < 1 { throw ValidationError("--slots must be at least 1.") }
    _ = try runBudget()
    if let crew, Arm.Crew(crew) == nil {
      throw ValidationError(
        "--crew '\(crew)' is not known; write specialists, generalist or generics:N with N up to \(Arm.Crew.most)."
      )
    }
    if specialists != nil, crew != nil || noKnowledge || analysts != nil {
      throw ValidationError("--specialists goes with neither --crew, --analysts nor --no-knowledge.")
    }
    if let proposer {
      guard let kind = SpecialistSettings.Proposer(rawValue: proposer) else {
        throw ValidationError("--proposer '\(proposer)' is not known; use evolve, llm or command.")
      }
      if kind != .evolve, agents == nil {
        throw ValidationError("--proposer \(proposer) needs --agents FILE: docs/agents.md has examples.")
      }
    }
    if dryRun, evaluator != nil {
      throw ValidationError("--dry-run reads a task of this machine; leave --evaluator out.")
    }
  }

  /// The bounds, or what is wrong with them.
  private func runBudget() throws -> RunBudget {
    var result = RunBudget()
    if let maxTime {
      guard let time = DurationText.parse(maxTime) else {
        throw ValidationError("--max-time '\(maxTime)' is not a time; write 90s, 10m or 1h30m.")
      }
      result.maxTime = time
    }
    if let noImprovement, !result.setPatience(noImprovement) {
      throw ValidationError(
        "--no-improvement '\(noImprovement)' is neither a number of trials nor a time; write 60 or 2h.")
    }
    if let target {
      guard let value = Double(target), value.isFinite else {
        throw ValidationError("--target '\(target)' is no number.")
      }
      result.target = target
    }
    func amount(_ text: String, _ option: String) throws -> BudgetText {
      guard let budget = BudgetText(text) else {
        throw ValidationError(
          "\(option) '\(text)' is not understood; write some of trials=10,cpu=2h,gpu=30m,tokens=2M,dollars=5."
        )
      }
      return budget
    }
    if let budget { result.run = try amount(budget, "--budget") }
    guard result.run.trials == 0 else {
      throw ValidationError("the run's number of trials is --trials; leave it out of --budget.")
    }
    if let sessionBudget { result.session = try amount(sessionBudget, "--session-budget") }
    for text in specialistBudget where !result.addSpecialist(text) {
      throw ValidationError(
        "--specialist-budget '\(text)' is not understood; write opt:trials=10,tokens=200k, or leave the name out."
      )
    }
    return result
  }

  /// Nil where nothing about the arm was said.
  private var arm: ArmChoice? {
    guard crew != nil || noKnowledge || analysts != nil else { return nil }
    let crew = crew ?? "specialists"
    return ArmChoice(
      name: crew.replacing(":", with: "-") + (noKnowledge ? "-no-knowledge" : ""),
      crew: Arm.Crew(crew) ?? .specialists,
      analysts: (analysts ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) },
      knowledge: !noKnowledge)
  }

  func run() async throws {
    let agentsFile = try agents.map { path in
      do {
        return try AgentsFile.load(path)
      } catch {
        throw SupervisorError(.usage, "\(error)")
      }
    }
    if dryRun {
      let names = specialists.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
      for prompt in try DryRun.prompts(
        task: task, specialists: names, arm: arm, lineageEnabled: !noLineage, agents: agentsFile)
      {
        print(try options.json ? prompt.json() : prompt.text)
      }
      return
    }
    let session = RunSession(
      options: RunOptions(
        task: task, trials: trials, budget: try runBudget(), proposer: proposer,
        agents: agents.flatMap { path in agentsFile.map { AgentsChoice(path: path, file: $0) } },
        specialists: specialists.map {
          $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        },
        lineageEnabled: !noLineage, seed: seed, slots: slots,
        state: StateLocator.forRun(named: options.state, task: task),
        prepared: prepared.map { URL(filePath: $0) } ?? StateLocator.preparedDefault(),
        evaluator: try evaluator.flatMap { address in
          try evaluatorKey.map { try ExternalEvaluator(address: address, key: $0) }
        }, mounts: mount, lineageListen: lineageListen, arm: arm,
        lineageService: try lineage.flatMap { address in
          try lineageKey.map { try ExternalLineage(address: address, key: $0) }
        }),
      printer: RunPrinter(json: options.json))
    let ended = try await session.run()
    if ended == .interrupted { throw ExitCode(130) }
  }
}
