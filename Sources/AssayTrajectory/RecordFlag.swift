/// Something about a record that a reader has to know before believing it. Flags never change what is recorded.
public struct RecordFlag: Codable, Sendable, Equatable {
  public var kind: FlagKind
  /// Line of the source file that it is about, counted from 1; nil when it is about more than one place.
  public var line: Int?
  /// What stands there, or what is wrong, in one sentence or as the raw text.
  public var detail: String

  public init(_ kind: FlagKind, line: Int? = nil, _ detail: String = "") {
    self.kind = kind
    self.line = line
    self.detail = detail
  }
}
