import Crypto
import Foundation

/// What decides seeds and nonces of a run: random, kept by the evaluator, so that nobody can know a trial's seed before
/// the trial is committed, nor its inputs before training has ended.
struct RunSecret: Sendable {
  let bytes: [UInt8]

  init() {
    bytes = SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) }
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  private func derive(_ text: String) -> [UInt8] {
    [UInt8](HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: bytes)))
  }

  /// The seeds of a measurement: distinct, below 2^31, which every framework takes.
  func seeds(trial: UInt32, purpose: String, count: Int) -> [UInt64] {
    var seeds: [UInt64] = []
    var index = 0
    while seeds.count < count {
      let bytes = derive("seed/\(trial)/\(purpose)/\(index)")
      let seed = bytes.prefix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & 0x7FFF_FFFF
      if !seeds.contains(seed) { seeds.append(seed) }
      index += 1
    }
    return seeds
  }

  /// Whether a trial is run in full although it is predicted to fail: one in eight, which nobody can foresee.
  func checksPrediction(of trial: UInt32) -> Bool { (derive("check/\(trial)").first ?? 0) < 32 }

  /// The scorer's nonce, hex.
  func nonce(trial: UInt32, purpose: String) -> String {
    derive("nonce/\(trial)/\(purpose)").map { String(format: "%02x", $0) }.joined()
  }
}
