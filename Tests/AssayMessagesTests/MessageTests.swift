import AssayMessages
import Foundation
import Testing

@Suite("Messages")
struct MessageTests {
  private func fault(_ bytes: [UInt8]) -> MessageError.Code? {
    do throws(MessageError) {
      _ = try ConformanceV1.Everything(serialized: bytes)
      return nil
    } catch {
      return error.code
    }
  }

  /// A field of type 2: its key, its length and its bytes.
  private func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(UInt64(number << 3 | 2)) + varint(UInt64(bytes.count)) + bytes
  }

  private func varint(_ number: UInt64) -> [UInt8] {
    var rest = number
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func everyMessageComesBackAsItWas(_ seed: UInt64) throws {
    var random = RandomMessages(seed: seed)
    for _ in 0..<50 {
      let message = random.everything()
      #expect(try ConformanceV1.Everything(serialized: message.serialized()) == message)
    }
  }

  /// The bytes are those of protobuf's documentation of the encoding.
  @Test func theBytesAreProtobufs() throws {
    var message = ConformanceV1.Everything()
    message.plainInt32 = 150
    message.text = "testing"
    message.zigzag32 = -2
    message.numbers = [3, -270]
    message.choice = .yes(false)
    #expect(
      message.serialized() == [
        0x08, 0x96, 0x01, 0x28, 0x03, 0x72, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67, 0x92, 0x01, 0x03,
        0x06,
        0x9b, 0x04, 0xe8, 0x01, 0x00,
      ])
    #expect(try ConformanceV1.Everything(serialized: message.serialized()) == message)
    #expect(ConformanceV1.Everything().serialized().isEmpty)
    #expect(try ConformanceV1.Everything(serialized: []) == ConformanceV1.Everything())
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func damagedBytesAreRefusedOrReadAndNeverMore(_ seed: UInt64) throws {
    var random = RandomMessages(seed: seed)
    for _ in 0..<400 {
      var bytes = random.everything().serialized()
      for _ in 0...random.count(4) where !bytes.isEmpty {
        let at = random.count(bytes.count - 1)
        switch random.count(3) {
        case 0: bytes[at] = random.number()
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(random.number(), at: at)
        default: bytes.removeLast(bytes.count - at)
        }
      }
      // What is accepted must be a message: it packs, and reads back as itself.
      if let message = try? ConformanceV1.Everything(serialized: bytes) {
        let again = try ConformanceV1.Everything(serialized: message.serialized())
        #expect(again.serialized() == message.serialized())
      }
      _ = try? RPCV1.RequestEnvelope(serialized: bytes)
      _ = try? LineageV1.TrialRecord(serialized: bytes)
      _ = try? RunnerV1.CompleteJobRequest(serialized: bytes)
    }
  }

  @Test func textMustBeUTF8WithoutNUL() {
    for bytes in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x61, 0, 0x62], [0]] as [[UInt8]] {
      #expect(fault(field(14, bytes)) == .invalidText)
      #expect(fault(field(20, bytes)) == .invalidText)
      #expect(fault(field(25, bytes)) == .invalidText)
      #expect(fault(field(17, field(1, field(1, bytes)))) == .invalidText)
      #expect(fault(field(15, bytes)) == nil)
    }
  }

  @Test func aNULNeverLeaves() throws {
    var message = ConformanceV1.Leaf()
    message.text = "a\0b"
    #expect(try ConformanceV1.Leaf(serialized: message.serialized()).text == "a\u{1A}b")
  }

  @Test func boundsHoldExactly() {
    #expect(fault(field(14, [UInt8](repeating: 0x61, count: 256))) == nil)
    #expect(fault(field(14, [UInt8](repeating: 0x61, count: 257))) == .outOfBounds)
    #expect(fault(field(15, [UInt8](repeating: 0, count: 256))) == nil)
    #expect(fault(field(15, [UInt8](repeating: 0, count: 257))) == .outOfBounds)
    #expect(fault(field(20, [UInt8](repeating: 0x61, count: 64))) == nil)
    #expect(fault(field(20, [UInt8](repeating: 0x61, count: 65))) == .outOfBounds)
    #expect(fault(field(18, [UInt8](repeating: 2, count: 64))) == nil)
    #expect(fault(field(18, [UInt8](repeating: 2, count: 65))) == .outOfBounds)
    #expect(fault(field(25, [UInt8](repeating: 0x61, count: 65))) == .outOfBounds)
    let leaf = field(2, [])
    #expect(fault(field(17, (0..<16).flatMap { _ in leaf })) == nil)
    #expect(fault(field(17, (0..<17).flatMap { _ in leaf })) == .outOfBounds)
    // Without a rule of its own: 64 KiB of text, 100,000 items.
    #expect(fault(field(31, [UInt8](repeating: 0x61, count: 65_536))) == nil)
    #expect(fault(field(31, [UInt8](repeating: 0x61, count: 65_537))) == .outOfBounds)
    #expect(fault(field(19, [UInt8](repeating: 1, count: 100_000))) == nil)
    #expect(fault(field(19, [UInt8](repeating: 1, count: 100_001))) == .outOfBounds)
  }

  @Test func aNumberThatIsNoValueOfItsEnumIsRefused() {
    #expect(fault([0x80, 0x01, 2]) == nil)
    #expect(fault([0x80, 0x01, 3]) == .unknownEnumValue)
    #expect(fault([0x80, 0x01] + varint(UInt64(bitPattern: -1))) == .unknownEnumValue)
    #expect(fault(field(22, [1, 2, 9])) == .unknownEnumValue)
    #expect(fault(varint(28 << 3) + [9]) == .unknownEnumValue)
  }

  @Test func fieldsOfALaterVersionAreSkipped() throws {
    var message = ConformanceV1.Leaf()
    message.text = "x"
    let bytes = message.serialized() + field(9000, [1, 2, 3]) + varint(9001 << 3) + [5]
    #expect(try ConformanceV1.Leaf(serialized: bytes) == message)
  }

  @Test func nestingThatNoMessageHasDoesNotReachTheStack() {
    var bytes: [UInt8] = []
    for _ in 0..<12 { bytes = field(17, bytes) }
    _ = fault(bytes)
    // A hundred thousand levels of a field that does not exist, and of one that does.
    for key in [0xfa, 0x8a] as [UInt8] {
      var deep: [UInt8] = []
      var sizes: [[UInt8]] = []
      var size = 0
      for _ in 0..<100_000 {
        let head = [key, 0x01] + varint(UInt64(size))
        sizes.append(head)
        size += head.count
      }
      for head in sizes.reversed() { deep += head }
      _ = fault(deep)
    }
    #expect(fault([0x0b]) == .malformed, "groups are not part of proto3")
    #expect(fault([0x08]) == .malformed)
    #expect(fault([0x00, 0x00]) == .malformed)
    #expect(fault([UInt8](repeating: 0xff, count: 11)) == .malformed)
  }

  @Test func aSmallMessageCannotTakeMuchMemory() {
    // 8 M empty submessages in 16 MiB: 64 bytes and more each, once unpacked.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16 << 20)
    for _ in 0..<((16 << 20) / 3) { bytes += [0xba, 0x01, 0x00] }
    let before = residentBytes()
    #expect(fault(bytes) == .malformed)
    #expect(residentBytes() - before < 300 << 20)
  }

  private func residentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return pages * 4096
  }

  @Test func everyDeclaredValueHasItsName() {
    #expect(LineageV1.VerdictLabel.sizeBlocked.description == "VERDICT_LABEL_SIZE_BLOCKED")
    #expect(LineageV1.VerdictLabel.declared.count == 12)
    #expect(LineageV1.VerdictLabel(rawValue: 77).description == "VerdictLabel(77)")
    #expect(ConformanceV1.Everything.Branch.fullName == "assay.conformance.v1.Everything.Branch")
  }
}
