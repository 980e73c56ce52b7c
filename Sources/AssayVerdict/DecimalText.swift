/// Decimal numbers as text: what is signed is what was measured, with nothing lost in conversion.
public enum DecimalText {
  /// Whether the text is a plain decimal number: sign, digits, at most one point. No exponent, no NaN.
  public static func isDecimal(_ text: String) -> Bool {
    var digits = 0
    var points = 0
    guard text.utf8.count <= 64 else { return false }
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where index == 0: continue
      case UInt8(ascii: "."): points += 1
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      default: return false
      }
    }
    return digits > 0 && points <= 1
  }

  /// Six decimals, trailing zeros kept out; nil for what is no finite number of reasonable size.
  public static func format(_ value: Double) -> String? {
    guard value.isFinite, abs(value) < 1e12 else { return nil }
    let scaled = (abs(value) * 1_000_000).rounded()
    let whole = UInt64(scaled) / 1_000_000
    var fraction = String(UInt64(scaled) % 1_000_000)
    fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return sign + "\(whole)" + (fraction.isEmpty ? "" : ".\(fraction)")
  }
}
