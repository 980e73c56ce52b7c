import Foundation
import Yams

/// Reads the parts of an agents file, strictly: what it does not know is a mistake.
struct SettingsReader {
  let name: String
  let folder: String

  private static let model = [
    "model", "api", "provider", "base_url", "key_file", "key_variable", "temperature", "thinking",
    "max_output_tokens", "stream",
  ]
  private static let specialist =
    model + [
      "proposer", "max_turns", "fallbacks", "command", "network", "mounts", "environment",
      "timeout_seconds", "memory_mb", "techniques",
    ]

  func fail(_ path: String, _ text: String) -> AgentsFileError {
    AgentsFileError("\(name): \(path.isEmpty ? "" : "'\(path)' ")\(text)")
  }

  func pairs(_ node: Node, _ path: String) throws(AgentsFileError) -> [(String, Node)] {
    guard let mapping = node.mapping else { throw fail(path, "is no mapping; write 'key: value' lines") }
    var list: [(String, Node)] = []
    for (key, value) in mapping {
      guard let word = key.string else { throw fail(path, "has a key that is no word") }
      list.append((word, value))
    }
    return list
  }

  func mapping(_ node: Node, _ path: String, _ known: [String]) throws(AgentsFileError) -> [String: Node] {
    let pairs = try pairs(node, path)
    for (key, _) in pairs where !known.contains(key) {
      throw fail(path, "has the unknown key '\(key)'; known are \(known.joined(separator: ", "))")
    }
    return Dictionary(pairs, uniquingKeysWith: { $1 })
  }

  /// - Parameter complete: false where nothing was written, so that nothing can be missing.
  func settings(
    _ fields: [String: Node], _ path: String, _ prices: [String: PriceSettings], complete: Bool = true
  ) throws(AgentsFileError) -> SpecialistSettings {
    for key in fields.keys.sorted() where !Self.specialist.contains(key) {
      throw fail(path, "has the unknown key '\(key)'; known are \(Self.specialist.joined(separator: ", "))")
    }
    let kind = try word(fields["proposer"], path + ".proposer", SpecialistSettings.Proposer.self) ?? .evolve
    var settings = SpecialistSettings(proposer: kind)
    settings.techniques = try text(fields["techniques"], path + ".techniques").map(absolute)
    settings.maximumTurns = try whole(fields["max_turns"], path + ".max_turns", 1...1000) ?? 60
    switch kind {
    case .evolve: break
    case .llm:
      // Defaults may leave the model to the specialists.
      guard fields["model"] != nil || path != "defaults" else { break }
      settings.models = [try model(fields, path, prices)]
      if let node = fields["fallbacks"] {
        guard let entries = node.sequence else {
          throw fail(path + ".fallbacks", "is no list; write '- model: NAME'")
        }
        for (index, entry) in entries.enumerated() {
          let place = path + ".fallbacks[\(index)]"
          let own = try mapping(entry, place, Self.model)
          var merged = fields.filter { Self.model.contains($0.key) }
          // A key belongs to a server: another server's is not sent there.
          if own["api"] != nil || own["base_url"] != nil {
            for key in ["key_file", "key_variable", "base_url", "provider"] { merged[key] = nil }
          }
          settings.models.append(try model(merged.merging(own) { $1 }, place, prices))
        }
      }
    case .command:
      guard fields["command"] != nil || path != "defaults" else { break }
      settings.command = try command(fields, path)
    }
    return settings
  }

  private func model(
    _ fields: [String: Node], _ path: String, _ prices: [String: PriceSettings]
  ) throws(AgentsFileError) -> ModelSettings {
    guard let model = try text(fields["model"], path + ".model") else {
      throw fail(path, "names no model; write 'model: NAME'")
    }
    let api = try word(fields["api"], path + ".api", ModelSettings.API.self) ?? .anthropic
    let base =
      try text(fields["base_url"], path + ".base_url")
      ?? (api == .anthropic ? "https://api.anthropic.com" : "https://api.openai.com/v1")
    guard base.hasPrefix("https://") || base.hasPrefix("http://"), URL(string: base)?.host() != nil else {
      throw fail(path + ".base_url", "is no address of a server; write https://host or http://host:port")
    }
    let thinking: ModelSettings.Thinking
    switch try text(fields["thinking"], path + ".thinking") {
    case nil, "none": thinking = .none
    case "adaptive": thinking = .adaptive
    default: thinking = .tokens(try whole(fields["thinking"], path + ".thinking", 1...1_000_000) ?? 0)
    }
    let output = try whole(fields["max_output_tokens"], path + ".max_output_tokens", 16...1_000_000) ?? 16_000
    if case .tokens(let count) = thinking, count >= output {
      throw fail(path + ".thinking", "leaves nothing of max_output_tokens, \(output); raise that")
    }
    let file = try text(fields["key_file"], path + ".key_file").map(absolute)
    let variable = try text(fields["key_variable"], path + ".key_variable")
    guard file == nil || variable == nil else {
      throw fail(path, "names both key_file and key_variable; leave one out")
    }
    return ModelSettings(
      model: model, api: api, provider: try text(fields["provider"], path + ".provider") ?? api.rawValue,
      baseURL: base, keyFile: file, keyVariable: variable,
      temperature: try decimal(fields["temperature"], path + ".temperature", 0...2), thinking: thinking,
      maximumOutputTokens: output, streams: try flag(fields["stream"], path + ".stream") ?? true,
      price: prices[model])
  }

