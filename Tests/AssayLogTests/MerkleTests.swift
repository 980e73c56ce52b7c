import AssayRandom
import Testing

@testable import AssayLog

@Suite struct MerkleTests {
  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func leaves(_ count: Int) -> [[UInt8]] {
    (0..<count).map { MerkleHash.leaf(Array("entry \($0)".utf8)) }
  }

  /// The roots that the authors of RFC 6962 test their own log with (certificate-transparency, merkle_tree_test.cc).
  @Test func knownRoots() {
    let entries: [[UInt8]] = [
      [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], Array(0x50...0x57),
      Array(0x60...0x6f),
    ]
    var log = MerkleFrontier()
    #expect(Self.hex(log.root) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    var roots: [String] = []
    for entry in entries {
      log.append(entry)
      roots.append(Self.hex(log.root))
    }
    #expect(roots.first == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    #expect(roots.last == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
  }

  @Test func appendingOneByOneGivesTheRecursiveRoot() throws {
    let leaves = Self.leaves(300)
    var log = MerkleFrontier()
    for size in 0...300 {
      #expect(log.root == MerkleProof.root(leaves[0..<size]))
      log = try #require(MerkleFrontier(size: log.size, bytes: log.bytes))
      #expect(MerkleFrontier(size: log.size + 1, bytes: log.bytes + [0]) == nil)
      if size < 300 { log.append(leaf: leaves[size]) }
    }
  }

  @Test func everyEntryIsProvedAndNothingElseIs() {
    let leaves = Self.leaves(40)
    for size in 1...40 {
      let part = leaves[0..<size]
      let root = MerkleProof.root(part)
      for index in 0..<size {
        let proof = MerkleProof.inclusion(of: index, in: part)
        func holds(
          _ leaf: [UInt8], _ index: Int, _ size: Int, _ root: [UInt8], _ proof: [[UInt8]]
        ) -> Bool {
          MerkleProof.isIncluded(
            leaf: leaf, index: UInt64(index), size: UInt64(size), root: root, proof: proof)
        }
        #expect(holds(leaves[index], index, size, root, proof))
        #expect(!holds(MerkleHash.leaf([1]), index, size, root, proof))
        #expect(!holds(leaves[index], index, size, MerkleHash.empty, proof))
        #expect(!holds(leaves[index], size, size, root, proof))
        #expect(!holds(leaves[index], index, size, root, proof + [root]))
        #expect(!holds(leaves[index], index, size, root, [root] + proof))
        if size > 1 { #expect(!holds(leaves[index], (index + 1) % size, size, root, proof)) }
        for place in proof.indices {
          var broken = proof
          broken[place][place % 32] ^= 1
          #expect(!holds(leaves[index], index, size, root, broken))
          broken[place] = []
          #expect(!holds(leaves[index], index, size, root, broken))
          #expect(!holds(leaves[index], index, size, root, Array(proof.dropLast())))
        }
      }
    }
  }

  @Test func everyBeginningIsProvedAndNoForkIs() {
    let leaves = Self.leaves(40)
    let roots = (0...40).map { MerkleProof.root(leaves[0..<$0]) }
    for size in 0...40 {
      for old in 0...size {
        let proof = MerkleProof.consistency(of: old, in: leaves[0..<size])
        func holds(_ old: Int, _ oldRoot: [UInt8], _ size: Int, _ root: [UInt8], _ proof: [[UInt8]]) -> Bool {
          MerkleProof.isConsistent(
            oldSize: UInt64(old), oldRoot: oldRoot, size: UInt64(size), root: root, proof: proof)
        }
        #expect(holds(old, roots[old], size, roots[size], proof))
        #expect(!holds(old, MerkleHash.leaf([9]), size, roots[size], proof))
        #expect(!holds(old, roots[old], size, roots[size], proof + [roots[size]]))
        if old > 0, old < size {
          #expect(!holds(old, roots[old], size, MerkleHash.leaf([9]), proof))
          #expect(!holds(old, roots[size], size, roots[old], proof))
          #expect(!holds(old, roots[old], size, roots[size], []))
        }
        for place in proof.indices {
          var broken = proof
          broken[place][place % 32] ^= 0x80
          #expect(!holds(old, roots[old], size, roots[size], broken))
        }
        if size < 40 { #expect(!holds(size + 1, roots[size + 1], size, roots[size], proof)) }
      }
    }
  }
}
