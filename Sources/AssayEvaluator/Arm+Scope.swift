import AssayMessages
import AssayRPC
import AssayTask

extension EvaluatorV1.Arm {
  /// Whether a run of the task may have this arm.
  ///
  /// - Throws: `RPCError`, INVALID_ARGUMENT / INVALID_ARM, with what is wrong.
  func check(_ task: ResearchTask) throws {
    func refuse(_ text: String) -> RPCError {
      RPCError(.invalidArgument, reason: "INVALID_ARM", "the arm cannot be used: \(text)")
    }
    guard !members.isEmpty else { throw refuse("it has no members; name at least one specialist") }
    let names = members.map(\.specialist) + analysts
    for name in names {
      guard !name.isEmpty, name.utf8.count <= 32,
        name.utf8.allSatisfy({ Self.letters.contains($0) })
      else {
        throw refuse("'\(name.prefix(64))' is no name; use 1 to 32 small letters, digits and dashes")
      }
    }
    guard Set(names).count == names.count else { throw refuse("a name stands twice; give each its own") }
    for member in members {
      guard !member.partitions.isEmpty else {
        throw refuse("'\(member.specialist)' owns no partition; name one, or make it an analyst")
      }
      for partition in member.partitions where task.file.partition(partition) == nil {
        throw refuse(
          "task '\(task.name)' has no partition '\(partition.prefix(64))'; it has \(task.partitions.map(\.name).joined(separator: ", "))"
        )
      }
    }
  }

  private static let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-".utf8)

  /// What a member may edit: everything that any of its partitions holds.
  func partition(of specialist: String, in task: ResearchTask) -> TaskFile.Partition? {
    guard let member = members.first(where: { $0.specialist == specialist }) else { return nil }
    return task.file.partition(of: specialist, owning: member.partitions)
  }
}
