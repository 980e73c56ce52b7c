/// One record of a tab-separated file, with what it took to find its ends.
public struct TSVLine: Sendable, Equatable {
  /// Line of the file where it begins, counted from 1.
  public var number: Int
  /// Lines of the file that it spans; more than 1 when a quoted cell holds line ends.
  public var span: Int
  /// The bytes without the line end.
  public var bytes: [UInt8]
  /// Whether a line end follows; false only at the end of a file.
  public var isEnded: Bool
  /// A quote opens in it that never closes; the record was cut at its first line end.
  public var isQuoteBroken: Bool
  /// Bytes that were left out because the record is longer than the scanner keeps.
  public var omitted: Int

  public init(
    number: Int, span: Int = 1, bytes: [UInt8], isEnded: Bool = true, isQuoteBroken: Bool = false,
    omitted: Int = 0
  ) {
    self.number = number
    self.span = span
    self.bytes = bytes
    self.isEnded = isEnded
    self.isQuoteBroken = isQuoteBroken
    self.omitted = omitted
  }
}
