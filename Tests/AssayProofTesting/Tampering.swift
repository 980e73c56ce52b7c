import AssayProof

/// Ways to change a bundle, each of which a verifier has to notice.
public enum Tampering: CaseIterable, Sendable {
  case flip, insert, delete, truncate
  case dropStatement, repeatStatement, swapStatements, foreignStatement, forkedLog
  case dropObject, repeatObject, swapObjects, foreignObject
  case earlierCheckpoint, foreignCheckpoint, uncosigned, cosignedByAnother
  case swapKeys, otherEvaluator, otherLog
  case extraFile, missingFile

  /// The files of the record's bundle, changed.
  ///
  /// - Parameter other: a record of the same keys and another run.
  public func files(
    _ record: SyntheticRecord, other: SyntheticRecord, using random: inout some RandomNumberGenerator
  ) -> [String: [UInt8]] {
    var bundle = record.bundle
    var files = bundle.files
    let name = files.keys.sorted().randomElement(using: &random) ?? "keys"
    let count = files[name]?.count ?? 0
    switch self {
    case .flip:
      files[name]?[Int.random(in: 0..<count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
    case .insert:
      files[name]?.insert(
        UInt8.random(in: 0...255, using: &random), at: Int.random(in: 0...count, using: &random))
    case .delete: files[name]?.remove(at: Int.random(in: 0..<count, using: &random))
    case .truncate: files[name]?.removeLast(Int.random(in: 1...count, using: &random))
    case .extraFile:
      files["notes"] = []
    case .missingFile: files[name] = nil
    default:
      change(&bundle, record, other, &random)
      return bundle.files
    }
    return files
  }

  private func change(
    _ bundle: inout ProofBundle, _ record: SyntheticRecord, _ other: SyntheticRecord,
    _ random: inout some RandomNumberGenerator
  ) {
    let statement = Int.random(in: 0..<bundle.statements.count, using: &random)
    let object = Int.random(in: 0..<bundle.objects.count, using: &random)
    func another(than index: Int, of count: Int) -> Int {
      (index + Int.random(in: 1..<count, using: &random)) % count
    }
    switch self {
    case .dropStatement: bundle.statements.remove(at: statement)
    case .repeatStatement: bundle.statements.insert(bundle.statements[statement], at: statement)
    case .swapStatements:
      bundle.statements.swapAt(statement, another(than: statement, of: bundle.statements.count))
    case .foreignStatement:
      bundle.statements[statement] = other.statements.randomElement(using: &random) ?? []
    case .forkedLog:
      // The log's owner leaves one out and signs anew; the evaluator does not.
      bundle.statements.remove(at: statement)
      bundle.checkpoint = record.checkpoint(without: statement)
    case .dropObject: bundle.objects.remove(at: object)
    case .repeatObject: bundle.objects.insert(bundle.objects[object], at: object)
    case .swapObjects: bundle.objects.swapAt(object, another(than: object, of: bundle.objects.count))
    case .foreignObject: bundle.objects[object] = Array("something else".utf8)
    case .earlierCheckpoint:
      bundle.checkpoint = record.checkpoint(
        of: Int.random(in: 0..<bundle.statements.count, using: &random), cosigner: record.evaluator)
    case .foreignCheckpoint: bundle.checkpoint = other.checkpoint(cosigner: other.evaluator)
    case .uncosigned: bundle.checkpoint = record.checkpoint(cosigner: nil)
    case .cosignedByAnother: bundle.checkpoint = record.checkpoint(cosigner: record.log)
    case .swapKeys: (bundle.logKey, bundle.evaluatorKey) = (bundle.evaluatorKey, bundle.logKey)
    case .otherEvaluator: bundle.evaluatorKey = bundle.logKey
    case .otherLog: bundle.logKey = bundle.evaluatorKey
    default: break
    }
  }
}
