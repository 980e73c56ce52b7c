public import AssayTrajectory

/// Which views of the lineage had been asked for before the proposals that were kept, as the lineage service counted it.
///
/// This says what went together, and not what was the cause: a view that every proposal begins with has seen every gain.
public struct ViewFigures: Codable, Sendable, Equatable {
  public struct Line: Codable, Sendable, Equatable {
    public var view: String
    /// Proposals whose agent had been answered with the view since its proposal before.
    public var proposals = 0
    /// Of them kept, revoked ones left out.
    public var kept = 0
    /// What the kept ones were better than the incumbents of their time, in the metric's unit.
    public var gain = 0.0
    /// Seconds of CPU of their trials.
    public var cpuSeconds = 0.0
    public var requests: UInt64 = 0
    public var bytes: UInt64 = 0
    /// Proposals of which it is known that they were made without it.
    public var otherProposals = 0
    public var otherKept = 0

    public init(view: String) { self.view = view }

    private enum CodingKeys: String, CodingKey {
      case view, proposals, kept, gain
      case cpuSeconds = "cpu_seconds"
      case requests, bytes
      case otherProposals = "other_proposals"
      case otherKept = "other_kept"
    }
  }

  /// What is known of one proposal.
  public struct Proposal: Sendable, Equatable {
    /// Nil where nobody counted.
    public var views: ViewsAnswered?
    public var isKept: Bool
    public var gain: Double
    public var cpuSeconds: Double

    public init(views: ViewsAnswered?, isKept: Bool, gain: Double, cpuSeconds: Double) {
      self.views = views
      self.isKept = isKept
      self.gain = gain
      self.cpuSeconds = cpuSeconds
    }
  }

  /// Most gain first.
  public var views: [Line]
  /// Proposals of which it is known in full what their agents had been answered.
  public var known: Int
  /// Proposals of which a part is not known, because the lineage service was started anew before them.
  public var partial: Int
  /// Proposals of which nothing is known: they were submitted by a person, or before this was counted.
  public var unknown: Int

  public init(_ proposals: [Proposal]) {
    known = 0
    partial = 0
    unknown = 0
    var lines: [String: Line] = [:]
    var kept = 0
    for proposal in proposals {
      guard let views = proposal.views else {
        unknown += 1
        continue
      }
      if views.isWhole {
        known += 1
        if proposal.isKept { kept += 1 }
      } else {
        partial += 1
      }
      for (name, answers) in views.counts {
        var line = lines[name] ?? Line(view: name)
        line.proposals += 1
        line.cpuSeconds += proposal.cpuSeconds
        line.requests &+= answers.requests
        line.bytes &+= answers.bytes
        if proposal.isKept {
          line.kept += 1
          line.gain += proposal.gain
        }
        // Counts those that are known in full and had the view, for the moment.
        if views.isWhole {
          line.otherProposals += 1
          if proposal.isKept { line.otherKept += 1 }
        }
        lines[name] = line
      }
    }
    let all = (known, kept)
    self.views = lines.values.map { line in
      var line = line
      line.otherProposals = all.0 - line.otherProposals
      line.otherKept = all.1 - line.otherKept
      return line
    }.sorted { ($0.gain, $0.kept, $1.view) > ($1.gain, $1.kept, $0.view) }
  }

  /// What has to be said beside the figures.
  public static let caution =
    "A view counts for a proposal when its agent was answered with it since its proposal before, by the lineage service's own count. "
    + "This is what went together, not what was the cause: a view that every session begins with has seen every gain."
}

extension ViewFigures {
  /// Nil where no trial says what it was made from.
  init?(_ trajectory: Trajectory) {
    let trials = trajectory.trials.filter { $0.isTrial && $0.outcome != .unreadable }
    guard trials.contains(where: { $0.views != nil }) else { return nil }
    self.init(
      trials.map { trial in
        Proposal(
          views: trial.views, isKept: trial.outcome == .kept,
          gain: trial.delta.map { trajectory.run.lowerIsBetter ? -$0 : $0 } ?? 0,
          cpuSeconds: trial.cpuSeconds ?? 0)
      })
  }
}
