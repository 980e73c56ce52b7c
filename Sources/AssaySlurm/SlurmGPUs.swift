import AssaySteps

/// The GPUs of a partition's nodes, as `sinfo` tells them. Pure.
struct SlurmGPUs: Sendable, Hashable {
  /// What `sinfo` is asked for: a line for each node and partition.
  static let format = "%N|%P|%t|%G"

  /// By kind, `gpu:h100`, or `gpu` where nodes name no type: how many each node has.
  private(set) var kinds: [String: [String: Int]] = [:]

  /// - Parameters:
  ///   - lines: of `sinfo --Node --format=...`.
  ///   - partition: nil for the default one, which `sinfo` marks with a star.
  init(lines: [String], partition: String?) {
    for line in lines {
      let fields = line.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 4,
        partition.map({ fields[1] == $0 || fields[1] == $0 + "*" }) ?? fields[1].hasSuffix("*"),
        Self.serves(fields[2])
      else { continue }
      for (kind, count) in Self.gpus(fields[3]) { kinds[kind, default: [:]][fields[0]] = count }
    }
  }

  var counts: [String: GPUKinds.Count] {
    kinds.mapValues { nodes in
      GPUKinds.Count(perNode: nodes.values.max() ?? 0, total: nodes.values.reduce(0, +))
    }
  }

  /// Whether jobs that are asked for now may come to a node: not to one that is down, is being emptied or is kept for maintenance. A mark
  /// behind the state says that the node sleeps, or does not answer at the moment.
  private static func serves(_ state: String) -> Bool {
    !["down", "drain", "drng", "fail", "failg", "maint", "unk", "inval", "futr", "err"].contains(
      state.prefix { $0.isLetter })
  }

  /// Reads `gpu:h100:8(S:0-1),gpu:1g.10gb:7,license:4`.
  private static func gpus(_ text: String) -> [String: Int] {
    var found: [String: Int] = [:]
    // What is in brackets has commas of its own.
    var depth = 0
    let plain = text.filter { letter in
      if letter == "(" { depth += 1 }
      defer { if letter == ")" { depth -= 1 } }
      return depth == 0
    }
    for part in plain.split(separator: ",") {
      var words = part.split(separator: ":").map(String.init)
      guard words.first == "gpu", words.count <= 3 else { continue }
      let count = words.count > 1 ? Int(words[words.count - 1]) : nil
      if count != nil { words.removeLast() }
      let name = words.joined(separator: ":")
      guard name.wholeMatch(of: /[A-Za-z0-9._:+\/-]{1,96}/) != nil,
        let number = count ?? (words.count < 3 ? 1 : nil),
        (1...1024).contains(number)
      else { continue }
      found[name, default: 0] += number
    }
    return found
  }
}
