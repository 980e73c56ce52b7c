/// Text as lines that keep their newline, so that joining them gives the same bytes back.
enum Lines {
  static let newline = UInt8(ascii: "\n")

  static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: newline).map { $0 + 1 } ?? bytes.count
      lines.append(bytes[start..<end])
      start = end
    }
    return lines
  }

  static func join(_ lines: some Sequence<ArraySlice<UInt8>>) -> [UInt8] {
    var bytes: [UInt8] = []
    for line in lines { bytes.append(contentsOf: line) }
    return bytes
  }

  /// Whether every line but the last ends with a newline: splitting the joined bytes gives these lines.
  static func areWhole(_ lines: [ArraySlice<UInt8>]) -> Bool {
    lines.dropLast().allSatisfy { $0.last == newline }
  }

  /// A line without its newline.
  static func body(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.last == newline ? line.dropLast() : line
  }

  /// Gives equal lines equal small numbers, over several texts at once.
  static func number(_ texts: [[ArraySlice<UInt8>]]) -> [[Int]] {
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    return texts.map { lines in
      lines.map { line in
        if let known = numbers[line] { return known }
        numbers[line] = numbers.count
        return numbers.count - 1
      }
    }
  }
}
