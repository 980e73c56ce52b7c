import Foundation
import Glibc
import Synchronization

/// One run of the launcher. It is started, read and waited for on one thread of its own: the launcher asks the kernel
/// to be told when the *thread* that started it ends, and threads of the cooperative pool come and go.
final class LauncherProcess: Sendable {
  private struct State {
    var pid: pid_t?
    var stopRequested = false
  }

  private let path: String
  private let arguments: [String]
  private let state = Mutex(State())

  init(path: String, arguments: [String]) {
    self.path = path
    self.arguments = arguments
  }

  /// Asks the launcher to end the job; its report still comes.
  func stop() {
    state.withLock { state in
      state.stopRequested = true
      if let pid = state.pid { kill(pid, SIGTERM) }
    }
  }

  /// Starts the launcher; returns its report when everything has ended.
  func run() async -> Result<String, SandboxError> {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: self.runOnThisThread()) }
    }
  }

  private func runOnThisThread() -> Result<String, SandboxError> {
    let pid: pid_t
    let report: Int32
    do throws(SandboxError) {
      (pid, report) = try spawn()
    } catch {
      return .failure(error)
    }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(report, &buffer, buffer.count)
      if count > 0 { text += buffer.prefix(count) } else if count == 0 || errno != EINTR { break }
    }
    close(report)
    // The pid is forgotten before it is given back to the kernel: a late stop must not hit a stranger.
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    state.withLock { $0.pid = nil }
    while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    return .success(String(decoding: text, as: UTF8.self))
  }

  private func spawn() throws(SandboxError) -> (pid: pid_t, report: Int32) {
    var ends: [Int32] = [-1, -1]
    // Not a pipe, which another program that is started at this moment would inherit, and keep open when this one has ended.
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else {
      throw SandboxError(.infrastructure, "socketpair failed: \(String(cString: strerror(errno)))")
    }
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
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    posix_spawnattr_setpgroup(&attributes, 0)
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    // A stop that comes early waits until the launcher is ready to hear it.
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    posix_spawnattr_setsigmask(&attributes, &signals)
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
    state.withLock { state in
      state.pid = pid
      if state.stopRequested { kill(pid, SIGTERM) }
    }
    return (pid, ends[0])
  }
}
