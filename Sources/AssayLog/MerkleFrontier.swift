/// All that is needed to append to a Merkle log and to name its root: one hash for each complete subtree, the largest first.
///
/// A log of n entries has as many of them as n has binary ones.
public struct MerkleFrontier: Sendable, Hashable {
  public private(set) var size: UInt64
  private var subtrees: [[UInt8]]

  public init() {
    size = 0
    subtrees = []
  }

  /// Reads ``bytes``; nil when they are not those of a frontier of this size.
  public init?(size: UInt64, bytes: [UInt8]) {
    guard bytes.count == size.nonzeroBitCount * 32 else { return nil }
    self.size = size
    subtrees = stride(from: 0, to: bytes.count, by: 32).map { Array(bytes[$0..<($0 + 32)]) }
  }

  /// For storage beside the size.
  public var bytes: [UInt8] { subtrees.flatMap(\.self) }

  public mutating func append(_ entry: [UInt8]) { append(leaf: MerkleHash.leaf(entry)) }

  public mutating func append(leaf: [UInt8]) {
    var hash = leaf
    // Each trailing one of the size is a complete subtree that the new leaf completes to the next larger one.
    for _ in 0..<(~size).trailingZeroBitCount { hash = MerkleHash.node(subtrees.removeLast(), hash) }
    subtrees.append(hash)
    size += 1
  }

  public var root: [UInt8] {
    guard var hash = subtrees.last else { return MerkleHash.empty }
    for left in subtrees.dropLast().reversed() { hash = MerkleHash.node(left, hash) }
    return hash
  }
}
