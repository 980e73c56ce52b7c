import Foundation

/// Values of other programs' JSON.
enum JSONFields {
  /// A finite number; booleans are none.
  static func number(_ value: Any) -> Double? {
    // `is Bool` would take 0 and 1 for booleans too.
    guard let number = value as? NSNumber, String(cString: number.objCType) != "c" else { return nil }
    return number.doubleValue.isFinite ? number.doubleValue : nil
  }

  static func text(_ value: Any?) -> String {
    switch value {
    case let text as String: text
    case let number as NSNumber: number.stringValue
    default: ""
    }
  }

  /// Fields that have no place of their own, as texts.
  static func extra(_ object: [String: Any], except placed: Set<String>) -> [String: String] {
    var extra: [String: String] = [:]
    for (name, value) in object where !placed.contains(name) {
      if let text = value as? String {
        extra[name] = text
      } else if value is NSNull {
        continue
      } else if let data = try? JSONSerialization.data(
        withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
      {
        extra[name] = String(decoding: data, as: UTF8.self)
      }
    }
    return extra
  }
}
