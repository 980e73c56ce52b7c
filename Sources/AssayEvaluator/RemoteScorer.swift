import AssayMessages
import AssayPatch
import AssayRPC
public import AssayServices
public import AssayTask
import Crypto
import Foundation

/// A scorer that somebody else runs: held-out data and judging are theirs, queue, sandbox, key and verdict are ours.
public struct RemoteScorer: TaskScorer {
  private let client: ScorerServiceClient
  private let task: String
  /// Reads recipes: that needs nothing of the scorer's.
  private let inspector: any TaskScorer

  /// - Parameter task: the name by which the scorer knows the task.
  public init(client: ScorerServiceClient, task: String, inspector: any TaskScorer) {
    self.client = client
    self.task = task
    self.inspector = inspector
  }

  static let partBytes = 1 << 20
  private static let options = CallOptions(timeout: .seconds(120), waitForReady: true)

  public func inspect(_ recipe: RecipeTree, rules: TaskFile.Rules) async throws -> Inspection {
    try await inspector.inspect(recipe, rules: rules)
  }

  public func inputs(_ request: ScoringRequest) async throws -> [String: [UInt8]] {
    var asked = ScorerV1.ListInputsRequest()
    asked.taskName = task
    asked.sealed = request.isSealed
    asked.nonce = request.nonce
    let listed = try await client.listInputs(asked, Self.options).files
    guard
      listed.reduce(0, { $0 + min($1.size, SandboxedScorer.maximumInputBytes) })
        <= SandboxedScorer.maximumInputBytes
    else {
      throw EvaluatorError(
        .scorerFailed, "the scorer's inputs have more than \(SandboxedScorer.maximumInputBytes) bytes in all")
    }
    var files: [String: [UInt8]] = [:]
    for file in listed { files["\(file.group)/\(file.path)"] = try await read(file) }
    return files
  }

  // swiftc 6.3.1 crashes when it optimizes this one.
  @_optimize(none)
  private func read(_ file: ScorerV1.ScoredFile) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while UInt64(bytes.count) < file.size {
      var part = ScorerV1.ReadInputRequest()
      part.taskName = task
      part.digest = file.digest
      part.offset = UInt64(bytes.count)
      part.maxBytes = UInt32(Self.partBytes)
      let data = try await client.readInput(part, Self.options).data
      guard !data.isEmpty, UInt64(bytes.count + data.count) <= file.size else { break }
      bytes += data
    }
    guard BlobStore.digest(bytes) == file.digest else {
      throw EvaluatorError(
        .scorerFailed, "the scorer's input '\(file.group)/\(file.path)' is not what it listed")
    }
    return bytes
  }

  public func judge(_ request: ScoringRequest, folder: String) async throws -> Judgement {
    var asked = ScorerV1.JudgeRequest()
    asked.taskName = task
    asked.sealed = request.isSealed
    asked.nonce = request.nonce
    let root = URL(filePath: folder).appending(path: "predictions")
    let files = FileManager.default
    for group in try files.contentsOfDirectory(atPath: root.path).sorted() {
      let home = root.appending(path: group)
      for path in try files.subpathsOfDirectory(atPath: home.path).sorted() {
        var isFolder = ObjCBool(false)
        let file = home.appending(path: path)
        guard files.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue else {
          continue
        }
        let bytes = [UInt8](try Data(contentsOf: file))
        var scored = ScorerV1.ScoredFile()
        scored.group = group
        scored.path = path
        scored.digest = BlobStore.digest(bytes)
        scored.size = UInt64(bytes.count)
        try await put(bytes, scored.digest)
        asked.predictions.append(scored)
      }
    }
    let answer = try await client.judge(asked, Self.options)
    return Judgement(
      metrics: Dictionary(answer.metrics.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
      illegal: answer.illegalRule.isEmpty
        ? nil : .init(rule: answer.illegalRule, evidence: Bounded.text(answer.illegalEvidence, 1500)),
      malformed: answer.malformed.isEmpty ? nil : Bounded.text(answer.malformed, 1500))
  }

  private func put(_ bytes: [UInt8], _ digest: String) async throws {
    var offset = 0
    while true {
      var part = ScorerV1.PutPredictionRequest()
      part.digest = digest
      part.size = UInt64(bytes.count)
      part.offset = UInt64(offset)
      part.data = Array(bytes[offset..<min(bytes.count, offset + Self.partBytes)])
      let answer = try await client.putPrediction(part, Self.options)
      if answer.complete { return }
      guard answer.received > UInt64(offset), answer.received < UInt64(bytes.count) else {
        throw EvaluatorError(.scorerFailed, "the scorer does not take the predictions")
      }
      offset = Int(answer.received)
    }
  }
}
