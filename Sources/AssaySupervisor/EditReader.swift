import AssayAudit
import AssayTrajectory

/// Classifies the edits of a run by the syntax trees of its recipes.
enum EditReader {
  static func figures(of trajectory: Trajectory, in record: any RunRecord) async throws -> EditFigures? {
    nil
  }
}
