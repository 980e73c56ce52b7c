/// Durations as people type and read them: `90s`, `10m`, `1h30m`.
public enum DurationText {
  /// Parses a sum of numbers with the units s, m, h, d; a bare number is seconds. Nil for anything else.
  public static func parse(_ text: String) -> Duration? {
    var total = 0.0
    var number = ""
    var sawUnit = false
    for character in text {
      if character.isASCII, character.isNumber || character == "." {
        number.append(character)
        continue
      }
      let unit: Double? =
        switch character {
        case "s": 1
        case "m": 60
        case "h": 3600
        case "d": 86400
        default: nil
        }
      guard let unit, let value = Double(number) else { return nil }
      total += value * unit
      number = ""
      sawUnit = true
    }
    if !number.isEmpty {
      guard !sawUnit, let value = Double(number) else { return nil }
      total = value
    }
    guard total > 0, total < 1e9 else { return nil }
    return .seconds(total)
  }

  /// `4m05s`, `1h02m`, `12s`.
  public static func format(_ duration: Duration) -> String {
    let seconds = max(0, Int(duration.components.seconds))
    func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if seconds >= 3600 { return "\(seconds / 3600)h\(pad(seconds % 3600 / 60))m" }
    if seconds >= 60 { return "\(seconds / 60)m\(pad(seconds % 60))s" }
    return "\(seconds)s"
  }
}
