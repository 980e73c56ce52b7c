import ArgumentParser
import AssayExport
import AssayProof
import AssaySupervisor
import AssayTrajectory
import Foundation

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a run as files that other programs read.",
    discussion: """
      --proofs writes the evaluator's signed statements in order, the checkpoint of the log that they make, and every
      proposal, recipe and log that they name. `assay verify` checks it anywhere, without a server; so does
      conformance/python/verify_proofs.py, which shares no code with Assay. See docs/proof-format.md.

      The other forms are for reading, of your own runs and of imported ones (--state NAME); see docs/export-format.md.

        assay export --tables out          trials.csv, trials.jsonl, flags.csv, run.json
        assay export --sqlite run.sqlite   one consistent database with stable views
        assay export --tensorboard logs    curves for TensorBoard
        assay export --reference board     results.tsv, tree.tsv, best.json, LEADERBOARD.md, KNOWLEDGE.md
      """)

  @Option(name: .long, help: ArgumentHelp("The new folder for the signed record.", valueName: "dir"))
  var proofs: String?

  @Option(name: .long, help: ArgumentHelp("The new folder for CSV and JSON Lines.", valueName: "dir"))
  var tables: String?

  @Option(name: .long, help: ArgumentHelp("The new SQLite file.", valueName: "file"))
  var sqlite: String?

  @Option(name: .long, help: ArgumentHelp("The new folder for TensorBoard's event file.", valueName: "dir"))
  var tensorboard: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The new folder for the reference implementation's files.", valueName: "dir"))
  var reference: String?

  @OptionGroup var options: StateOptions

  func validate() throws {
    if [proofs, tables, sqlite, tensorboard, reference].allSatisfy({ $0 == nil }) {
      throw ValidationError("Say what to write: --proofs, --tables, --sqlite, --tensorboard or --reference.")
    }
  }

  func run() async throws {
    if let proofs { try await writeProofs(to: proofs) }
    guard tables != nil || sqlite != nil || tensorboard != nil || reference != nil else { return }
    let this = self
    do {
      try await RunLocation.find(options.state).withRecord { record in
        if let tables = this.tables { try await TableExport.write(record, to: URL(filePath: tables)) }
        if let sqlite = this.sqlite { try await SnapshotExport.write(record, to: URL(filePath: sqlite)) }
        if let tensorboard = this.tensorboard {
          try await TensorBoardExport.write(record, to: URL(filePath: tensorboard))
        }
        if let reference = this.reference {
          try await ReferenceExport.write(record, to: URL(filePath: reference))
        }
      }
    } catch let error as ExportError {
      throw SupervisorError(error)
    }
    let written = [
      ("tables", tables), ("sqlite", sqlite), ("tensorboard", tensorboard), ("reference", reference),
    ].compactMap { name, place in place.map { (name, $0) } }
    if options.json {
      print(try JSONLine.encode(Dictionary(written, uniquingKeysWith: { first, _ in first })))
    } else {
      for (name, place) in written { print("\(name) written to \(place)") }
    }
  }

  private func writeProofs(to proofs: String) async throws {
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
