import Foundation

/// Runs a program to its end, in its own process group, without a shell. Its output arrives line by line.
///
/// For trusted programs of the task's author and the system; recipes run in a sandbox instead. Not Foundation's `Process`, which
/// loses the end of programs that close the descriptors they inherit, as Slurm's do, and on Linux now and then reads past the end of
/// its list of descriptors, which ends this process.
public enum ChildProcess {
  public struct Outcome: Sendable {
    /// The exit status; 128 and the signal's number for a program that a signal ended.
    public var status: Int32
    /// The last lines that it printed.
    public var tail: [String]
  }

  /// The program could not be started; the error number says why.
  public struct StartFailure: Error {
    public var number: Int32
    public var text: String { String(cString: strerror(number)) }
  }

  public static let tailLines = 30
  public static let lineLimit = 400

  /// Starts the program and waits for its end; cancelling the task kills its whole process group, or sends it another signal and waits.
  ///
  /// - Parameter arguments: the program's absolute path, then its arguments.
  /// - Throws: `StartFailure`, or `CancellationError` once the program has ended.
  public static func run(
    _ arguments: [String], environment: [String: String], cancelledBy signal: Int32 = SIGKILL,
    onLine: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> Outcome {
    try Task.checkCancellation()
    let process = SpawnedProcess(signalling: .group)
    let outcome = try await withTaskCancellationHandler {
      try await Blocking.run {
        try start(arguments, environment: environment, process, onLine: onLine)
      }
    } onCancel: {
      process.signal(signal)
    }
    try Task.checkCancellation()
    return outcome
  }

  private static func start(
    _ arguments: [String], environment: [String: String], _ process: SpawnedProcess,
    onLine: (String) -> Void
  ) throws -> Outcome {
    let pipe = try Launch.pipe()
    defer { close(pipe.reading) }
    do {
      defer { close(pipe.writing) }
      process.started(
        try Launch(
          arguments: arguments, environment: environment, output: pipe.writing, error: pipe.writing
        ).start())
    }
    let tail = read(pipe.reading, onLine)
    return switch process.wait() {
    case .exited(let status): Outcome(status: status, tail: tail)
    case .signalled(let number): Outcome(status: 128 + number, tail: tail)
    }
  }

  /// Reads lines to the end of the pipe. Long lines are cut, so that memory stays bounded.
  private static func read(_ descriptor: Int32, _ onLine: (String) -> Void) -> [String] {
    var tail: [String] = []
    var line: [UInt8] = []
    func finish() {
      let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
      line = []
      if text.isEmpty { return }
      onLine(text)
      tail.append(text)
      if tail.count > tailLines { tail.removeFirst() }
    }
    var buffer = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      for byte in buffer[..<count] {
        if byte == 0x0a || byte == 0x0d {
          finish()
        } else if line.count < lineLimit {
          line.append(byte)
        }
      }
    }
    finish()
    return tail
  }
}
