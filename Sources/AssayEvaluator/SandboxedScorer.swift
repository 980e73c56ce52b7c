import AssayPatch
import AssaySandbox
import AssayTask
import AssayVerdict
import Foundation

/// A task's scorer in a sandbox without network: a trusted program that reads hostile bytes.
public struct SandboxedScorer: TaskScorer {
  private let sandbox: Sandbox
  private let task: ResearchTask
  private let prepared: PreparedTask
  private let scratch: String

  /// - Parameter scratch: a folder for temporary files, of this process alone.
  public init(sandbox: Sandbox, task: ResearchTask, prepared: PreparedTask, scratch: String) {
    self.sandbox = sandbox
    self.task = task
    self.prepared = prepared
    self.scratch = scratch
  }

  /// The most bytes of all inputs together.
  static let maximumInputBytes: UInt64 = 256 << 20
  static let maximumJudgementBytes: UInt64 = 65_536

  // MARK: Inspection

  public func inspect(_ recipe: RecipeTree, rules: TaskFile.Rules) async throws -> Inspection {
    let names = recipe.paths.filter { $0.hasSuffix(".py") }
    guard !names.isEmpty else { return .clean(meaning: recipe) }
    return try await withFolder { folder in
      let output = folder + "/meaning.pack"
      for path in recipe.paths { try write(recipe[path] ?? [], to: "\(folder)/recipe/\(path)") }
      let result = try await sandbox.run(
        SandboxCommand(
          arguments: ["/usr/bin/python3", "-I", "-S", "-c", InspectionProgram.text]
            + [try InspectionProgram.rules(rules)] + names,
          mounts: [.init(folder + "/recipe", at: "/recipe")],
          outputs: [
            .init("meaning.pack", maximumBytes: InspectionProgram.maximumMeaningBytes, to: output)
          ],
          limits: SandboxLimits(
            wallMilliseconds: 20_000, cpuMilliseconds: 10_000, memoryBytes: 512 << 20, processes: 8,
            diskBytes: InspectionProgram.maximumMeaningBytes + (1 << 20), outputBytes: 4096)))
      switch result.outcome {
      case .exited(0): return .clean(meaning: try Self.meaning(of: recipe, pack: output, result))
      case .exited(InspectionProgram.syntaxError): return .syntaxError(Self.line(result))
      case .exited(InspectionProgram.broken):
        let parts = Self.line(result).split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, rules.statics.contains(where: { $0.id == parts[0] }) else {
          throw EvaluatorError(.scorerFailed, "the inspection named no rule of the task")
        }
        return .broken(rule: parts[0], evidence: parts[1])
      case .exited(let status):
        throw EvaluatorError(.scorerFailed, "the inspection ended with status \(status)")
      case .signalled, .limit:
        return .syntaxError("\(names[0]):0: the file is too deep or too large to be parsed")
      }
    }
  }

  /// The recipe with what the inspection wrote in place of its Python files; the recipe itself where it wrote nothing.
  private static func meaning(
    of recipe: RecipeTree, pack: String, _ result: SandboxResult
  ) throws -> RecipeTree {
    guard case .present? = result.outputs.first else { return recipe }
    let data = try Data(contentsOf: URL(filePath: pack))
    var meaning = recipe
    for (path, content) in try unpack([UInt8](data)) where recipe[path] != nil {
      // Too much of it to be a tree: each byte counts then.
      guard let next = try? meaning.setting(path, to: content) else { return recipe }
      meaning = next
    }
    return meaning
  }

  private static func line(_ result: SandboxResult) -> String {
    LogExcerpt.clean(String(decoding: result.log, as: UTF8.self)).trimmingCharacters(
      in: .whitespacesAndNewlines)
  }

  // MARK: Scoring

  /// Runs the scorer, then packs what it wrote: for each file the length of its name, the name, its size, its bytes. Imports little: each
  /// trial pays for it.
  private static let packProgram = """
    import os, struct, sys
    scorer = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    if os.waitpid(scorer, 0)[1]:
        sys.exit(1)
    with open("/out/inputs.pack", "wb") as pack:
        for folder, names, files in os.walk("/work/inputs"):
            names.sort()
            for file in sorted(files):
                path = os.path.join(folder, file)
                name = os.path.relpath(path, "/work/inputs").encode()
                with open(path, "rb") as source:
                    content = source.read()
                pack.write(struct.pack("<I", len(name)) + name + struct.pack("<Q", len(content)) + content)
    """

