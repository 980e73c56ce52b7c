/// Reads one run, live or imported, in the order of its record.
public protocol RunRecord: Sendable {
  func run() async throws -> RecordedRun

  /// Trials from a position on, at most `limit`; none past the end.
  func trials(from position: Int, limit: Int) async throws -> [RecordedTrial]

  /// The recipe that a trial executed, by path; nil where the record holds none.
  func recipe(of position: Int) async throws -> [String: [UInt8]]?

  /// A number that grows with every change of the record; always 0 where it cannot change.
  func sequence() async throws -> UInt64
}

extension RunRecord {
  public func sequence() async throws -> UInt64 { 0 }

  /// Calls `body` with every trial in order, holding one page at a time.
  public func forEachTrial(_ body: (RecordedTrial) throws -> Void) async throws {
    var next = 0
    while true {
      let page = try await trials(from: next, limit: 500)
      guard let last = page.last else { return }
      for trial in page { try body(trial) }
      next = last.position + 1
    }
  }
}
