/// Event files of TensorBoard: records of length, checksum, `tensorflow.Event` and checksum.
struct TensorBoardEvents {
  /// One value of a curve.
  struct Scalar {
    var tag: String
    var value: Double
  }

  /// The record that begins every file.
  static func version(wallTime: Double) -> [UInt8] {
    record(double(1, wallTime) + bytes(3, Array("brain.Event:2".utf8)))
  }

  static func scalars(_ scalars: [Scalar], step: Int, wallTime: Double) -> [UInt8] {
    var summary: [UInt8] = []
    for scalar in scalars {
      // Summary.Value: tag = 1, simple_value = 2.
      let value = bytes(1, Array(scalar.tag.utf8)) + [0x15] + littleEndian(Float(scalar.value).bitPattern)
      summary += bytes(1, value)
    }
    // Event: wall_time = 1, step = 2, summary = 5.
    return record(double(1, wallTime) + [0x10] + varint(UInt64(step)) + bytes(5, summary))
  }

  private static func record(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }

  private static func double(_ field: UInt8, _ value: Double) -> [UInt8] {
    [field << 3 | 1] + littleEndian(value.bitPattern)
  }

  private static func bytes(_ field: UInt8, _ value: [UInt8]) -> [UInt8] {
    [field << 3 | 2] + varint(UInt64(value.count)) + value
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var result: [UInt8] = []
    while rest >= 0x80 {
      result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    result.append(UInt8(rest))
    return result
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
