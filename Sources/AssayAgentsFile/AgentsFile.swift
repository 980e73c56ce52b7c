import Foundation
import Yams

/// The file behind `--agents`: which specialist makes its proposals how. YAML, of which JSON is a part.
public struct AgentsFile: Sendable, Hashable {
  public static let formatVersion = 1
  static let maximumBytes = 1 << 20

  private let defaults: SpecialistSettings
  private let specialists: [String: SpecialistSettings]

  /// Reads and checks a file. Relative paths in it are relative to its folder.
  public static func load(_ path: String) throws(AgentsFileError) -> AgentsFile {
    let url = URL(filePath: path)
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw AgentsFileError("the agents file '\(path)' cannot be read; name an existing file with --agents")
    }
    guard bytes.count <= maximumBytes, let text = String(validating: bytes, as: UTF8.self) else {
      throw AgentsFileError("the agents file '\(path)' is no UTF-8 text of at most 1 MiB")
    }
    return try AgentsFile(text: text, name: path, folder: url.deletingLastPathComponent().path)
  }

  /// - Parameter folder: where relative paths begin.
  public init(text: String, name: String = "agents file", folder: String = "/") throws(AgentsFileError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw AgentsFileError("\(name) is not YAML: \(error)")
    }
    guard let root else { throw AgentsFileError("\(name) is empty; see docs/agents.md for an example") }
    let reader = SettingsReader(name: name, folder: folder)
    let fields = try reader.mapping(root, "", ["assay_agents", "defaults", "specialists", "prices"])
    guard let version = fields["assay_agents"]?.int else {
      throw AgentsFileError("\(name) has no version; begin it with 'assay_agents: 1'")
    }
    guard version == Self.formatVersion else {
      throw AgentsFileError(
        "\(name) has the version \(version), this program reads \(Self.formatVersion); use the other program")
    }
    var prices: [String: PriceSettings] = [:]
    if let node = fields["prices"] {
      for (model, entry) in try reader.pairs(node, "prices") {
        prices[model] = try reader.price(entry, "prices.\(model)")
      }
    }
    let base =
      try fields["defaults"].map { (node) throws(AgentsFileError) in try reader.pairs(node, "defaults") }
      ?? []
    let defaultNodes = Dictionary(base, uniquingKeysWith: { $1 })
    var found: [String: SpecialistSettings] = [:]
    if let node = fields["specialists"] {
      for (specialist, entry) in try reader.pairs(node, "specialists") {
        let own = Dictionary(try reader.pairs(entry, "specialists.\(specialist)"), uniquingKeysWith: { $1 })
        found[specialist] = try reader.settings(
          defaultNodes.merging(own) { $1 }, "specialists.\(specialist)", prices)
      }
    }
    specialists = found
    defaults = try reader.settings(defaultNodes, "defaults", prices, complete: !base.isEmpty)
  }

  /// Settings for all specialists alike.
  public init(all settings: SpecialistSettings) {
    defaults = settings
    specialists = [:]
  }

  /// How a specialist makes its proposals.
  public func settings(of specialist: String) -> SpecialistSettings { specialists[specialist] ?? defaults }

  /// What a specialist's settings lack to be used; nil when nothing.
  public func gap(of specialist: String) -> String? {
    let settings = settings(of: specialist)
    switch settings.proposer {
    case .llm where settings.models.isEmpty: return "names no model for '\(specialist)'; write 'model: NAME'"
    case .command where settings.command == nil:
      return "names no command for '\(specialist)'; write 'command: [/path/to/program]'"
    default: return nil
    }
  }

  /// The specialists that the file names.
  public var names: [String] { specialists.keys.sorted() }

  /// The environment variables that a specialist's settings take keys from.
  public func keyVariables(of specialist: String) -> [String] {
    settings(of: specialist).models.compactMap(\.keyVariable)
  }
}
