/// Reads the launcher's report. The launcher is ours; a report that does not parse is our failure.
enum LauncherReport {
  static func parse(_ text: String, outputs expected: Int) throws(SandboxError) -> SandboxResult {
    var outcome: SandboxResult.Outcome?
    var numbers: [String: UInt64] = [:]
    var outputs: [SandboxResult.Output] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 2).map(String.init)
      guard words.count >= 2 else { continue }
      let number = words.last.flatMap { UInt64($0) }
      switch (words[0], words[1]) {
      case ("outcome", "infrastructure"):
        throw SandboxError(.infrastructure, words.count > 2 ? words[2] : "the launcher failed")
      case ("outcome", "exited"): outcome = .exited(Int32(clamping: number ?? 255))
      case ("outcome", "signalled"): outcome = .signalled(Int32(clamping: number ?? 0))
      case ("outcome", let name): outcome = SandboxResult.Limit(rawValue: name).map { .limit($0) }
      case ("output", "present"): outputs.append(.present(size: number ?? 0))
      case ("output", "missing"): outputs.append(.missing)
      case ("output", "too-large"): outputs.append(.tooLarge(size: number ?? 0))
      case ("output", "not-a-file"): outputs.append(.notAFile)
      default: numbers[words[0]] = number
      }
    }
    guard let outcome, outputs.count == expected else {
      throw SandboxError(.infrastructure, "the launcher ended without a full report: \(text.prefix(500))")
    }
    return SandboxResult(
      outcome: outcome, wallNanoseconds: numbers["wall-ns"] ?? 0, cpuNanoseconds: numbers["cpu-ns"] ?? 0,
      peakMemoryBytes: numbers["memory"] ?? 0, outputs: outputs, log: [])
  }
}
