import Crypto

/// The hashes of a Merkle log (RFC 6962, 2.1): leaves and inner nodes can never be taken for one another.
public enum MerkleHash {
  /// The root of a log without entries.
  public static let empty = [UInt8](SHA256.hash(data: []))

  public static func leaf(_ entry: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: [0])
    hash.update(data: entry)
    return [UInt8](hash.finalize())
  }

  public static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: [1])
    hash.update(data: left)
    hash.update(data: right)
    return [UInt8](hash.finalize())
  }
}
