import ArgumentParser
import AssayIdentity
import AssayImport
import AssayProof
import AssaySupervisor
import Foundation

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check an exported record, without any server.",
    discussion: """
      Every signature, the order and completeness of the log, and every recipe, proposal and output named in it. Give the
      evaluator's key as you got it from its owner: a bundle alone proves only that it agrees with itself.

        assay verify proofs --evaluator-key assay-ed25519:...
        assay verify proofs --earlier last-week/checkpoint      the log goes on from what it said then
        assay verify 17.proof --evaluator-key ... --log-key ... one verdict

      Exit status: 0 everything holds, 2 usage, 4 something does not.
      """)

  @Argument(
    help: ArgumentHelp(
      "A folder that `assay export --proofs` wrote, or a file that `assay show TRIAL --proof` wrote.",
      valueName: "path"))
  var folder: String

  @Option(help: ArgumentHelp("The evaluator's public key, assay-ed25519:...", valueName: "key"))
  var evaluatorKey: String?

  @Option(help: ArgumentHelp("The lineage's public key, assay-ed25519:...", valueName: "key"))
  var logKey: String?

  @Option(help: ArgumentHelp("An earlier checkpoint of the same log.", valueName: "file"))
  var earlier: String?

  @Flag(help: "Believe a log for which its evaluator has not vouched.")
  var allowUncosigned = false

  @Flag(name: .long, help: "Print one JSON object, with stable keys.")
  var json = false

  func run() async throws {
    if ImportedRun.exists(in: URL(filePath: folder)) {
      throw SupervisorError(
        .verificationFailed,
        "\(folder) is recipe-claimed: somebody wrote its figures down, perhaps the recipe itself. Nothing in it is signed, so that nothing can be verified."
      )
    }
    var verifier = ProofVerifier()
    do {
      verifier.evaluatorKey = try evaluatorKey.map { try PublicIdentity(text: $0) }
      verifier.logKey = try logKey.map { try PublicIdentity(text: $0) }
    } catch let error as IdentityError {
      throw SupervisorError(.usage, error.message)
    }
    verifier.acceptsUncosigned = allowUncosigned
    if let earlier {
      guard let bytes = FileManager.default.contents(atPath: earlier) else {
        throw SupervisorError(.usage, "cannot read the checkpoint \(earlier)")
      }
      verifier.earlier = [UInt8](bytes)
    }
    do {
      var isFolder = ObjCBool(false)
      if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), !isFolder.boolValue {
        return try verifyStatement(verifier)
      }
      let summary = try await verifier.verify(try ProofBundle.read(from: folder))
      print(json ? try JSONLine.encode(summary) : ProofText.text(of: summary, in: folder))
      if !json, evaluatorKey == nil {
        print("The keys are the bundle's own word: compare them, or name them with --evaluator-key.")
      }
    } catch let error as ProofError {
      if json { print(try JSONLine.encode(["error": error.code.rawValue, "message": error.message])) }
      throw SupervisorError(.verificationFailed, "do not believe \(folder): \(error.message)")
    }
  }

  private func verifyStatement(_ verifier: ProofVerifier) throws {
    guard let evaluatorKey = verifier.evaluatorKey, let logKey = verifier.logKey else {
      throw SupervisorError(
        .usage,
        "the proof of one verdict holds no keys: give --evaluator-key and --log-key, as `assay export` prints them."
      )
    }
    let text = String(decoding: FileManager.default.contents(atPath: folder) ?? Data(), as: UTF8.self)
    let summary = try StatementProof(text: text).verify(
      evaluatorKey: evaluatorKey, logKey: logKey, acceptsUncosigned: allowUncosigned)
    let score = summary.score.map { $0.isEmpty ? "" : " \($0)" } ?? ""
    print(
      json
        ? try JSONLine.encode(summary)
        : "run \(summary.run), trial \(summary.trial ?? 0): \(summary.label ?? summary.kind)\(score); entry \(summary.index) of a log of \(summary.size)"
    )
  }
}
