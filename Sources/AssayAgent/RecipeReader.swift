import AssayPatch
import AssaySandbox
import Foundation

/// Reads recipes as Python without running them: asks a separate, limited process.
///
/// What a recipe reads as depends on its bytes alone, so answers are remembered by digest.
public actor RecipeReader {
  /// A part of a file that may be edited: byte offsets, without marker lines.
  struct Range: Sendable, Hashable {
    var section: String
    var bytes: Swift.Range<Int>
  }

  /// What a whole recipe is.
  struct Inspection: Sendable, Codable, Hashable {
    /// Whether every Python file of it parses.
    var ok: Bool
    /// Why not.
    var error: String?
    /// Equal for recipes that differ in comments, layout and docstrings only.
    var digest: String
    /// Named constants.
    var values: [String: LiteralValue]
    /// Digests of functions.
    var units: [String: String]
  }

  private let program: ReaderProgram
  private var inspections: [String: Inspection] = [:]
  private var surveys: [SurveyKey: Survey] = [:]

  private struct SurveyKey: Hashable {
    var recipe: String
    var ranges: [String: [Range]]
    var donors: [Int]
  }

  /// Uses the interpreter at this path, which needs nothing but the standard library.
  ///
  /// - Parameter sandbox: where the reader runs. Without one it is a plain process that limits its own time
  ///   and memory: recipes are parsed and never run, but a sandbox also contains a flaw of the parser.
  public init(
    interpreter: String = "/usr/bin/python3", timeout: Double = 30, sandbox: Sandbox? = nil
  ) throws(AgentError) {
    program = try ReaderProgram(interpreter: interpreter, timeout: timeout, sandbox: sandbox)
  }

  /// What recipes are, in the order asked for.
  func inspect(_ trees: [RecipeTree]) async throws(AgentError) -> [Inspection] {
    let digests = trees.map(\.digest)
    var missing: [(String, RecipeTree)] = []
    for (digest, tree) in zip(digests, trees)
    where inspections[digest] == nil && !missing.contains(where: { $0.0 == digest }) {
      missing.append((digest, tree))
    }
    // One request holds a bounded amount of text, so that one hostile recipe cannot starve the others.
    var index = 0
    while index < missing.count {
      var batch: [(String, RecipeTree)] = []
      var bytes = 0
      while index < missing.count,
        batch.isEmpty || (batch.count < 32 && bytes + missing[index].1.byteCount < 1 << 19)
      {
        batch.append(missing[index])
        bytes += missing[index].1.byteCount
        index += 1
      }
      do throws(AgentError) {
        let answer: InspectAnswer = try await program.ask(
          InspectRequest(op: "inspect", trees: batch.map { Self.texts($0.1) }))
        guard answer.trees.count == batch.count else {
          throw AgentError(.readerFailed, "the recipe reader lost an answer; reinstall Assay if this goes on")
        }
        for ((digest, _), inspection) in zip(batch, answer.trees) { inspections[digest] = inspection }
      } catch {
        guard error.code == .readerLimit || error.code == .readerFailed else { throw error }
        if batch.count > 1 {
          for (digest, tree) in batch { inspections[digest] = await alone(digest, tree) }
        } else {
          for (digest, _) in batch { inspections[digest] = Self.hopeless(digest, error) }
        }
      }
    }
    return digests.map { inspections[$0] ?? Self.hopeless($0, nil) }
  }

  private func alone(_ digest: String, _ tree: RecipeTree) async -> Inspection {
    do {
      let answer: InspectAnswer = try await program.ask(
        InspectRequest(op: "inspect", trees: [Self.texts(tree)]))
      return answer.trees.first ?? Self.hopeless(digest, nil)
    } catch {
      return Self.hopeless(digest, error)
    }
  }

  private static func hopeless(_ digest: String, _ error: (any Error)?) -> Inspection {
    Inspection(
      ok: false, error: error.map { "\($0)" } ?? "the recipe reader gave no answer", digest: "raw:" + digest,
      values: [:], units: [:])
  }

  /// What can be edited in a recipe.
  func survey(
    _ tree: RecipeTree, scope: EditScope, donors: [(trial: Int, recipe: RecipeTree)] = []
  ) async throws(AgentError) -> Survey {
    let ranges = Self.ranges(of: tree, scope: scope)
    guard !ranges.isEmpty else {
      throw AgentError(
        .nothingToEdit,
        "none of the files and sections of this partition (\(scope.summary)) is in the recipe; "
          + "correct the partition in the task file")
    }
    let key = SurveyKey(recipe: tree.digest, ranges: ranges, donors: donors.map(\.trial))
    if let known = surveys[key] { return known }
    let request = SurveyRequest(
      op: "sites", files: Self.texts(tree),
      ranges: ranges.mapValues {
        $0.map { .init(section: $0.section, start: $0.bytes.lowerBound, end: $0.bytes.upperBound) }
      },
      donors: donors.map { .init(trial: $0.trial, files: Self.texts($0.recipe)) })
    let survey: Survey = try await program.ask(request)
    if surveys.count >= 64 { surveys.removeAll() }
    surveys[key] = survey
    return survey
  }

  /// The bytes of a recipe that a scope allows to edit, by file.
  static func ranges(of tree: RecipeTree, scope: EditScope) -> [String: [Range]] {
    var found: [String: [Range]] = [:]
    for (path, extent) in scope.files {
      guard let bytes = tree[path], let sections = try? Sections(parsing: bytes) else { continue }
      var starts = [0]
      for (index, byte) in bytes.enumerated() where byte == 0x0a { starts.append(index + 1) }
      for section in sections.all where !section.content.isEmpty {
        if case .sections(let names) = extent, !names.contains(section.name) { continue }
        guard section.lines.lowerBound < starts.count else { continue }
        let start = starts[section.lines.lowerBound]
        found[path, default: []].append(
          Range(section: section.name, bytes: start..<(start + section.content.count)))
      }
    }
    return found
  }

  private static func texts(_ tree: RecipeTree) -> [String: String] {
    Dictionary(uniqueKeysWithValues: tree.paths.map { ($0, tree.text($0) ?? "\u{0}") })
  }
}
