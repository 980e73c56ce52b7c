import Glibc

/// The artifact volume cannot be used. Never a reason to fail a job: artifacts travel by RPC then.
public struct ArtifactVolumeError: Error, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  static func failure(_ what: String) -> ArtifactVolumeError {
    ArtifactVolumeError("\(what): \(String(cString: strerror(errno)))")
  }
}
