import Foundation
import Glibc
import Synchronization

/// The driver of this host, asked with a deadline. Every call blocks its thread.
///
/// A driver that hangs does so within the kernel, where nothing can end a call. So it is asked by a process of its own: that one is
/// given up then, and no other is started before it is gone.
public final class GPUDriver: Sendable {
  private enum State {
    case idle
    case running(pid: pid_t, channel: Int32)
    /// Killed, and not gone yet.
    case hung(pid: pid_t)
  }

  private let library: String
  private let probe: [String]
  private let patience: Duration
  private let state = Mutex(State.idle)

  /// - Parameters:
  ///   - library: the driver's library, by its name or path.
  ///   - probe: the program that runs ``GPUProbe/serve(library:)``, by its absolute path, and its arguments; empty to ask from within this
  ///     process, which hangs when the driver does.
  ///   - patience: how long an answer may take.
  public init(library: String, probe: [String], patience: Duration) {
    self.library = library
    self.probe = probe
    self.patience = patience
  }

  deinit {
    state.withLock { state in
      // It ends when nobody asks any more.
      if case .running(_, let channel) = state { close(channel) }
    }
  }

  public func inventory() -> GPUInventory {
    if probe.isEmpty { return GPUInventory.discover(library: library) }
    // Most hosts have none: nobody has to be asked.
    if let absence = NVML.absence(of: library) {
      var none = GPUInventory()
      none.faults = [absence]
      return none
    }
    if let inventory = ask(.inventory)?.inventory { return inventory }
    var silent = GPUInventory()
    silent.faults = [
      GPUFault(
        .driverSilent, "the driver did not answer within \(patience)",
        remedy: "look for Xid in the kernel's log (dmesg); a driver that hangs needs a reboot")
    ]
    return silent
  }

  /// By UUID; none for devices that do not answer.
  public func activity(of uuids: [String]) -> [String: GPUActivity] {
    if !probe.isEmpty { return ask(.activity(uuids))?.activity ?? [:] }
    guard let nvml = try? NVML(library: library) else { return [:] }
    var activity: [String: GPUActivity] = [:]
    for uuid in uuids { activity[uuid] = nvml.activity(of: uuid) }
    return activity
  }

  private func ask(_ question: GPUProbe.Question) -> GPUProbe.Answer? {
    state.withLock { state in
      let deadline = ContinuousClock.now + patience
      // A process that ended since the last question is started again, once.
      for _ in 0..<2 {
        if case .hung(let pid) = state {
          guard waitpid(pid, nil, WNOHANG) != 0 else { return nil }
          state = .idle
        }
        if case .idle = state {
          guard let (pid, channel) = start() else { return nil }
          state = .running(pid: pid, channel: channel)
        }
        guard case .running(let pid, let channel) = state else { return nil }
        if let answer = Self.exchange(question, on: channel, until: deadline) { return answer }
        close(channel)
        _ = kill(pid, SIGKILL)
        state = .hung(pid: pid)
        guard ContinuousClock.now < deadline else { return nil }
      }
      return nil
    }
  }

  private func start() -> (pid: pid_t, channel: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else {
      return nil
    }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    var arguments = probe.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    guard posix_spawn(&pid, probe[0], &actions, nil, &arguments, environ) == 0 else {
      close(ends[0])
      return nil
    }
    return (pid, ends[0])
  }

  /// Nil when no whole answer came in time.
  private static func exchange(
    _ question: GPUProbe.Question, on channel: Int32, until deadline: ContinuousClock.Instant
  ) -> GPUProbe.Answer? {
    guard var text = try? JSONEncoder().encode(question) else { return nil }
    text.append(0x0a)
    let sent = text.withUnsafeBytes { send(channel, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    guard sent == text.count else { return nil }
    var line = Data()
    var part = [UInt8](repeating: 0, count: 65_536)
    while line.last != 0x0a, line.count < 1 << 24 {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      var wanted = pollfd(fd: channel, events: Int16(POLLIN), revents: 0)
      guard left > 0 else { return nil }
      let ready = poll(&wanted, 1, Int32(min(left.rounded(.up), 60_000)))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return nil }
      let count = recv(channel, &part, part.count, 0)
      guard count > 0 else { return nil }
      line.append(contentsOf: part[..<count])
    }
    return try? JSONDecoder().decode(GPUProbe.Answer.self, from: line)
  }
}
