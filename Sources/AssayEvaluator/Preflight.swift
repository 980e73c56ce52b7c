import AssayMessages
import AssayPatch
import AssayRPC
import AssayTask
import Foundation

/// What is checked of a proposal before any runner is used. Pure.
struct Preflight: Sendable {
  enum Outcome: Sendable {
    /// The edited recipe, which is still to be checked for syntax.
    case recipe(RecipeTree)
    /// A trial that ends here; with its recipe when the edit applied.
    case failed(TrialFailure, RecipeTree?)
  }

  var task: ResearchTask
  /// Nil: each partition of the task has its specialist.
  var arm: EvaluatorV1.Arm?

  /// Refuses what is no trial at all.
  ///
  /// - Throws: `RPCError`, INVALID_ARGUMENT; nothing is stored then.
  func parse(_ proposal: AgentV1.Proposal) throws -> (TaskFile.Partition, UnifiedDiff) {
    guard let partition = partition(of: proposal.specialist) else {
      let known = arm?.members.map(\.specialist) ?? task.partitions.map(\.name)
      throw RPCError(
        .invalidArgument, reason: "UNKNOWN_SPECIALIST",
        "'\(proposal.specialist.prefix(64))' submits nothing in this run of task '\(task.name)'; those who do are \(known.joined(separator: ", "))"
      )
    }
    guard !proposal.hypothesis.allSatisfy(\.isWhitespace) else {
      throw RPCError(
        .invalidArgument, reason: "MISSING_HYPOTHESIS", "say in a sentence why the edit should help")
    }
    if !proposal.expectedDelta.isEmpty {
      guard let value = Double(proposal.expectedDelta), value.isFinite else {
        throw RPCError(
          .invalidArgument, reason: "INVALID_EXPECTED_DELTA",
          "the expected change is a decimal number, or left empty")
      }
    }
    do {
      let diff = try UnifiedDiff(parsing: proposal.edit)
      guard !diff.isEmpty else {
        throw RPCError(
          .invalidArgument, reason: "EMPTY_EDIT",
          "the edit changes nothing; send a unified diff against the parent's recipe")
      }
      return (partition, diff)
    } catch let error as PatchError {
      throw RPCError(
        .invalidArgument, reason: "INVALID_EDIT",
        "the edit cannot be read: \(Bounded.text(error.message, 1500))")
    }
  }

  private func partition(of specialist: String) -> TaskFile.Partition? {
    if let arm { arm.partition(of: specialist, in: task) } else { task.file.partition(specialist) }
  }

  /// - Throws: `RPCError` when the edit leaves the recipe as it is.
  func outcome(_ diff: UnifiedDiff, parent: RecipeTree, partition: TaskFile.Partition) throws -> Outcome {
    let edited: RecipeTree
    do {
      edited = try diff.apply(to: parent)
    } catch {
      return .failed(
        TrialFailure(.preflightCrash, "the edit does not apply to the parent's recipe: \(error.message)"), nil
      )
    }
    guard edited.digest != parent.digest else {
      throw RPCError(
        .invalidArgument, reason: "EMPTY_EDIT", "the edit leaves the recipe as it is; change something")
    }
    let allowed = Set(task.file.recipeFiles)
    if let stray = edited.paths.first(where: { !allowed.contains($0) && task.baseline[$0] == nil }) {
      return .failed(
        TrialFailure(
          .preflightCrash,
          "'\(stray)' is no file of this task's recipe; edit \(allowed.sorted().joined(separator: ", "))",
          rule: "partition"),
        edited)
    }
    let violations = EditScope.check(before: parent, after: edited, allowed: partition.scope)
    guard violations.isEmpty else {
      let text = violations.prefix(5).map(\.message).joined(separator: "; ")
      return .failed(
        TrialFailure(
          .preflightCrash, "the edit leaves the partition of '\(partition.name)': \(text)", rule: "partition"),
        edited)
    }
    let size = UInt64(edited.byteCount)
    let cap = UInt64(max(0, task.file.recipeMaximumBytes))
    guard size <= cap else {
      return .failed(
        TrialFailure(
          .sizeBlocked,
          "the recipe is \(Quantity.count(size)) bytes, \(Quantity.over(size, cap)) over the cap of \(Quantity.count(cap)); shorten it"
        ), edited)
    }
    return .recipe(edited)
  }
}
