import Glibc

/// A host user that one running job has for itself, among all processes of this host: jobs of one user could signal
/// each other and share its process count. Held by a file lock, which the kernel drops when the holder dies.
final class JobUser: Sendable {
  static let first: UInt32 = 61_000
  static let count: UInt32 = 512
  static let folder = "/run/assay-users"

  let identifier: UInt32
  private let descriptor: Int32

  /// Takes the first free user.
  init() throws(SandboxError) {
    guard mkdir(Self.folder, 0o700) == 0 || errno == EEXIST else {
      throw SandboxError(.infrastructure, "cannot make \(Self.folder): \(String(cString: strerror(errno)))")
    }
    for identifier in Self.first..<Self.first + Self.count {
      let descriptor = open("\(Self.folder)/\(identifier)", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else {
        throw SandboxError(
          .infrastructure, "cannot lock a user in \(Self.folder): \(String(cString: strerror(errno)))")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        self.identifier = identifier
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
    throw SandboxError(
      .infrastructure, "more than \(Self.count) sandboxed commands run on this host at once; run fewer")
  }

  deinit { close(descriptor) }
}
