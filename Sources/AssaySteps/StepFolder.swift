public import AssaySandbox
public import Foundation

/// The folder of one step that a cluster's scheduler runs: runner and node share it, the command goes in, the result comes out.
/// Nothing inside a sandbox sees it.
public struct StepFolder: Sendable {
  /// What a node has to say.
  public enum Answer: Codable, Sendable {
    case node(isolation: IsolationReport, host: SandboxHost)
    case result(SandboxResult)
    /// A failure of ours.
    case failed(String)
  }

  public let folder: URL

  public init(folder: URL) { self.folder = folder }

  private var commandFile: URL { folder.appending(path: "command.json") }
  private var answerFile: URL { folder.appending(path: "answer.json") }

  public func write(_ command: SandboxCommand?) throws {
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try JSONEncoder().encode(command).write(to: commandFile, options: .atomic)
  }

  /// Nil while there is none.
  public func answer() -> Answer? {
    (try? Data(contentsOf: answerFile)).flatMap { try? JSONDecoder().decode(Answer.self, from: $0) }
  }

  public func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Runs on the node: the command in a sandbox of this host, or, without a command, only the proof that there is one.
  public func perform() async throws {
    let command = try JSONDecoder().decode(SandboxCommand?.self, from: Data(contentsOf: commandFile))
    let answer: Answer
    do throws(SandboxError) {
      let sandbox = try await Sandbox.open()
      if var command {
        // Which cores, Slurm decides.
        command.cores = []
        var result = try await sandbox.run(command)
        result.host = SandboxHost.current()
        answer = .result(result)
      } else {
        answer = .node(isolation: sandbox.isolation, host: .current())
      }
    } catch {
      answer = .failed(error.message)
    }
    try Task.checkCancellation()
    try JSONEncoder().encode(answer).write(to: answerFile, options: .atomic)
  }
}
