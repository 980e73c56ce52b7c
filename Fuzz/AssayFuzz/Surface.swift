/// Something that reads bytes from outside: what it starts from, and what has to hold for all bytes.
protocol Surface: Sendable {
  /// Folder of its seeds below the corpus.
  static var name: String { get }
  /// One input in so many goes to it.
  static var weight: Int { get }
  /// Good inputs, beside the files of the corpus.
  var seeds: [[UInt8]] { get }
  /// Reads the bytes. Refusing them is fine.
  ///
  /// - Returns: whether they were accepted.
  /// - Throws: `Finding` when something holds no more.
  func consume(_ bytes: [UInt8]) async throws -> Bool
}

/// What must never be, and was.
struct Finding: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
