import AssaySandbox
import AssayVerdict
import Foundation
import Synchronization

/// What this host is, and what the folders on it hold, for the provenance of jobs.
final class HostFacts: Sendable {
  private struct Known {
    var entries: [MountDigest.Entry]
    var digest: String
    var looked: ContinuousClock.Instant
  }

  /// How long a folder is taken to be as it was: an environment has ten thousand files.
  private static let patience = Duration.seconds(60)

  private let known = Mutex<[String: Known]>([:])
  private let own = SandboxHost.current()

  /// Model of the processor that jobs run on.
  ///
  /// - Parameter host: where they run; nil for this host.
  func processor(_ host: SandboxHost?) -> String { (host ?? own).cpu }

  /// - Parameters:
  ///   - host: where the job ran; nil for this host.
  ///   - cores: that a slot of this host was given.
  func host(_ host: SandboxHost?, cores: [Int], isolation: IsolationReport, gpus: [ProvenanceStatement.GPU]?)
    -> ProvenanceStatement.Host
  {
    .init(
      kernel: (host ?? own).kernel, cpu: (host ?? own).cpu, cores: host?.cores ?? cores,
      isolation: isolation.description, gpus: gpus)
  }

  /// SHA-256 of a folder that jobs mount; read again when a file in it was added, removed or written, for which it is looked at once
  /// a minute. Nil when it cannot be read.
  func digest(of folder: String) -> String? {
    let known = known.withLock { $0[folder] }
    if let known, known.looked.duration(to: .now) < Self.patience { return known.digest }
    guard let entries = MountDigest.entries(of: folder),
      let digest = known?.entries == entries ? known?.digest : MountDigest.hex(of: folder)
    else { return nil }
    self.known.withLock { $0[folder] = Known(entries: entries, digest: digest, looked: .now) }
    return digest
  }
}
