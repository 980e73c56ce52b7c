import Foundation
import Glibc

/// A container engine for tests: the one that runs, or one of our own that is started and stopped.
final class ContainerEngine: Sendable {
  /// For DOCKER_HOST.
  let address: String
  private let folder: String?

  /// Why containers cannot be tested here; nil when they can.
  static let missing: String? = {
    guard geteuid() == 0 else { return "an engine of our own needs root" }
    for program in ["dockerd", "docker-compose", "mmdebstrap", "prometheus", "promtool"]
    where !["/usr/bin/", "/usr/sbin/"].contains(where: { access($0 + program, X_OK) == 0 }) {
      return "\(program) is not installed (tools/setup.sh test installs it)"
    }
    return nil
  }()

  /// CI has to be able to test them: there a reason to skip is a failure.
  static var isRequired: Bool { ProcessInfo.processInfo.environment["ASSAY_REQUIRE_CONTAINERS"] == "1" }

  static func start() async throws -> ContainerEngine {
    if let address = ProcessInfo.processInfo.environment["DOCKER_HOST"] {
      return ContainerEngine(address: address, folder: nil)
    }
    let folder = "/tmp/assay-engine-\(getpid())"
    let started = try await Program.run(
      Program.repository.appending(path: "compose/engine.sh").path, ["start", folder])
    guard started.status == 0 else { throw Failure(text: "no engine: \(started.errors.suffix(2000))") }
    return ContainerEngine(
      address: started.output.trimmingCharacters(in: .whitespacesAndNewlines), folder: folder)
  }

  struct Failure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
  }

  private init(address: String, folder: String?) {
    self.address = address
    self.folder = folder
  }

  func stop() async throws {
    guard let folder else { return }
    _ = try await Program.run(
      Program.repository.appending(path: "compose/engine.sh").path, ["stop", folder])
  }

  func docker(_ arguments: String...) async throws -> Program.Ended {
    try await Program.run("/usr/bin/docker", arguments, environment: ["DOCKER_HOST": address])
  }
}
