import AssayProcess
import AssaySandbox
import Foundation

/// The Python program that reads recipes, one short-lived process a request.
struct ReaderProgram: Sendable {
  private let interpreter: String
  private let script: String
  private let timeout: Double
  /// Where the reader runs; nil for a plain process, which has the limits that it sets on itself.
  private let sandbox: Sandbox?
  /// The most bytes that an answer may have.
  private static let maximumAnswer = 64 << 20

  init(interpreter: String, timeout: Double, sandbox: Sandbox?) throws(AgentError) {
    self.sandbox = sandbox
    guard let folder = Bundle.module.url(forResource: "Python", withExtension: nil) else {
      throw AgentError(
        .readerFailed, "the recipe reader's files are missing beside the program; reinstall Assay")
    }
    guard FileManager.default.isExecutableFile(atPath: interpreter) else {
      throw AgentError(.readerFailed, "no Python interpreter at \(interpreter); install the package python3")
    }
    self.interpreter = interpreter
    self.timeout = timeout
    script = folder.appendingPathComponent("engine.py").path
  }

  /// Sends a request and decodes the answer.
  func ask<Request: Encodable & Sendable, Answer: Decodable & Sendable>(
    _ request: Request
  ) async throws(AgentError) -> Answer {
    let question: Data
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      question = try encoder.encode(request)
    } catch {
      throw AgentError(.readerFailed, "a recipe could not be handed to the reader", cause: error)
    }
    let bytes: Data
    if let sandbox {
      bytes = try await run(question, in: sandbox)
    } else {
      bytes = try await run(question)
    }
    do {
      return try JSONDecoder().decode(Answer.self, from: bytes)
    } catch {
      throw AgentError(.readerFailed, "the recipe reader's answer could not be understood", cause: error)
    }
  }

  private func run(_ question: Data, in sandbox: Sandbox) async throws(AgentError) -> Data {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "assay-reader-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let inputs = folder.appendingPathComponent("in")
    let request = inputs.appendingPathComponent("request.json")
    let answer = folder.appendingPathComponent("answer.json")
    do {
      try FileManager.default.createDirectory(at: inputs, withIntermediateDirectories: true)
      try question.write(to: request, options: .withoutOverwriting)
    } catch {
      throw AgentError(
        .readerFailed, "no room for a recipe in the temporary folder; free some space", cause: error)
    }
    let command = SandboxCommand(
      arguments: [
        interpreter, "-I", "-S", "-B", "/reader/engine.py", "/in/request.json", "/out/answer.json",
      ],
      mounts: [
        .init(URL(fileURLWithPath: script).deletingLastPathComponent().path, at: "/reader"),
        .init(inputs.path, at: "/in", isPrivate: true),
      ],
      outputs: [.init("answer.json", maximumBytes: UInt64(Self.maximumAnswer), to: answer.path)],
      limits: SandboxLimits(
        wallMilliseconds: UInt64(timeout * Self.patience * 1000), cpuMilliseconds: UInt64(timeout * 1000),
        memoryBytes: 1 << 30,
        processes: 16, diskBytes: UInt64(Self.maximumAnswer), outputBytes: 1 << 16))
    let result: SandboxResult
    do {
      result = try await sandbox.run(command)
    } catch {
      throw AgentError(.readerFailed, "the recipe reader could not be isolated: \(error)", cause: error)
    }
    switch result.outcome {
    case .exited(0): break
    case .exited(let status):
      throw AgentError(.readerFailed, "the recipe reader ended with status \(status)")
    case .signalled, .limit:
      throw AgentError(
        .readerLimit,
        "reading the recipe took more than its limits of time or memory; make the recipe smaller")
    }
    guard let data = FileManager.default.contents(atPath: answer.path) else {
      throw AgentError(.readerFailed, "the recipe reader gave no answer")
    }
    return data
  }

  /// How much longer than its CPU time a reading may take: that a host is busy says nothing about a recipe.
  private static let patience = 6.0

  private func run(_ question: Data) async throws(AgentError) -> Data {
    let answer: ChildProcess.Captured
    do {
      answer = try await ChildProcess.capture(
        [interpreter, "-I", "-S", "-B", script],
        environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"], folder: "/", input: question,
        maximumOutput: Self.maximumAnswer, timeLimit: .seconds(timeout * Self.patience))
    } catch {
      throw AgentError(.readerFailed, "the recipe reader did not start: \(interpreter)", cause: error)
    }
    switch (answer.limit, answer.end) {
    case (nil, .exited(0)): return answer.output
    case (nil, .exited(let status)):
      throw AgentError(.readerFailed, "the recipe reader ended with status \(status)")
    case (_?, _), (nil, .signalled):
      throw AgentError(
        .readerLimit,
        "reading the recipe took more than its limits of time or memory; make the recipe smaller")
    }
  }
}
