public import AssayIdentity
import AssayLog
import Foundation

/// One statement of a log with the proof that it is there, in one text (C2SP tlog-proof; the envelope is its `extra` data).
public struct StatementProof: Sendable, Hashable {
  private static let header = "c2sp.org/tlog-proof@v1"

  public var envelope: [UInt8]
  public var index: UInt64
  /// Hashes on the way from the entry to the root.
  public var path: [[UInt8]]
  /// The signed note.
  public var checkpoint: [UInt8]

  /// The proof of one of a bundle's statements; nil when there is none at this index.
  public init?(of index: Int, in bundle: ProofBundle) {
    guard bundle.statements.indices.contains(index) else { return nil }
    envelope = bundle.statements[index]
    self.index = UInt64(index)
    path = MerkleProof.inclusion(of: index, in: bundle.statements.map(MerkleHash.leaf)[...])
    checkpoint = bundle.checkpoint
  }

  /// A proof of parts that somebody else kept; believes nothing.
  public init(envelope: [UInt8], index: UInt64, path: [[UInt8]], checkpoint: [UInt8]) {
    self.envelope = envelope
    self.index = index
    self.path = path
    self.checkpoint = checkpoint
  }

  public var text: String {
    let lines =
      [Self.header, "extra \(Data(envelope).base64EncodedString())", "index \(index)"]
      + path.map { Data($0).base64EncodedString() }
    return lines.map { $0 + "\n" }.joined() + "\n" + String(decoding: checkpoint, as: UTF8.self)
  }

  /// Reads ``text``, in exactly the form in which it is written; believes nothing.
  public init(text: String) throws(ProofError) {
    let malformed = ProofError(
      .malformed, "this is no proof of a statement; `assay show TRIAL --proof FILE` writes one")
    guard text.utf8.count <= 4 << 20, let gap = text.utf8.firstRange(of: "\n\n".utf8) else { throw malformed }
    let lines = text[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 3, lines.count <= 70, lines[0] == Self.header, lines[1].hasPrefix("extra "),
      let envelope = Data(base64Encoded: String(lines[1].dropFirst(6))), lines[2].hasPrefix("index "),
      let index = UInt64(lines[2].dropFirst(6))
    else { throw malformed }
    self.envelope = [UInt8](envelope)
    self.index = index
    path = lines[3...].map { [UInt8](Data(base64Encoded: String($0)) ?? Data()) }
    checkpoint = Array(text[gap.upperBound...].utf8)
    guard self.text == text else { throw malformed }
  }

  /// What a proof shows.
  public struct Summary: Sendable, Hashable, Codable {
    public var run: String
    public var trial: UInt32?
    /// Nil for a statement that is no verdict.
    public var label: String?
    public var score: String?
    public var kind: String
    public var index: UInt64
    /// Statements in the log when it was vouched for.
    public var size: UInt64
  }

  /// Verifies signatures, place and kind.
  public func verify(
    evaluatorKey: PublicIdentity, logKey: PublicIdentity, acceptsUncosigned: Bool = false
  ) throws(ProofError) -> Summary {
    let (head, _) = try ProofVerifier.checkpoint(
      checkpoint, logKey: logKey, evaluatorKey: evaluatorKey, acceptsUncosigned: acceptsUncosigned)
    guard
      MerkleProof.isIncluded(
        leaf: MerkleHash.leaf(envelope), index: index, size: head.size, root: head.root, proof: path)
    else { throw ProofError(.log, "the statement is not entry \(index) of the log") }
    let claim = try Claim.read(envelope, Int(clamping: index), by: evaluatorKey)
    guard Checkpoint.origin(ofRun: claim.predicate.run) == head.origin else {
      throw ProofError(.record, "the statement is of another run than the log")
    }
    return Summary(
      run: claim.predicate.run, trial: claim.predicate.trial, label: claim.predicate.label,
      score: claim.predicate.score, kind: claim.predicateType, index: index, size: head.size)
  }
}