  private func command(_ fields: [String: Node], _ path: String) throws(AgentsFileError) -> CommandSettings {
    let arguments = try list(fields["command"], path + ".command")
    guard let program = arguments.first else {
      throw fail(path, "names no command; write 'command: [/path/to/program, argument]'")
    }
    guard program.hasPrefix("/") else {
      throw fail(path + ".command", "does not begin with an absolute path: '\(program)'")
    }
    let mounts = try list(fields["mounts"], path + ".mounts").map(absolute)
    var environment: [String: String] = [:]
    if let node = fields["environment"] {
      for (variable, value) in try pairs(node, path + ".environment") {
        guard let text = value.scalar?.string else {
          throw fail(path + ".environment.\(variable)", "is no text")
        }
        environment[variable] = text
      }
    }
    return CommandSettings(
      arguments: arguments, network: try flag(fields["network"], path + ".network") ?? false, mounts: mounts,
      environment: environment,
      timeoutSeconds: try decimal(fields["timeout_seconds"], path + ".timeout_seconds", 1...86_400) ?? 1800,
      memoryMegabytes: try whole(fields["memory_mb"], path + ".memory_mb", 16...1_048_576) ?? 4096)
  }

  func price(_ node: Node, _ path: String) throws(AgentsFileError) -> PriceSettings {
    let fields = try mapping(node, path, ["input", "output", "cache_read", "cache_write"])
    let range = 0.0...1_000_000.0
    guard let input = try decimal(fields["input"], path + ".input", range),
      let output = try decimal(fields["output"], path + ".output", range)
    else { throw fail(path, "needs 'input' and 'output', in dollars a million tokens") }
    return PriceSettings(
      input: input, output: output,
      cacheRead: try decimal(fields["cache_read"], path + ".cache_read", range) ?? input,
      cacheWrite: try decimal(fields["cache_write"], path + ".cache_write", range) ?? input)
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: folder).appending(path: path).standardizedFileURL.path
  }

  private func text(_ node: Node?, _ path: String) throws(AgentsFileError) -> String? {
    guard let node else { return nil }
    guard let text = node.scalar?.string, !text.isEmpty, text.utf8.count <= 4096 else {
      throw fail(path, "is no text")
    }
    return text
  }

  private func list(_ node: Node?, _ path: String) throws(AgentsFileError) -> [String] {
    guard let node else { return [] }
    guard let items = node.sequence else { throw fail(path, "is no list; write [one, two]") }
    return try items.map { (item) throws(AgentsFileError) in
      guard let text = item.scalar?.string else { throw fail(path, "holds something that is no text") }
      return text
    }
  }

  private func whole(_ node: Node?, _ path: String, _ range: ClosedRange<Int>) throws(AgentsFileError) -> Int?
  {
    guard let node else { return nil }
    guard let value = node.int, range.contains(value) else {
      throw fail(path, "is no whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private func decimal(
    _ node: Node?, _ path: String, _ range: ClosedRange<Double>
  ) throws(AgentsFileError) -> Double? {
    guard let node else { return nil }
    guard let value = node.float ?? node.int.map(Double.init), range.contains(value) else {
      throw fail(path, "is no number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private func flag(_ node: Node?, _ path: String) throws(AgentsFileError) -> Bool? {
    guard let node else { return nil }
    guard let value = node.bool else { throw fail(path, "is neither true nor false") }
    return value
  }

  private func word<Word: RawRepresentable & CaseIterable>(
    _ node: Node?, _ path: String, _ type: Word.Type
  ) throws(AgentsFileError) -> Word? where Word.RawValue == String {
    guard let node else { return nil }
    guard let word = node.scalar.flatMap({ Word(rawValue: $0.string) }) else {
      throw fail(path, "is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
  }
}
