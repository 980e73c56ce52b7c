import AssayRPC

/// What cases compare.
enum Expect {
  /// That a call is refused with one of these codes, and this reason.
  @discardableResult @_optimize(none) static func refusal(
    _ codes: RPCStatus..., reason: String? = nil, _ body: () async throws -> Void
  ) async throws -> RPCError {
    do {
      try await body()
    } catch let error as RPCError {
      guard codes.contains(error.code), reason == nil || error.reason == reason else {
        throw Mismatch(error.description)
      }
      return error
    }
    throw Mismatch("the call succeeded")
  }

  static func equal<Value: Equatable>(_ seen: Value, _ wanted: Value, _ what: String) throws {
    if seen != wanted { throw Mismatch("\(what) is \(short(seen)), not \(short(wanted))") }
  }

  static func that(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !condition { throw Mismatch(otherwise()) }
  }

  private static func short(_ value: Any) -> String {
    let text = "\(value)"
    return text.count > 200 ? text.prefix(200) + "..." : text
  }
}
