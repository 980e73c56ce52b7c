public import AssayAudit

extension RunLocation {
  /// The facts of the run, read once.
  public func trajectory() async throws -> Trajectory {
    try await withRecord { try await Trajectory(reading: $0) }
  }

  /// Every figure of the run's audit.
  public func audit(_ options: AuditOptions) async throws -> RunAudit {
    try await withRecord { record in
      let trajectory = try await Trajectory(reading: record)
      return RunAudit(
        trajectory, options: options, edits: try await EditReader.figures(of: trajectory, in: record))
    }
  }
}
