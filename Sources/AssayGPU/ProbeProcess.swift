import Foundation
import Glibc

/// A process that runs ``GPUProbe/serve(library:)``, and the way to it. Who makes one ends it.
struct ProbeProcess: Sendable {
  let pid: pid_t
  private let channel: Int32

  /// - Parameter command: the program, by its absolute path, and its arguments.
  init?(_ command: [String]) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else { return nil }
    defer { Glibc.close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    var arguments = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    guard posix_spawn(&pid, command[0], &actions, nil, &arguments, environ) == 0 else {
      Glibc.close(ends[0])
      return nil
    }
    (self.pid, channel) = (pid, ends[0])
  }

  /// It ends when nobody asks any more.
  func close() { Glibc.close(channel) }

  /// Ends it, as soon as the kernel lets go of it.
  func end() {
    close()
    _ = kill(pid, SIGKILL)
  }

  /// Nil when no whole answer came in time.
  func exchange(_ question: GPUProbe.Question, until deadline: ContinuousClock.Instant) -> GPUProbe.Answer? {
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
