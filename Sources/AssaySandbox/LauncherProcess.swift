import Foundation
import Glibc

/// Starts the launcher and reads its report. The blocking wait has a thread of its own.
final class LauncherProcess: Sendable {
  private let pid: pid_t
  private let report: Int32

  init(path: String, arguments: [String]) throws(SandboxError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Self.failed("pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 3)
    // A group of its own: a Ctrl-C at the terminal is for whoever supervises, not for jobs.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    posix_spawnattr_setpgroup(&attributes, 0)
    var defaults = sigset_t()
    sigfillset(&defaults)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    var words: [UnsafeMutablePointer<CChar>?] = ([path, "--status-fd", "3"] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    var pid = pid_t()
    let result = posix_spawn(&pid, path, &actions, &attributes, &words, &environment)
    guard result == 0 else {
      close(ends[0])
      throw SandboxError(.infrastructure, "cannot start \(path): \(String(cString: strerror(result)))")
    }
    self.pid = pid
    report = ends[0]
  }

  private static func failed(_ what: String) -> SandboxError {
    SandboxError(.infrastructure, "\(what) failed: \(String(cString: strerror(errno)))")
  }

  /// Asks the launcher to end the job; its report still comes.
  func stop() { kill(pid, SIGTERM) }

  /// The launcher's report, when everything has ended.
  func finished() async -> String {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [pid, report] in
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
          let count = read(report, &buffer, buffer.count)
          if count > 0 { text += buffer.prefix(count) } else if count == 0 || errno != EINTR { break }
        }
        close(report)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        continuation.resume(returning: String(decoding: text, as: UTF8.self))
      }
    }
  }
}
