public import AssayTrajectory

/// Every figure of an audit. Each is computed from the rows alone, by rules that know no run by name.
public struct RunAudit: Codable, Sendable, Equatable {
  public var name: String
  public var provenance: Provenance
  public var scoreName: String
  public var lowerIsBetter: Bool
  public var counts: CountFigures
  public var progress: ProgressFigures
  public var cost: CostFigures
  public var failureMix: FailureMix
  public var repairs: RepairFigures
  public var calibration: CalibrationFigures
  public var duplicates: Duplicates
  public var ancestry: AncestryFigures
  /// Nil where nothing tells the noise.
  public var noise: NoiseFigures?
  /// Nil where the record has no gated mean.
  public var gate: GateFigures?
  /// Nil where compute is the score itself or is not recorded.
  public var compute: ComputeFigures?
  /// Nil where the record does not have what proposals were made from.
  public var views: ViewFigures?
  /// Nil until code was looked at; see `EditFigures`.
  public var edits: EditFigures?
  /// Rows that carry each flag.
  public var flags: [String: Int]
  public var notices: [RecordFlag]
  /// Published, re-derived and corrected figures; empty where nothing was published.
  public var claims: [ClaimRow]

  public init(_ trajectory: Trajectory, options: AuditOptions = AuditOptions(), edits: EditFigures? = nil) {
    let fact = options.published.fact(of: trajectory)
    name = trajectory.run.name
    provenance = trajectory.run.provenance
    scoreName = trajectory.run.scoreName
    lowerIsBetter = trajectory.run.lowerIsBetter
    counts = CountFigures(trajectory)
    progress = ProgressFigures(trajectory)
    cost = CostFigures(trajectory)
    failureMix = FailureMix(trajectory)
    repairs = RepairFigures(trajectory)
    calibration = CalibrationFigures(trajectory)
    duplicates = Duplicates(trajectory)
    ancestry = AncestryFigures(trajectory)
    let estimate =
      options.noiseBand.map {
        NoiseEstimate(
          band: $0, source: "given", basis: "given by whoever asked for the audit", count: 0, ids: [])
      } ?? NoiseEstimate.derived(from: trajectory)
      ?? fact?.noiseBand.map {
        NoiseEstimate(band: $0, source: "published", basis: fact?.basis ?? "", count: 0, ids: [])
      }
    noise = estimate.map { NoiseFigures(trajectory, estimate: $0) }
    gate = GateFigures(trajectory, limit: options.gateLimit ?? fact?.gateLimit)
    compute = ComputeFigures(trajectory)
    views = ViewFigures(trajectory)
    self.edits = edits
    flags = [:]
    for trial in trajectory.trials {
      for kind in Set(trial.flags) { flags[kind.rawValue, default: 0] += 1 }
    }
    notices = trajectory.run.notices
    claims = []
    claims = ClaimRow.rows(of: self, trajectory, claim: options.published.claim(about: trajectory))
  }

  private enum CodingKeys: String, CodingKey {
    case name, provenance
    case scoreName = "score_name"
    case lowerIsBetter = "lower_is_better"
    case counts, progress, cost
    case failureMix = "failure_mix"
    case repairs, calibration, duplicates, ancestry, noise, gate, compute, views, edits, flags, notices,
      claims
  }
}
