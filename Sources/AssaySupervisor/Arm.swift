import AssayMessages

/// Who works in a run, and what they are given: the part of a run's configuration that experiments compare.
public struct Arm: Codable, Hashable, Sendable {
  /// An agent that submits, and the partitions that it may edit.
  public struct Member: Codable, Hashable, Sendable {
    public var specialist: String
    public var partitions: [String]

    public init(specialist: String, partitions: [String]) {
      self.specialist = specialist
      self.partitions = partitions
    }
  }

  /// How the work is divided.
  public enum Crew: Hashable, Sendable {
    /// Each partition has its specialist.
    case specialists
    /// One agent that may edit all partitions.
    case generalist
    /// So many agents that may each edit all partitions.
    case generics(Int)

    /// - Parameter text: `specialists`, `generalist`, or `generics:4`.
    public init?(_ text: String) {
      switch text {
      case "specialists": self = .specialists
      case "generalist": self = .generalist
      default:
        guard text.hasPrefix("generics:"), let count = Int(text.dropFirst("generics:".count)),
          (1...Self.most).contains(count)
        else { return nil }
        self = .generics(count)
      }
    }

    /// The most generic agents: each has a letter.
    public static let most = 26
  }

  public var name: String
  public var members: [Member]
  /// Agents that read and write insights, and submit nothing.
  public var analysts: [String]
  public var lineage: Bool
  public var knowledge: Bool

  public init(
    name: String, crew: Crew, partitions: [String], analysts: [String] = [], lineage: Bool = true,
    knowledge: Bool = true
  ) {
    self.name = name
    self.analysts = analysts
    self.lineage = lineage
    self.knowledge = knowledge
    members =
      switch crew {
      case .specialists: partitions.map { Member(specialist: $0, partitions: [$0]) }
      case .generalist: [Member(specialist: "generalist", partitions: partitions)]
      case .generics(let count):
        (0..<count).map {
          Member(
            specialist: "gen-\(Character(UnicodeScalar(UInt8(ascii: "a") + UInt8($0))))",
            partitions: partitions)
        }
      }
  }

  /// All agents of the arm.
  public var agents: [String] { members.map(\.specialist) + analysts }

  var wire: EvaluatorV1.Arm {
    var wire = EvaluatorV1.Arm()
    wire.name = name
    wire.members = members.map {
      var member = EvaluatorV1.ArmMember()
      member.specialist = $0.specialist
      member.partitions = $0.partitions
      return member
    }
    wire.analysts = analysts
    wire.knowledgeWithheld = !knowledge
    return wire
  }
}

/// An arm before the partitions of its task are known.
public struct ArmChoice: Hashable, Sendable {
  public var name: String
  public var crew: Arm.Crew
  public var analysts: [String]
  public var knowledge: Bool

  public init(name: String, crew: Arm.Crew, analysts: [String] = [], knowledge: Bool = true) {
    self.name = name
    self.crew = crew
    self.analysts = analysts
    self.knowledge = knowledge
  }

  func arm(partitions: [String], lineage: Bool) -> Arm {
    Arm(
      name: name, crew: crew, partitions: partitions, analysts: analysts, lineage: lineage,
      knowledge: knowledge)
  }
}
