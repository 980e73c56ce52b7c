/// Writes fields so that no two different sequences of fields give the same bytes: every length is written.
struct FieldWriter {
  private(set) var bytes: [UInt8]

  /// - Parameter domain: names what the bytes are for, so that a signature for one purpose is none for another.
  init(domain: String) {
    bytes = []
    bytes.reserveCapacity(256)
    append(domain)
  }

  mutating func append(_ number: UInt64) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ field: [UInt8]) {
    append(UInt64(field.count))
    bytes.append(contentsOf: field)
  }

  mutating func append(_ field: String) {
    append(UInt64(field.utf8.count))
    bytes.append(contentsOf: field.utf8)
  }
}
