/// How the GPUs of a host are connected, to each other and to its processors.
public struct GPUTopology: Sendable, Hashable, Codable {
  public struct Pair: Sendable, Hashable, Codable {
    /// UUIDs.
    public var first, second: String
    public var path: GPUPath

    public init(_ first: String, _ second: String, _ path: GPUPath) {
      self.first = first
      self.second = second
      self.path = path
    }
  }

  /// Of whole devices, each pair once.
  public var pairs: [Pair] = []
  /// Cores that are near to a GPU, by its UUID; none where the driver does not tell.
  public var cores: [String: [Int]] = [:]

  /// Of more devices than this not every set is looked at.
  private static let most = 16

  public init() {}

  /// Whether a GPU is near to all of these cores; false where that is not known.
  public func isNear(_ uuid: String, to wanted: [Int]) -> Bool {
    guard let near = cores[uuid], !wanted.isEmpty else { return false }
    return Set(wanted).isSubset(of: near)
  }

  /// The best connected of these devices: the set whose worst connection is best, among those the one with the least distances in all,
  /// then with most devices near to `wanted` cores, then that which comes first in the order of `devices`.
  public func best(_ count: Int, of devices: [GPUDevice], near wanted: [Int] = []) -> [GPUDevice] {
    guard count > 1, devices.count > count else { return Array(devices.prefix(count)) }
    let search = Search(self, devices, near: wanted)
    let chosen =
      devices.count <= Self.most ? search.exhaustive(count) : search.greedy(count)
    return chosen.map { devices[$0] }
  }

  /// `0-1, 2-3: 12 NVLinks; 0-2, 0-3, 1-2, 1-3: across NUMA nodes`, by the numbers of device nodes; empty for a single device.
  public func summary(of devices: [GPUDevice]) -> String {
    let nodes = Dictionary(devices.map { ($0.uuid, $0.node) }, uniquingKeysWith: { first, _ in first })
    let kinds = Dictionary(grouping: pairs, by: \.path).sorted {
      ($0.key.distance, $0.key.text) < ($1.key.distance, $1.key.text)
    }
    var parts = kinds.map { path, pairs in
      let names = pairs.compactMap { pair in
        nodes[pair.first].flatMap { first in nodes[pair.second].map { "\(first)-\($0)" } }
      }
      return kinds.count == 1 && names.count > 1
        ? "each pair: \(path.text)" : "\(names.joined(separator: ", ")): \(path.text)"
    }
    let whole = devices.filter { cores[$0.uuid] != nil }
    let groups = Dictionary(grouping: whole) { cores[$0.uuid] ?? [] }.sorted {
      $0.value[0].node < $1.value[0].node
    }
    if groups.count > 1 {
      parts += groups.map { cores, near in
        "cores \(Self.ranges(cores)): \(Set(near.map(\.node)).sorted().map(String.init).joined(separator: ", "))"
      }
    }
    return parts.joined(separator: "; ")
  }

  /// `0-15,32-47`
  static func ranges(_ cores: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for core in cores.sorted() {
      if let last = ranges.last, last.upperBound + 1 == core {
        ranges[ranges.count - 1] = last.lowerBound...core
      } else {
        ranges.append(core...core)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
      separator: ",")
  }
}

extension GPUTopology {
  /// Looks for a set of devices, by their places in a list.
  private struct Search {
    /// What a set is worth, the smaller the better.
    struct Cost: Comparable {
      var worst: UInt32 = 0
      var sum: UInt32 = 0
      var far = 0

      static func < (first: Cost, second: Cost) -> Bool {
        (first.worst, first.sum, first.far) < (second.worst, second.sum, second.far)
      }
    }

    var distances: [[UInt32]]
    var isFar: [Bool]

    init(_ topology: GPUTopology, _ devices: [GPUDevice], near wanted: [Int]) {
      let places = Dictionary(
        devices.enumerated().map { ($1.uuid, $0) }, uniquingKeysWith: { first, _ in first })
      distances = Array(
        repeating: Array(repeating: GPUPath().distance, count: devices.count), count: devices.count)
      for pair in topology.pairs {
        guard let first = places[pair.first], let second = places[pair.second] else { continue }
        distances[first][second] = pair.path.distance
        distances[second][first] = pair.path.distance
      }
      isFar = devices.map { !topology.isNear($0.uuid, to: wanted) }
    }

    func adding(_ place: Int, to set: [Int], _ cost: Cost) -> Cost {
      var cost = cost
      for other in set {
        cost.worst = max(cost.worst, distances[place][other])
        cost.sum += distances[place][other]
      }
      if isFar[place] { cost.far += 1 }
      return cost
    }

    func exhaustive(_ count: Int) -> [Int] {
      var best: (set: [Int], cost: Cost)?
      func extend(_ set: [Int], _ cost: Cost) {
        if set.count == count {
          if best.map({ cost < $0.cost }) ?? true { best = (set, cost) }
          return
        }
        let next = (set.last ?? -1) + 1
        for place in next..<isFar.count where isFar.count - place >= count - set.count {
          extend(set + [place], adding(place, to: set, cost))
        }
      }
      extend([], Cost())
      return best?.set ?? []
    }

    /// From each device the nearest ones, one after the other.
    func greedy(_ count: Int) -> [Int] {
      var best: (set: [Int], cost: Cost)?
      for start in isFar.indices {
        var set = [start]
        var cost = adding(start, to: [], Cost())
        while set.count < count {
          let choices = isFar.indices.filter { !set.contains($0) }.map { ($0, adding($0, to: set, cost)) }
          guard let nearest = choices.min(by: { $0.1 < $1.1 }) else { break }
          set.append(nearest.0)
          cost = nearest.1
        }
        if best.map({ cost < $0.cost }) ?? true { best = (set, cost) }
      }
      return (best?.set ?? []).sorted()
    }
  }
}
