import ArgumentParser
import AssayDoctor
import AssaySupervisor
import Foundation

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "What this machine, or a run's folder, lacks, and how to mend it.",
    discussion: """
      Tries the sandbox as a runner does, and looks at namespaces, control groups, disk, clock, Python, packages, GPUs, and,
      where there is a run, at its keys, trust files and services. Exit status 1 when something fails; a warning is no failure.
      """)

  @OptionGroup var options: StateOptions

  @Option(
    help: ArgumentHelp("NVIDIA's management library, where it is not found by its name.", valueName: "file"))
  var nvml: String?

  func run() async throws {
    let root = try? StateLocator.existing(named: options.state)
    // A folder that was named must be one; without a name there may be none yet.
    let directory =
      options.state != nil ? try options.directory() : root.flatMap { try? StateDirectory.existing(at: $0) }
    let findings = await Doctor(
      directory: directory,
      folders: [root ?? StateLocator.forRun(named: nil, task: "run"), StateLocator.preparedDefault()],
      nvml: nvml
    ).examine()
    for finding in findings {
      print(options.json ? try JSONLine.encode(finding) : Self.text(of: finding, style: .current))
    }
    if findings.contains(where: { $0.state == .fail }) {
      throw SupervisorError(.negative, "something has to be mended first: see the remedies above.")
    }
  }

  static func text(of finding: Finding, style: TerminalStyle) -> String {
    let color: TerminalStyle.Color =
      switch finding.state {
      case .ok: .green
      case .warn: .yellow
      case .fail: .red
      }
    let head =
      style.paint(TerminalText.fit(finding.state.rawValue, 5), color) + TerminalText.fit(finding.check, 17)
      + finding.detail
    return finding.remedy.isEmpty
      ? head : head + "\n" + String(repeating: " ", count: 5) + "→ " + finding.remedy
  }
}