  public func inputs(_ request: ScoringRequest) async throws -> [String: [UInt8]] {
    try await withFolder { folder in
      let output = folder + "/inputs.pack"
      let command = scorer(
        ["inputs", "--heldout", "/heldout", "--nonce", request.nonce, "--out", "/work/inputs"],
        wrapper: ["/usr/bin/python3", "-I", "-S", "-c", Self.packProgram])
      let result = try await sandbox.run(
        SandboxCommand(
          arguments: command, environment: environment, mounts: mounts(request),
          outputs: [.init("inputs.pack", maximumBytes: Self.maximumInputBytes, to: output)], limits: limits))
      guard result.succeeded, case .present? = result.outputs.first,
        let data = FileManager.default.contents(atPath: output)
      else {
        throw failure("inputs", result)
      }
      return try Self.unpack([UInt8](data))
    }
  }

  static func unpack(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    var rest = bytes[...]
    func number(_ count: Int) throws -> Int {
      guard rest.count >= count else {
        throw EvaluatorError(.scorerFailed, "the scorer's inputs are cut off")
      }
      let value = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      rest = rest.dropFirst(count)
      guard value <= UInt64(rest.count) else {
        throw EvaluatorError(.scorerFailed, "the scorer's inputs are cut off")
      }
      return Int(value)
    }
    while !rest.isEmpty {
      let nameLength = try number(4)
      let name = String(decoding: rest.prefix(nameLength), as: UTF8.self)
      rest = rest.dropFirst(nameLength)
      let length = try number(8)
      files[name] = Array(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return files
  }

  public func judge(_ request: ScoringRequest, folder: String) async throws -> Judgement {
    try await withFolder { own in
      let output = own + "/judgement.json"
      let command = scorer(
        [
          "judge", "--heldout", "/heldout", "--inputs", "/inputs_dir", "--predictions", "/predictions_dir",
          "--nonce",
          request.nonce,
        ], wrapper: ["/bin/sh", "-c", "exec \"$@\" > /out/judgement.json", "sh"])
      let result = try await sandbox.run(
        SandboxCommand(
          arguments: command, environment: environment,
          mounts: mounts(request) + [
            .init(folder + "/inputs", at: "/inputs_dir"),
            .init(folder + "/predictions", at: "/predictions_dir"),
          ], outputs: [.init("judgement.json", maximumBytes: Self.maximumJudgementBytes, to: output)],
          limits: limits))
      guard result.succeeded, case .present? = result.outputs.first,
        let data = FileManager.default.contents(atPath: output)
      else {
        throw failure("judge", result)
      }
      guard let judgement = try? JSONDecoder().decode(Judgement.self, from: data) else {
        throw EvaluatorError(
          .scorerFailed, "the scorer's judgement is not the JSON object that the task contract names")
      }
      return judgement
    }
  }

  private func scorer(_ options: [String], wrapper: [String]) -> [String] {
    wrapper + task.file.score.arguments(python: prepared.interpreter) + options
  }

  private func mounts(_ request: ScoringRequest) -> [SandboxCommand.Mount] {
    var mounts: [SandboxCommand.Mount] = [
      .init(task.directory + "/scorer", at: "/scorer", isPrivate: true),
      .init(request.isSealed ? prepared.sealed : prepared.heldout, at: "/heldout", isPrivate: true),
    ]
    if let environment = prepared.environment { mounts.append(.init(environment, at: "/env")) }
    return mounts
  }

  private var environment: [String: String] { task.file.environment.variables }

  private var limits: SandboxLimits {
    SandboxLimits(
      wallMilliseconds: UInt64(task.file.score.wallSeconds * 1000),
      memoryBytes: UInt64(task.file.score.memoryBytes),
      processes: 128, diskBytes: Self.maximumInputBytes * 2, outputBytes: 262_144)
  }

  /// For the evaluator's own log and the operator: what a scorer prints may speak of held-out data, so it goes nowhere else.
  private func failure(_ name: String, _ result: SandboxResult) -> EvaluatorError {
    EvaluatorError(
      .scorerFailed, "the scorer's '\(name)' ended without a result (\(result.outcome))",
      cause: ScorerOutput(text: LogExcerpt.clean(String(decoding: result.log, as: UTF8.self))))
  }

  private struct ScorerOutput: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
  }

  // MARK: Folders

  private func withFolder<Value: Sendable>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = "\(scratch)/\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    try Data(bytes).write(to: URL(filePath: path))
  }
}
