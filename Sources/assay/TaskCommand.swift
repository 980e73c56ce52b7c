import ArgumentParser

struct TaskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "task", abstract: "Write and check tasks.",
    subcommands: [TaskCheckCommand.self, TaskNewCommand.self, TaskPrepareCommand.self, TaskAuditCommand.self])
}
