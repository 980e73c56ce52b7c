import Foundation
import Glibc

/// A stand-in for the sandbox launcher that drops what a test names, and passes everything else on to the real one. Only tests have it:
/// the product has no switch that weakens a sandbox.
///
/// A runner of a test is started with it. The evaluator's own sandboxes stay whole.
struct WeakSandbox {
  /// Python statements on `words`, the arguments of the launcher and of bubblewrap.
  var launcher = ""
  var bubblewrap = ""
  /// Python statements in place of starting the launcher, with `words` at hand.
  var instead = ""

  /// Readable by the users that jobs run as.
  static let root: String = {
    let path = "/tmp/assay-weak-\(getpid())"
    try? FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    return path
  }()

  /// Writes the stand-ins; returns a folder of programs, for `ASSAY_BIN`, whose runner starts them.
  func install() throws -> String {
    let folder = Self.root + "/\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let real = Program.folder.appending(path: "assay-sandbox").path
    let head = """
      #!/usr/bin/python3 -IS
      import os, sys
      words = sys.argv[1:]
      def drop(option, values=0):
          while option in words:
              at = words.index(option)
              del words[at:at + 1 + values]
      def value(option):
          return words[words.index(option) + 1]

      """
    func indented(_ code: String) -> String {
      code.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(
        separator: "\n")
    }
    try write(
      head + """
        if "/harness" in words:
            words[words.index("--bubblewrap") + 1] = "\(folder)/bwrap"
        \(indented(launcher))
        \(indented(instead.isEmpty ? "pass" : instead.replacing("REAL", with: "\"\(real)\"")))
        os.execv("\(real)", ["\(real)"] + words)

        """, to: folder + "/assay-sandbox")
    try write(
      head + bubblewrap + "\nos.execv(\"/usr/bin/bwrap\", [\"/usr/bin/bwrap\"] + words)\n",
      to: folder + "/bwrap")
    for name in ["assay-evaluator", "assay-lineage", "assay-agent"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/" + name, withDestinationPath: Program.folder.appending(path: name).path)
    }
    let runner = Program.folder.appending(path: "assay-runner").path
    try write(
      "#!/bin/sh\nASSAY_SANDBOX=\(folder)/assay-sandbox exec \(runner) \"$@\"\n", to: folder + "/assay-runner"
    )
    return folder
  }

  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o755)
  }
}
