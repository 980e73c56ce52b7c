import AssayTrajectory

/// Bytes of a record as text, with what had to be done to read them.
struct RecordedText {
  let text: String
  /// Nil, or what a reader has to know.
  let flag: FlagKind?

  init(_ bytes: some Collection<UInt8>) {
    let plain = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    if plain {
      text = String(decoding: bytes, as: UTF8.self)
      flag = nil
      return
    }
    guard let valid = String(validating: bytes, as: UTF8.self) else {
      text = Self.withoutNull(String(decoding: bytes, as: UTF8.self))
      flag = .invalidText
      return
    }
    let hasControls = valid.unicodeScalars.contains {
      switch $0.value {
      case 0x09, 0x0A: false
      case 0..<0x20, 0x7F...0x9F: true
      // Marks that change the direction in which text is shown.
      case 0x202A...0x202E, 0x2066...0x2069: true
      default: false
      }
    }
    text = hasControls ? Self.withoutNull(valid) : valid
    flag = hasControls ? .controlCharacters : nil
  }

  /// A database and a terminal end texts at NUL, so it is shown by its symbol; the raw bytes keep it.
  private static func withoutNull(_ text: String) -> String { text.replacing("\0", with: "\u{2400}") }
}
