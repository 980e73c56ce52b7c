import AssayRPC

/// A fact about a runner's host that jobs may ask for, `name=value`, such as `gpu=h100`.
enum RunnerLabel {
  /// Sorted, each once.
  ///
  /// - Throws: `RPCError`, INVALID_ARGUMENT / INVALID_LABEL.
  static func checked(_ labels: [String]) throws(RPCError) -> [String] {
    if let wrong = labels.first(where: { !isLabel($0) }) {
      throw RPCError(
        .invalidArgument, reason: "INVALID_LABEL",
        "'\(Bounded.text(wrong, 80))' is no label; write name=value, up to 128 letters, digits, dots, dashes and underscores in all, such as gpu=h100"
      )
    }
    return Set(labels).sorted()
  }

  static func isLabel(_ text: String) -> Bool {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    return parts.count == 2 && text.utf8.count <= 128
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
              || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
              || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "._-".utf8.contains(byte)
          }
      }
  }
}
