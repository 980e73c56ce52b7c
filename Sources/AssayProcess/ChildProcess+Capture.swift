public import Foundation

extension ChildProcess {
  /// What a program said on its standard output, and how it ended.
  public struct Captured: Sendable {
    /// The bound that was reached, for which the program and its descendants were killed.
    public var limit: Limit?
    public var end: ProgramEnd
    /// Not more than was allowed.
    public var output: Data

    public var succeeded: Bool { limit == nil && end == .exited(0) }
  }

  public enum Limit: Sendable {
    case time, output
  }

  /// Runs a program to its end, on a thread of its own, and returns its standard output. What it says of errors goes nowhere.
  ///
  /// Cancelling the task does not end it; its time limit does.
  ///
  /// - Parameters:
  ///   - arguments: the program's absolute path, then its arguments.
  ///   - folder: where it works; nil for this process's folder.
  ///   - input: its standard input, a file and no pipe: a program that dies early does not stop the writer.
  ///   - maximumOutput: in bytes.
  /// - Throws: `StartFailure`.
  public static func capture(
    _ arguments: [String], environment: [String: String], folder: String? = nil, input: Data? = nil,
    maximumOutput: Int, timeLimit: Duration
  ) async throws -> Captured {
    try await Blocking.run {
      let deadline = ContinuousClock.now + timeLimit
      let process = SpawnedProcess(signalling: .group)
      let reading = try start(arguments, environment, folder, input, process)
      var (output, limit) = read(reading, upTo: maximumOutput, until: deadline)
      close(reading)
      // One that closed its output may still go on.
      let killer = DispatchWorkItem { process.signal(SIGKILL) }
      if limit == nil {
        DispatchQueue.global(qos: .utility).asyncAfter(
          deadline: .now() + ContinuousClock.now.duration(to: deadline) / .seconds(1), execute: killer)
      } else {
        process.signal(SIGKILL)
      }
      let end = process.wait()
      killer.cancel()
      if limit == nil, case .signalled = end, process.wasSignalled { limit = .time }
      return Captured(limit: limit, end: end, output: output)
    }
  }

  /// - Returns: the end of its output that is read from.
  private static func start(
    _ arguments: [String], _ environment: [String: String], _ folder: String?, _ input: Data?,
    _ process: SpawnedProcess
  ) throws(StartFailure) -> Int32 {
    let file: Int32? = if let input { try Launch.file(input) } else { nil }
    defer { if let file { close(file) } }
    let pipe = try Launch.pipe()
    defer { close(pipe.writing) }
    do throws(StartFailure) {
      process.started(
        try Launch(
          arguments: arguments, environment: environment, folder: folder, input: file, output: pipe.writing
        ).start())
      return pipe.reading
    } catch {
      close(pipe.reading)
      throw error
    }
  }

  private static func read(
    _ descriptor: Int32, upTo maximum: Int, until deadline: ContinuousClock.Instant
  ) -> (output: Data, limit: Limit?) {
    var output = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      guard left > 0 else { return (output, .time) }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, Int32(min(left.rounded(.up), 60_000))) > 0 else { continue }
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return (output, nil) }
      let room = maximum - output.count
      output.append(contentsOf: buffer[..<min(count, room)])
      if count > room { return (output, .output) }
    }
  }
}
