import Foundation
import Glibc

/// How far a long task is, on one line of a terminal; silent where standard error is no terminal.
struct ProgressLine: Sendable {
  private let verb: String
  private let start = ContinuousClock.now

  init(_ verb: String) { self.verb = verb }

  /// - Parameters:
  ///   - done: bytes so far.
  ///   - total: bytes in all.
  ///   - rows: rows so far.
  func update(done: Int, total: Int, rows: Int) {
    guard isatty(2) != 0 else { return }
    let percent = total == 0 ? 100 : min(100, done * 100 / total)
    let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
    let rate = seconds > 0.5 ? ", \(Int(Double(rows) / seconds)) rows/s" : ""
    FileHandle.standardError.write(Data("\r\u{1B}[K\(verb) \(percent) %, \(rows) rows\(rate)".utf8))
  }

  static func clear() {
    if isatty(2) != 0 { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
