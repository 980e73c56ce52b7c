import AssayProcess
import AssaySupervisor
import Foundation

extension Doctor {
  /// What a program prints; nil when it cannot be run, or fails, or does not come to an end.
  static func ask(_ program: String, _ arguments: [String]) async -> String? {
    let said = try? await ChildProcess.capture(
      [program] + arguments, environment: ProcessInfo.processInfo.environment, maximumOutput: 1 << 20,
      timeLimit: .seconds(60))
    guard let said, said.succeeded else { return nil }
    return String(decoding: said.output, as: UTF8.self)
  }

  static func python() async -> Finding {
    let remedy = "apt-get install python3 python3-venv"
    guard
      let said = await ask("/usr/bin/python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    else { return Finding("python", .fail, "/usr/bin/python3 does not run", remedy: remedy) }
    let version = said.trimmingCharacters(in: .whitespacesAndNewlines)
    let parts = version.split(separator: ".").compactMap { Int($0) }
    guard parts.count == 2, (parts[0], parts[1]) >= (3, 9) else {
      return Finding("python", .fail, "Python \(version) is too old", remedy: "install Python 3.9 or newer")
    }
    guard await ask("/usr/bin/python3", ["-c", "import venv, ensurepip"]) != nil else {
      return Finding(
        "python", .fail, "Python \(version) without venv: environments of tasks cannot be made",
        remedy: remedy)
    }
    return Finding("python", .ok, "Python \(version) with venv")
  }

  /// Packages, and the file of each that may lie beside the programs instead.
  static let wantedPackages = [
    ("bubblewrap", "bwrap"), ("libsqlite3-0", "libsqlite3.so.0"), ("libseccomp2", "libseccomp.so.2"),
    ("libmbedtls14", "libmbedtls.so.14"), ("libprotobuf-c1", "libprotobuf-c.so.1"),
  ]

  static func packages() async -> Finding {
    let folder = Executables.directory.path
    let beside = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    let said = await ask(
      "/usr/bin/dpkg-query", ["-W", "-f", "${Package} ${Version} ${db:Status-Status}\\n"])
    let isPortable = wantedPackages.allSatisfy { beside.contains($0.1) }
    guard said != nil || isPortable else {
      return Finding("packages", .warn, "dpkg-query does not run, so that nothing is known of packages")
    }
    return packages(said ?? "", beside: beside)
  }

  /// - Parameters:
  ///   - listing: a package a line: name, version, state.
  ///   - beside: names of the files beside the programs.
  static func packages(_ listing: String, beside: Set<String> = []) -> Finding {
    var versions: [Substring: Substring] = [:]
    for line in listing.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 3, words[2] == "installed" { versions[words[0]] = words[1] }
    }
    for (name, file) in wantedPackages where versions[Substring(name)] == nil && beside.contains(file) {
      versions[Substring(name)] = "beside the programs"
    }
    let missing = wantedPackages.map(\.0).filter { versions[Substring($0)] == nil }
    return missing.isEmpty
      ? Finding(
        "packages", .ok,
        wantedPackages.map { "\($0.0) \(versions[Substring($0.0)] ?? "")" }.joined(separator: ", "))
      : Finding(
        "packages", .fail, "missing: \(missing.joined(separator: ", "))",
        remedy: "apt-get install \(missing.joined(separator: " "))")
  }
}
