import ArgumentParser
import AssaySupervisor

struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Let a run, or one of its specialists, submit nothing until it is resumed.",
    discussion: """
      Trials in flight are finished. The pause is part of the run: it outlives its services. While the whole run is paused,
      its deadline and the time without improvement stand still.
      """)

  @Argument(help: "The specialist; all of the run when it is left out.")
  var specialist: String?

  @OptionGroup var options: StateOptions

  func run() async throws {
    try await RunSwitch(directory: options.directory()).pause(specialist).report(json: options.json)
  }
}

struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let a paused run, or one of its specialists, go on.")

  @Argument(help: "The specialist; the whole run when it is left out.")
  var specialist: String?

  @OptionGroup var options: StateOptions

  func run() async throws {
    try await RunSwitch(directory: options.directory()).resume(specialist).report(json: options.json)
  }
}

struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "End a run: trials in flight are finished, then best and baseline are re-scored.",
    discussion: "A run that is to go on later is interrupted with Ctrl-C instead, or paused.")

  @OptionGroup var options: StateOptions

  func run() async throws {
    try await RunSwitch(directory: options.directory()).stop().report(json: options.json)
  }
}

extension RunControlStatus {
  func report(json: Bool) throws { print(json ? try JSONLine.encode(self) : text) }
}
