import ArgumentParser
import AssayProof
import AssaySupervisor
import Foundation

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the signed record of a run as files that prove themselves.",
    discussion: """
      The folder holds the evaluator's signed statements in order, the checkpoint of the log that they make, and every
      proposal, recipe and log that they name. `assay verify` checks it anywhere, without a server; so does
      conformance/python/verify_proofs.py, which shares no code with Assay. See docs/proof-format.md.
      """)

  @Option(name: .long, help: ArgumentHelp("The new folder to write to.", valueName: "dir"))
  var proofs: String

  @OptionGroup var options: StateOptions

  func run() async throws {
    if !((try? FileManager.default.contentsOfDirectory(atPath: proofs)) ?? []).isEmpty {
      throw SupervisorError(.usage, "\(proofs) exists and is not empty; name a new folder with --proofs.")
    }
    let directory = try options.directory()
    let logKey = try directory.lineageIdentity()
    let bar = ProgressBar()
    defer { bar.clear() }
    let bundle = try await RunReader.with(directory) {
      try await $0.proofs(logKey: logKey) { bar.show("reading the record", done: $0, of: $1) }
    }
    bar.clear()
    var verifier = ProofVerifier()
    verifier.acceptsUncosigned = true
    let summary: ProofVerifier.Summary
    do {
      summary = try await verifier.verify(bundle)
    } catch let error as ProofError {
      throw SupervisorError(
        .verificationFailed, "the record does not prove itself, nothing was written: \(error.message)")
    }
    try bundle.write(to: proofs)
    if options.json {
      print(try JSONLine.encode(summary))
    } else {
      print(ProofText.text(of: summary, in: proofs))
      print("Check it anywhere: assay verify \(proofs) --evaluator-key \(summary.evaluatorKey)")
    }
  }
}
