/// What a log says of itself at one size (C2SP tlog-checkpoint): nobody may ever sign two that disagree.
public struct Checkpoint: Sendable, Hashable {
  /// Names the log; for the record of a run, ``origin(ofRun:)``.
  public var origin: String
  public var size: UInt64
  /// 32 bytes.
  public var root: [UInt8]

  public init(origin: String, size: UInt64, root: [UInt8]) {
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// The name under which a run's evaluator vouches for the log.
  public static let cosigner = "assay.dev/evaluator"

  public static func origin(ofRun run: String) -> String { "assay.dev/lineage/" + run }

  /// The text that is signed.
  public var text: String { "\(origin)\n\(size)\n\(Base64.encode(root))\n" }

  /// Reads ``text``, in exactly the form in which it is written.
  public init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[3].isEmpty, !lines[0].isEmpty, let size = UInt64(lines[1]),
      let root = Base64.decode(lines[2]), root.count == 32
    else { return nil }
    self.init(origin: String(lines[0]), size: size, root: root)
    guard self.text == text else { return nil }
  }
}
