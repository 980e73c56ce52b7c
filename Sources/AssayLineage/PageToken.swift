import AssayRPC

/// Where a page of a view ended.
struct PageToken {
  var number: Int64?
  var rank: Double?

  init(number: Int64, rank: Double?) {
    self.number = number
    self.rank = rank
  }

  init(_ text: String) throws {
    guard !text.isEmpty else { return }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int64(parts[0]),
      parts[1].isEmpty || UInt64(parts[1], radix: 16) != nil
    else {
      throw RPCError(
        .invalidArgument, reason: "BAD_PAGE_TOKEN",
        "the page token is not one this service gave; start without a token")
    }
    self.number = number
    rank = UInt64(parts[1], radix: 16).map { Double(bitPattern: $0) }
  }

  var text: String { "\(number ?? 0)/\(rank.map { String($0.bitPattern, radix: 16) } ?? "")" }
}
