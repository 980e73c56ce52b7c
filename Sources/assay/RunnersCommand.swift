import ArgumentParser
import AssayMessages
import AssaySupervisor

struct RunnersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runners",
    abstract: "The hosts that run trials: what they offer, what they do; take one out of work.",
    discussion: """
      A host is `active`, `cordoned` (no new jobs, running ones end), `drained` (its jobs went back to the queue) or
      `quarantined`: more than one job failed on it and was then finished by another host. `assay runners resume HOST` gives
      any of them back.
      """,
    subcommands: [
      RunnersListCommand.self, RunnersCordonCommand.self, RunnersDrainCommand.self, RunnersResumeCommand.self,
    ], defaultSubcommand: RunnersListCommand.self)
}

struct RunnersListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every host that asked for work.")

  @OptionGroup var options: StateOptions

  func run() async throws {
    let listing = try await RunnerFleet.with(options.directory()) { try await $0.list() }
    if options.json {
      for row in listing.rows { print(try JSONLine.encode(row)) }
      return
    }
    print(
      listing.rows.isEmpty
        ? "no runner has asked for work yet" : listing.rows.map(\.text).joined(separator: "\n"))
    for line in listing.unmet { print(line) }
  }
}

/// What the commands that change a host's state share.
struct RunnerTarget: ParsableArguments {
  @Argument(help: "Name of the host, as `assay runners` shows it.")
  var host: String

  @Option(name: .long, help: "Why, for whoever looks at it later.")
  var reason: String = ""

  @OptionGroup var options: StateOptions

  func set(_ state: RunnerV1.RunnerState) async throws {
    let (host, reason) = (host, reason)
    let row = try await RunnerFleet.with(options.directory()) {
      try await $0.set(host, to: state, reason: reason)
    }
    print(options.json ? try JSONLine.encode(row) : "\(row.name) is \(row.state)")
  }
}

struct RunnersCordonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cordon", abstract: "Give a host no new jobs; those that it runs may end.")
  @OptionGroup var target: RunnerTarget
  func run() async throws { try await target.set(.cordoned) }
}

struct RunnersDrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain", abstract: "Give a host no new jobs, and put those that it runs back into the queue."
  )
  @OptionGroup var target: RunnerTarget
  func run() async throws { try await target.set(.drained) }
}

struct RunnersResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Give a host jobs again; what was held against it is forgotten.")
  @OptionGroup var target: RunnerTarget
  func run() async throws { try await target.set(.active) }
}
