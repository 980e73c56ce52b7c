import AssayRandom

/// Makes hostile bytes from good ones.
struct Mutator {
  var random: SeededGenerator

  /// No input is longer.
  static let maximumBytes = 16_384

  /// What tends to break readers of lengths and numbers.
  private static let hostile: [[UInt8]] = [
    [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x04],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [UInt8](repeating: 0xff, count: 11), [0x00],
    [0x0b], [0x0c], [0x7f, 0xff, 0xff, 0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    Array("-9223372036854775809".utf8), Array("1e999".utf8), Array("NaN".utf8),
    Array("@@ -0,0 +1,999999999 @@\n".utf8),
    Array("\u{1B}[2J".utf8), Array("../".utf8), Array("\\u0000".utf8), Array("[[[[[[[[".utf8),
    Array("{\"a\":".utf8),
  ]

  /// One change, or up to eight, of one of the seeds, at times joined with another.
  mutating func input(from seeds: [[UInt8]]) -> [UInt8] {
    var bytes = seeds[random.below(seeds.count)]
    if random.below(16) == 0 {
      let other = seeds[random.below(seeds.count)]
      bytes = Array(bytes.prefix(random.below(bytes.count + 1))) + other.suffix(random.below(other.count + 1))
    }
    for _ in 0...(random.below(2) == 0 ? 0 : random.below(8)) { change(&bytes) }
    return bytes.count > Self.maximumBytes ? Array(bytes.prefix(Self.maximumBytes)) : bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = random.below(bytes.count + 1)
    let end = min(bytes.count, place + 1 + random.below(random.below(4) == 0 ? 256 : 8))
    switch random.below(9) {
    case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
    case 3: bytes.removeSubrange(place..<end)
    case 4: bytes.removeSubrange(place...)
    case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 6: bytes.insert(contentsOf: Self.hostile[random.below(Self.hostile.count)], at: place)
    case 7: insertField(&bytes, at: place)
    default: wrap(&bytes)
    }
  }

  /// A field with a length that may be a lie.
  private mutating func insertField(_ bytes: inout [UInt8], at place: Int) {
    let header = UInt8(truncatingIfNeeded: (1 + random.below(15)) << 3 | random.below(8))
    var length = UInt64(random.below(4) == 0 ? Int(random.next() >> 33) : random.below(40))
    var field = [header]
    while length >= 0x80 {
      field.append(UInt8(length & 0x7f) | 0x80)
      length >>= 7
    }
    bytes.insert(contentsOf: field + [UInt8(length)], at: place)
  }

  /// Puts everything inside itself, once or a hundred times.
  private mutating func wrap(_ bytes: inout [UInt8]) {
    let header = UInt8(truncatingIfNeeded: (1 + random.below(15)) << 3 | 2)
    for _ in 0..<(random.below(8) == 0 ? 100 : 1) where bytes.count < Self.maximumBytes {
      var length = bytes.count
      var field = [header]
      while length >= 0x80 {
        field.append(UInt8(length & 0x7f) | 0x80)
        length >>= 7
      }
      bytes.insert(contentsOf: field + [UInt8(length)], at: 0)
    }
  }
}

extension SeededGenerator {
  /// A number below a bound; 0 where there is none.
  mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }
}
