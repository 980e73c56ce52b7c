import Foundation
import Yams

/// A YAML text as nodes that know their lines. Keys used twice are reported and set aside instead of ending
/// the reading, so that other mistakes are found in the same pass.
struct YAMLDocument {
  static let maximumBytes = 256 << 10
  /// Marks the first of two equal keys; no author writes it.
  private static let setAside = "__used_twice__"

  private(set) var root: Node?
  private(set) var diagnostics: [TaskDiagnostic] = []

  init(file: String, bytes: [UInt8]) {
    guard bytes.count <= Self.maximumBytes else {
      report(
        file, nil, "it is larger than \(Self.maximumBytes >> 10) KiB", "move long texts to knowledge files")
      return
    }
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      report(file, nil, "it is not UTF-8 text", "save it as UTF-8")
      return
    }
    var yaml = text
    for round in 0..<32 {
      do {
        root = try Yams.compose(yaml: yaml)
        if root == nil {
          report(file, 1, "it is empty", "start from the file that 'assay task new NAME' writes")
        }
        return
      } catch let YamlError.duplicatedKeysInMapping(duplicates, context) {
        let key = duplicates.first ?? ""
        report(
          file, context.mark.line, "the key '\(key)' is used twice in one mapping",
          "keep one of them, or give the other another name")
        guard let renamed = Self.rename(yaml, at: context.mark, round) else { return }
        yaml = renamed
      } catch let error as YamlError {
        let (line, problem) = Self.explain(error)
        report(file, line, "it is not YAML: \(problem)", "correct the indentation, quotes or brackets there")
        return
      } catch {
        report(file, nil, "it is not YAML", "correct its syntax")
        return
      }
    }
  }

  /// Whether a key is the set-aside first of two equal ones.
  static func isSetAside(_ key: String) -> Bool { key.contains(setAside) }

  /// A node's content in one form, whatever its style: each part behind its kind and length. Keys keep their order.
  ///
  /// - Parameter key: left out of the outermost mapping.
  static func canonical(_ node: Node, without key: String) -> [UInt8] {
    switch node {
    case .scalar(let scalar): Array("s\(scalar.string.utf8.count):\(scalar.string)".utf8)
    case .sequence(let parts):
      Array("l\(parts.count):".utf8) + parts.flatMap { canonical($0, without: "") }
    case .mapping(let pairs):
      Array("m:".utf8)
        + pairs.filter { $0.key.string != key || key.isEmpty }.flatMap {
          canonical($0.key, without: "") + canonical($0.value, without: "")
        } + Array(";".utf8)
    case .alias(let alias): Array("a\(alias.anchor.rawValue);".utf8)
    }
  }

  private mutating func report(_ file: String, _ line: Int?, _ message: String, _ remedy: String) {
    diagnostics.append(TaskDiagnostic(file: file, line: line, message: message, remedy: remedy))
  }

  private static func rename(_ yaml: String, at mark: Mark, _ round: Int) -> String? {
    var lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard mark.line >= 1, mark.line <= lines.count else { return nil }
    var scalars = Array(lines[mark.line - 1].unicodeScalars)
    guard mark.column >= 1, mark.column < scalars.count else { return nil }
    scalars.insert(contentsOf: (setAside + String(round)).unicodeScalars, at: mark.column)
    var line = String.UnicodeScalarView()
    line.append(contentsOf: scalars)
    lines[mark.line - 1] = String(line)
    return lines.joined(separator: "\n")
  }

  private static func explain(_ error: YamlError) -> (Int?, String) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, problem)
    case .reader(let problem, _, _, _): (nil, problem)
    default: (nil, "the parser gave up")
    }
  }
}
