import AssayProof
import AssayProofTesting
import Crypto
import Foundation

/// Verifying an exported record, beside the floor: its Ed25519 signatures alone, one after the other.
enum ProofBenchmark {
  static func run(trials: Int = 10_000) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-proofs-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let record = try SyntheticRecord(trials: trials)
    try record.bundle.write(to: folder)
    let (key, message) = (Curve25519.Signing.PrivateKey(), Data(count: 2000))
    let signature = try key.signature(for: message)
    var (ours, floor, python) = (Samples(), Samples(), Samples())
    for _ in 0..<3 {
      try await ours.measure { _ = try await ProofVerifier().verify(ProofBundle.read(from: folder)) }
      await floor.measure {
        for _ in 0..<trials { _ = key.publicKey.isValidSignature(signature, for: message) }
      }
      let interpreter = URL(filePath: ".build/python/bin/python")
      guard FileManager.default.isExecutableFile(atPath: interpreter.path) else { continue }
      try await python.measure {
        let process = Process()
        process.executableURL = interpreter
        process.arguments = ["conformance/python/verify_proofs.py", folder]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
      }
    }
    report("\nverifying an export of \(trials) trials (medians of 3)")
    report("| \(trials) signatures alone, one core s | assay verify s | verify_proofs.py s |")
    report("|---|---|---|")
    report(
      "| " + [floor, ours, python].map { cell($0.microseconds(0.5) / 1e6, 2) }.joined(separator: " | ") + " |"
    )
  }
}
