import ArgumentParser
import AssayIdentity
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

      Exit status: 0 everything holds, 2 usage, 4 something does not.
      """)

  @Argument(help: ArgumentHelp("A folder that `assay export --proofs` wrote.", valueName: "dir"))
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
}
