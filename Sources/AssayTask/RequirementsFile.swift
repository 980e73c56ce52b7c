import Foundation

/// A file of pinned Python packages: every one with an exact version and SHA-256 hashes.
struct RequirementsFile {
  /// The packages, `name==version`.
  private(set) var packages: [String] = []
  private(set) var diagnostics: [TaskDiagnostic] = []

  init(path: String, text: String) {
    var pending = ""
    var start = 1
    for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if pending.isEmpty { start = index + 1 }
      var line = String(raw)
      if line.hasSuffix("\r") { line.removeLast() }
      if line.hasPrefix("#") { line = "" }
      if let comment = line.range(of: " #") { line = String(line[..<comment.lowerBound]) }
      if line.hasSuffix("\\") {
        pending += line.dropLast() + " "
        continue
      }
      read(pending + line, path, start)
      pending = ""
    }
    if !pending.isEmpty { read(pending, path, start) }
  }

  private mutating func read(_ line: String, _ path: String, _ number: Int) {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    guard let first = words.first else { return }
    func report(_ message: String, _ remedy: String, _ severity: TaskDiagnostic.Severity = .error) {
      diagnostics.append(
        TaskDiagnostic(severity: severity, file: path, line: number, message: message, remedy: remedy))
    }
    if first.hasPrefix("-") {
      let option = first.split(separator: "=", maxSplits: 1).first.map(String.init) ?? first
      switch option {
      case "--only-binary", "--prefer-binary", "--index-url", "-i", "--extra-index-url", "--no-index",
        "--pre":
        return
      case "--find-links", "-f":
        report(
          "'\(option)' names a folder or server that other machines may lack", "delete the line", .warning)
      default:
        report(
          "the option '\(option)' is not taken",
          "list every package in this file as name==version --hash=sha256:...")
      }
      return
    }
    let hashes = words.filter { $0.hasPrefix("--hash=") }
    let rest = words.filter { !$0.hasPrefix("--") }.joined(separator: " ")
    let requirement = rest.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    guard
      requirement.wholeMatch(
        of: /[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9,._ -]+\])? *== *[A-Za-z0-9][A-Za-z0-9.+!_-]*/)
        != nil
    else {
      report(
        "'\(String(requirement.prefix(60)))' is not pinned to one version",
        "write name==version; 'pip-compile --generate-hashes' makes such a file")
      return
    }
    let name = requirement.split(separator: "=").first.map(String.init) ?? requirement
    if hashes.isEmpty {
      report(
        "'\(requirement)' has no hash",
        "add --hash=sha256:... for it; 'pip-compile --generate-hashes' or 'pip hash FILE' gives it")
    } else if let bad = hashes.first(where: { $0.wholeMatch(of: /--hash=sha256:[0-9a-fA-F]{64}/) == nil }) {
      report(
        "'\(String(bad.prefix(60)))' is not a SHA-256 hash", "write --hash=sha256: and 64 hexadecimal digits")
    }
    if packages.contains(where: { $0.hasPrefix(name + "==") }) {
      report("'\(name)' is listed twice", "keep one of the lines")
    }
    packages.append(requirement.filter { $0 != " " })
  }
}
