import AssaySandbox
import AssayVerdict
import Foundation
import Glibc
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
  private let kernel: String
  private let cpu: String

  init() {
    var name = utsname()
    uname(&name)
    kernel = withUnsafeBytes(of: &name.release) { Self.text($0) }
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    cpu =
      information.split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  func host(cores: [Int], isolation: IsolationReport) -> ProvenanceStatement.Host {
    .init(kernel: kernel, cpu: cpu, cores: cores, isolation: isolation.description)
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
