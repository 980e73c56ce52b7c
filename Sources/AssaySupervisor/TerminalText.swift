/// Text from recipes and agents, made safe to print: no control characters, escapes or direction overrides.
public enum TerminalText {
  /// Unicode scalars that change how later text is shown.
  private static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...8, 0x0B...0x1F, 0x7F...0x9F: true
    case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
    case 0xE0000...0xE0FFF: true
    default: false
    }
  }

  /// One line of at most `limit` characters; line ends become spaces, hostile characters are dropped.
  public static func oneLine(_ text: String, limit: Int) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit * 4) {
      if scalar == "\n" || scalar == "\r" || scalar == "\t" {
        result.append(" ")
      } else if !isHostile(scalar) {
        result.append(scalar)
      }
    }
    let line = String(result)
    return line.count <= limit ? line : String(line.prefix(limit - 1)) + "…"
  }

  /// Several lines, each cleaned; line ends stay.
  public static func block(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where scalar == "\n" || scalar == "\t" || !isHostile(scalar) {
      result.append(scalar)
    }
    return String(result)
  }

  /// Pads or cuts to a width in characters.
  public static func fit(_ text: String, _ width: Int) -> String {
    text.count > width
      ? String(text.prefix(max(0, width - 1))) + "…"
      : text + String(repeating: " ", count: width - text.count)
  }
}
