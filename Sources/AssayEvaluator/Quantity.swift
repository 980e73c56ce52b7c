import AssayVerdict
import Foundation

/// Numbers in messages.
enum Quantity {
  /// With commas: 231,040.
  static func count(_ value: UInt64) -> String {
    var digits = Array(String(value))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return String(digits)
  }

  /// The excess and its share: `31,040 (15.5 %)`.
  static func over(_ value: UInt64, _ cap: UInt64) -> String {
    let excess = value > cap ? value - cap : 0
    guard cap > 0 else { return count(excess) }
    return "\(count(excess)) (\(String(format: "%.1f", Double(excess) / Double(cap) * 100)) %)"
  }

  /// Dollars from billionths of them: `1.25`.
  static func dollars(_ nanodollars: UInt64) -> String {
    DecimalText.format(Double(nanodollars) / 1e9) ?? "\(nanodollars / 1_000_000_000)"
  }

  static func seconds(_ nanoseconds: UInt64) -> String { String(format: "%.1f s", Double(nanoseconds) / 1e9) }

  /// A decimal for people and the record; a value beyond all reason is "0".
  static func decimal(_ value: Double) -> String { DecimalText.format(value) ?? "0" }
}
