import Foundation
import Synchronization

/// Runs a program to its end, in its own process group, without a shell. Its output arrives line by line.
///
/// For trusted programs of the task's author and the system; recipes run in a sandbox instead. Not Foundation's `Process`, which
/// loses the end of programs that close the descriptors they inherit, as Slurm's do.
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
    let group = ProcessGroup()
    let outcome = try await withTaskCancellationHandler {
      try await Blocking.run {
        try start(arguments, environment: environment, group: group, onLine: onLine)
      }
    } onCancel: {
      group.kill(signal)
    }
    try Task.checkCancellation()
    return outcome
  }

  private static func start(
    _ arguments: [String], environment: [String: String], group: ProcessGroup,
    onLine: (String) -> Void
  ) throws -> Outcome {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw StartFailure(number: errno) }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    // Descriptors of this process that somebody opened without close-on-exec; closed ones are no error.
    for descriptor in Int32(3)..<256 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let argv = CStrings(arguments)
    let envp = CStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    var pid: pid_t = 0
    let failure = posix_spawn(
      &pid, arguments.first ?? "", &actions, &attributes, argv.pointers, envp.pointers)
    close(ends[1])
    guard failure == 0 else { throw StartFailure(number: failure) }
    group.started(pid)
    let tail = read(ends[0], onLine)
    return Outcome(status: group.wait(), tail: tail)
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

/// A child and its descendants; killed as long as the child has not been waited for, so that its number
/// cannot belong to somebody else.
private final class ProcessGroup: Sendable {
  private struct State {
    var pid: pid_t?
    var signal: Int32?
  }
  private let state = Mutex(State())

  func started(_ pid: pid_t) {
    state.withLock {
      $0.pid = pid
      if let signal = $0.signal { Glibc.kill(-pid, signal) }
    }
  }

  func kill(_ signal: Int32) {
    state.withLock {
      $0.signal = signal
      if let pid = $0.pid { Glibc.kill(-pid, signal) }
    }
  }

  /// Waits for the child's end and takes its status.
  func wait() -> Int32 {
    guard let pid = state.withLock({ $0.pid }) else { return -1 }
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return state.withLock {
      // What the child left behind in its group goes with it.
      Glibc.kill(-pid, SIGKILL)
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      $0.pid = nil
      let signal = status & 0x7f
      return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
  }
}

/// A null-terminated array of C strings, freed with its owner.
private final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointers = .allocate(capacity: count + 1)
    for (index, text) in strings.enumerated() { pointers[index] = strdup(text) }
    pointers[count] = nil
  }

  deinit {
    for index in 0..<count { free(pointers[index]) }
    pointers.deallocate()
  }
}
