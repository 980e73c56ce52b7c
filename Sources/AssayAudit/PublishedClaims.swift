import AssayTrajectory
import Foundation

/// What was published about runs, as data: figures to compare with, and facts that the rows do not hold.
public struct PublishedClaims: Codable, Sendable, Equatable {
  /// A fact about a task, told from the score's name and the baseline.
  public struct Fact: Codable, Sendable, Equatable {
    public var scoreName: String
    public var baseline: Double
    public var noiseBand: Double?
    public var gateLimit: Double?
    public var basis: String

    private enum CodingKeys: String, CodingKey {
      case scoreName = "score_name"
      case baseline
      case noiseBand = "noise_band"
      case gateLimit = "gate_limit"
      case basis
    }
  }

  /// A figure about one run, told from the score's name, the baseline and the number of trials.
  public struct Claim: Codable, Sendable, Equatable {
    public var scoreName: String
    public var baseline: Double
    public var trials: Int
    public var improvementPercent: Double
    public var source: String

    private enum CodingKeys: String, CodingKey {
      case scoreName = "score_name"
      case baseline, trials
      case improvementPercent = "improvement_percent"
      case source
    }
  }

  public var facts: [Fact]
  public var claims: [Claim]

  public static let none = PublishedClaims(facts: [], claims: [])

  /// What ships with Assay.
  public static func bundled() throws -> PublishedClaims {
    guard let url = Bundle.module.url(forResource: "claims", withExtension: "json", subdirectory: "Data")
    else { return .none }
    return try JSONDecoder().decode(PublishedClaims.self, from: Data(contentsOf: url))
  }

  public func fact(of trajectory: Trajectory) -> Fact? {
    facts.first { $0.scoreName == trajectory.run.scoreName && $0.baseline == trajectory.baseline?.score }
  }

  public func claim(about trajectory: Trajectory) -> Claim? {
    let trials = trajectory.countedTrials.count
    return claims.first {
      $0.scoreName == trajectory.run.scoreName && $0.baseline == trajectory.baseline?.score
        && $0.trials == trials
    }
  }
}
