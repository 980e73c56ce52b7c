import Foundation
import Glibc

/// Labels that every host has without being told.
public enum HostLabels {
  /// - Parameter name: the runner's; characters that no label has become dashes.
  public static func automatic(name: String) -> [String] {
    var names = utsname()
    var labels: [String] = []
    if uname(&names) == 0 {
      let machine = withUnsafeBytes(of: names.machine) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      labels.append("arch=\(machine)")
    }
    let plain = String(
      name.prefix(100).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" })
    if !plain.isEmpty { labels.append("host=\(plain)") }
    return labels
  }
}
