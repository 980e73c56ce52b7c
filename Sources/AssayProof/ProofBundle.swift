public import AssayIdentity
import AssayLog
import Foundation

/// A run's record as files that prove themselves: docs/proof-format.md.
public struct ProofBundle: Sendable, Hashable {
  /// The C2SP signed note that the log and the evaluator signed.
  public var checkpoint: [UInt8]
  /// DSSE envelopes in log order.
  public var statements: [[UInt8]]
  /// What statements name by SHA-256, in ascending order of it.
  public var objects: [[UInt8]]
  public var logKey: PublicIdentity
  public var evaluatorKey: PublicIdentity

  static let names = ["checkpoint", "keys", "objects", "statements"]
  /// No part of a bundle is longer.
  static let maximumPart = 1 << 24

  public init(
    checkpoint: [UInt8], statements: [[UInt8]], objects: some Sequence<[UInt8]>, logKey: PublicIdentity,
    evaluatorKey: PublicIdentity
  ) {
    self.checkpoint = checkpoint
    self.statements = statements
    self.objects = Set(objects).map { ($0, Digest.hex($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    self.logKey = logKey
    self.evaluatorKey = evaluatorKey
  }

  private var keys: String { "log \(logKey.text)\nevaluator \(evaluatorKey.text)\n" }

  /// The bundle's files by name.
  public var files: [String: [UInt8]] {
    [
      "checkpoint": checkpoint, "keys": Array(keys.utf8), "objects": Self.join(objects),
      "statements": Self.join(statements),
    ]
  }

  /// Writes the bundle to a new folder.
  public func write(to folder: String) throws {
    let url = URL(filePath: folder)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, bytes) in files { try Data(bytes).write(to: url.appending(path: name)) }
  }

  /// Reads a bundle, in exactly the form in which it is written; believes nothing.
  public static func read(from folder: String) throws(ProofError) -> ProofBundle {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw ProofError(.malformed, "cannot read the folder \(folder); `assay export --proofs DIR` writes one")
    }
    var parts: [String: [UInt8]] = [:]
    for name in names {
      guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
        throw ProofError(.malformed, "cannot read \(name)")
      }
      parts[name] = [UInt8](data)
    }
    return try ProofBundle(files: parts)
  }

  /// The same, of files in memory by name.
  public init(files: [String: [UInt8]]) throws(ProofError) {
    guard files.keys.sorted() == Self.names else {
      throw ProofError(
        .malformed,
        "a bundle has the files \(Self.names.joined(separator: ", ")) and no others; this one has "
          + files.keys.sorted().prefix(8).joined(separator: ", "))
    }
    let lines = String(decoding: files["keys"] ?? [], as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 3, lines[0].hasPrefix("log "), lines[1].hasPrefix("evaluator "),
      let log = try? PublicIdentity(text: String(lines[0].dropFirst(4))),
      let evaluator = try? PublicIdentity(text: String(lines[1].dropFirst(10)))
    else { throw ProofError(.malformed, "keys does not name the log's and the evaluator's key") }
    checkpoint = files["checkpoint"] ?? []
    statements = try Self.split(files["statements"] ?? [], "statements")
    objects = try Self.split(files["objects"] ?? [], "objects")
    logKey = log
    evaluatorKey = evaluator
    guard Array(keys.utf8) == files["keys"] else {
      throw ProofError(.malformed, "keys is not written as a bundle's keys are")
    }
  }

  /// Each part behind its length, four bytes, the most significant first.
  private static func join(_ parts: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(parts.reduce(0) { $0 + $1.count + 4 })
    for part in parts {
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: part.count >> shift)) }
      bytes += part
    }
    return bytes
  }

  private static func split(_ bytes: [UInt8], _ file: String) throws(ProofError) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var place = 0
    while place < bytes.count {
      guard bytes.count - place >= 4 else { throw ProofError(.malformed, "\(file) ends inside a length") }
      let length = bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
      place += 4
      guard length <= maximumPart, length <= bytes.count - place else {
        throw ProofError(.malformed, "\(file) ends inside part \(parts.count)")
      }
      parts.append(Array(bytes[place..<(place + length)]))
      place += length
    }
    return parts
  }
}
