import AssayReflection

/// The arguments of one call, read once and strictly: what a tool does not know is an error, not ignored.
struct ToolArguments {
  private let members: [String: JSONValue]

  init(_ value: JSONValue, known: [String]) throws(ToolError) {
    guard let members = value.members else {
      throw ToolError("the arguments are not a JSON object; send {\"name\": value, ...}")
    }
    for name in members.keys.sorted() where !known.contains(name) {
      let list = known.isEmpty ? "it takes none" : "it takes " + known.joined(separator: ", ")
      let identity =
        ["specialist", "partition", "run", "key", "workdir"].contains(name)
        ? "; who you are and what you may edit come from your session, never from an argument" : ""
      throw ToolError(
        "the argument '\(UntrustedText.line(name, limit: 60))' is not known: \(list)\(identity)")
    }
    self.members = members
  }

  /// Text; nil where it is left out. At most so many bytes.
  func text(_ name: String, limit: Int = 1 << 20) throws(ToolError) -> String? {
    guard let value = members[name], value != .null else { return nil }
    guard let text = value.text else { throw ToolError("'\(name)' is not text; send a JSON string") }
    guard text.utf8.count <= limit else {
      throw ToolError("'\(name)' has \(text.utf8.count) bytes, at most \(limit) are taken; send less")
    }
    return text
  }

  func requiredText(_ name: String, limit: Int = 1 << 20) throws(ToolError) -> String {
    guard let text = try text(name, limit: limit) else { throw ToolError("'\(name)' is missing; send it") }
    return text
  }

  /// A whole number in a range; nil where it is left out.
  func number(_ name: String, in range: ClosedRange<Int>) throws(ToolError) -> Int? {
    guard let value = members[name], value != .null else { return nil }
    // Models write numbers as text now and then; what is meant is clear.
    let number = value.wholeNumber ?? value.text.flatMap { Int($0) }
    guard let number, range.contains(number) else {
      throw ToolError("'\(name)' is not a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func requiredNumber(_ name: String, in range: ClosedRange<Int>) throws(ToolError) -> Int {
    guard let number = try number(name, in: range) else { throw ToolError("'\(name)' is missing; send it") }
    return number
  }

  /// Whole numbers in a range, at least one and at most so many.
  func requiredNumbers(_ name: String, in range: ClosedRange<Int>, limit: Int) throws(ToolError) -> [Int] {
    guard let items = members[name]?.items, !items.isEmpty, items.count <= limit else {
      throw ToolError("'\(name)' is not a list of 1 to \(limit) whole numbers; send [1, 2]")
    }
    var numbers: [Int] = []
    for item in items {
      let number = item.wholeNumber.map { Int(clamping: $0) } ?? item.text.flatMap { Int($0) }
      guard let number, range.contains(number) else {
        throw ToolError(
          "'\(name)' holds something else than whole numbers from \(range.lowerBound) to \(range.upperBound)")
      }
      numbers.append(number)
    }
    return numbers
  }

  func decimal(_ name: String) throws(ToolError) -> Double? {
    guard let value = members[name], value != .null else { return nil }
    guard let number = value.number ?? value.text.flatMap({ Double($0) }), number.isFinite else {
      throw ToolError("'\(name)' is not a number; send a JSON number")
    }
    return number
  }

  func flag(_ name: String) throws(ToolError) -> Bool {
    guard let value = members[name], value != .null else { return false }
    guard let flag = value.flag else { throw ToolError("'\(name)' is neither true nor false") }
    return flag
  }
}
