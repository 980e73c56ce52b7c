import AssayIdentity
import AssayRandom
import Testing

@testable import AssayLog

@Suite struct SignedNoteTests {
  private let log = IdentityKey()
  private let evaluator = IdentityKey()

  private func note() -> SignedNote {
    var note = SignedNote(text: Checkpoint(origin: "o", size: 3, root: MerkleHash.empty).text)
    note.sign(as: "o", with: log)
    note.cosign(as: "witness", at: 1_700_000_000, with: evaluator)
    return note
  }

  @Test func whatIsWrittenIsRead() throws {
    let note = note()
    let read = try #require(SignedNote(bytes: note.bytes))
    #expect(read == note)
    #expect(read.isSigned(as: "o", by: log.publicIdentity))
    #expect(read.isCosigned(as: "witness", by: evaluator.publicIdentity))
    #expect(Checkpoint(text: read.text) == Checkpoint(origin: "o", size: 3, root: MerkleHash.empty))
  }

  @Test func namesKeysAndKindsAreNotMixedUp() {
    let note = note()
    #expect(!note.isSigned(as: "witness", by: evaluator.publicIdentity))
    #expect(!note.isCosigned(as: "o", by: log.publicIdentity))
    #expect(!note.isSigned(as: "o", by: evaluator.publicIdentity))
    #expect(!note.isCosigned(as: "witness", by: log.publicIdentity))
    #expect(!note.isSigned(as: "p", by: log.publicIdentity))
  }

  @Test func everyChangedByteIsNoticed() {
    let note = note()
    for place in note.bytes.indices {
      var bytes = note.bytes
      bytes[place] ^= 1 << UInt8(place % 8)
      let read = SignedNote(bytes: bytes)
      let holds =
        read?.isSigned(as: "o", by: log.publicIdentity) == true
        && read?.isCosigned(as: "witness", by: evaluator.publicIdentity) == true
        && Checkpoint(text: read?.text ?? "") != nil
      #expect(!holds, "byte \(place)")
    }
  }

  @Test(arguments: [
    "", "o\n3\n", "o\n03\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    "o\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "o\n3\n47DE\n",
    "o\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
    "\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    "o\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n",
  ])
  func otherFormsAreNoCheckpoints(_ text: String) {
    #expect(Checkpoint(text: text) == nil)
  }

  @Test func hostileBytesAreNoNotes() {
    var random = SeededGenerator(seed: 5)
    let bytes = note().bytes
    for _ in 0..<2000 {
      let cut = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
      if let read = SignedNote(bytes: cut) { #expect(read.signatures.count < 2) }
      let noise = (0..<Int.random(in: 0...200, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      #expect(SignedNote(bytes: noise) == nil)
    }
  }
}
