import AssayTask

/// What is revealed to a predictor piece by piece, as the launcher reads it (docs/predict-then-reveal.md): `ASSAYRV1`, how long a reply
/// may take in milliseconds, the number of pieces, then the pieces that the scorer wrote. Numbers are unsigned, 32 bits, little-endian.
enum RevealStream {
  /// In a group's folder.
  static let file = "reveal.bin"

  /// Checks what a scorer wrote: for each piece its size, the size of the reply that it asks for, its bytes.
  static func make(of pieces: [UInt8], _ reveal: TaskFile.Reveal, recordBytes: UInt64) throws -> [UInt8] {
    var at = 0
    var count: UInt32 = 0
    var replies: UInt64 = 0
    func number(_ place: Int) -> UInt32 {
      pieces[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    while at < pieces.count {
      guard pieces.count - at >= 8, pieces.count - at - 8 >= Int(number(at)) else {
        throw EvaluatorError(.scorerFailed, "the scorer's \(file) is cut off in piece \(count)")
      }
      replies += UInt64(number(at + 4))
      at += 8 + Int(number(at))
      count += 1
    }
    guard count > 0 else { throw EvaluatorError(.scorerFailed, "the scorer's \(file) holds no piece") }
    guard replies <= recordBytes else {
      throw EvaluatorError(
        .scorerFailed,
        "the scorer's \(file) asks for \(replies) bytes of replies, more than predict.outputs allows")
    }
    let milliseconds = UInt32(min(max(1, reveal.replySeconds * 1000), 4e9))
    return Array("ASSAYRV1".utf8) + bytes(milliseconds) + bytes(count) + pieces
  }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
