/// A recipe's own output, made fit to be shown: untrusted text for people and agents, never read for a result.
enum LogExcerpt {
  /// The most bytes an excerpt has.
  static let maximumBytes = 8192

  /// Takes out escape sequences and control characters, and cuts the middle.
  static func clean(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    var escape = Escape.none
    for scalar in text.unicodeScalars {
      switch escape {
      case .introduced:
        escape = scalar == "[" ? .sequence : scalar == "]" || scalar == "P" ? .string : .none
        continue
      case .sequence:
        if scalar.value >= 0x40 && scalar.value <= 0x7E { escape = .none }
        continue
      case .string:
        if scalar.value == 0x07 || scalar.value == 0x0A { escape = .none }
        if scalar.value == 0x1B { escape = .introduced }
        continue
      case .none: break
      }
      if scalar.value == 0x1B {
        escape = .introduced
      } else if scalar.value == 0x9B {
        escape = .sequence
      } else if scalar == "\n" || scalar == "\t" {
        scalars.append(scalar)
      } else if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
        || scalar.properties.generalCategory == .privateUse
        || scalar.properties.generalCategory == .unassigned
      {
        continue
      } else {
        scalars.append(scalar)
      }
    }
    return bounded(String(scalars))
  }

  private enum Escape { case none, introduced, sequence, string }

  private static func bounded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.count > maximumBytes else { return text }
    let note = "\n[... \(bytes.count) bytes, the middle left out ...]\n"
    let half = (maximumBytes - note.utf8.count - 16) / 2
    var head = half
    while head > 0, bytes[head] & 0xC0 == 0x80 { head -= 1 }
    var tail = bytes.count - half
    while tail < bytes.count, bytes[tail] & 0xC0 == 0x80 { tail += 1 }
    return String(decoding: bytes[..<head], as: UTF8.self) + note
      + String(decoding: bytes[tail...], as: UTF8.self)
  }
}
