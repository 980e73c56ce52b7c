/// Proofs about a Merkle log, made from its leaf hashes (RFC 6962, 2.1.1 and 2.1.2) and verified without them (RFC 9162,
/// 2.1.3.2 and 2.1.4.2).
public enum MerkleProof {
  /// That a leaf is in a log: the siblings on its way to the root.
  public static func inclusion(of index: Int, in leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
    guard leaves.count > 1 else { return [] }
    let middle = leaves.startIndex + split(leaves.count)
    let (left, right) = (leaves[leaves.startIndex..<middle], leaves[middle..<leaves.endIndex])
    let place = leaves.startIndex + index
    return place < middle
      ? inclusion(of: index, in: left) + [root(right)]
      : inclusion(of: place - middle, in: right) + [root(left)]
  }

  /// That the log of the first `size` leaves is the beginning of this one.
  public static func consistency(of size: Int, in leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
    guard size > 0, size < leaves.count else { return [] }
    return consistency(of: size, in: leaves, isWhole: true)
  }

  private static func consistency(of size: Int, in leaves: ArraySlice<[UInt8]>, isWhole: Bool) -> [[UInt8]] {
    guard size < leaves.count else { return isWhole ? [] : [root(leaves)] }
    let middle = leaves.startIndex + split(leaves.count)
    let (left, right) = (leaves[leaves.startIndex..<middle], leaves[middle..<leaves.endIndex])
    return size <= left.count
      ? consistency(of: size, in: left, isWhole: isWhole) + [root(right)]
      : consistency(of: size - left.count, in: right, isWhole: false) + [root(left)]
  }

  /// The root over leaf hashes, by its recursive definition.
  public static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
    guard leaves.count > 1 else { return leaves.first ?? MerkleHash.empty }
    let middle = leaves.startIndex + split(leaves.count)
    return MerkleHash.node(
      root(leaves[leaves.startIndex..<middle]), root(leaves[middle..<leaves.endIndex]))
  }

  /// Whether `proof` shows that `leaf` is entry `index` of the log with `root` and `size`.
  public static func isIncluded(
    leaf: [UInt8], index: UInt64, size: UInt64, root: [UInt8], proof: [[UInt8]]
  ) -> Bool {
    guard index < size else { return false }
    var (node, last, hash) = (index, size - 1, leaf)
    for sibling in proof {
      guard last > 0, sibling.count == 32 else { return false }
      if node & 1 == 1 || node == last {
        hash = MerkleHash.node(sibling, hash)
        while node & 1 == 0, node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        hash = MerkleHash.node(hash, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && hash == root
  }

  /// Whether `proof` shows that the log with `oldRoot` is the beginning of the one with `root`.
  public static func isConsistent(
    oldSize: UInt64, oldRoot: [UInt8], size: UInt64, root: [UInt8], proof: [[UInt8]]
  ) -> Bool {
    guard oldSize <= size else { return false }
    if oldSize == size { return proof.isEmpty && oldRoot == root }
    if oldSize == 0 { return proof.isEmpty && oldRoot == MerkleHash.empty }
    var path = proof[...]
    if oldSize.nonzeroBitCount == 1 { path = [oldRoot] + path }
    guard var old = path.popFirst() else { return false }
    var new = old
    var (node, last) = (oldSize - 1, size - 1)
    while node & 1 == 1 {
      node >>= 1
      last >>= 1
    }
    for sibling in path {
      guard last > 0, sibling.count == 32 else { return false }
      if node & 1 == 1 || node == last {
        old = MerkleHash.node(sibling, old)
        new = MerkleHash.node(sibling, new)
        while node & 1 == 0, node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        new = MerkleHash.node(new, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && old == oldRoot && new == root
  }

  /// The largest power of two below a count of two or more.
  private static func split(_ count: Int) -> Int {
    1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }
}
