import AssayMessages
import AssayPatch

extension ResearchTools {
  func smokeRun(_ arguments: ToolArguments) async throws(ToolError) -> String {
    try checkOpen()
    guard let smoke else { throw ToolError("nothing can be tried here") }
    let seconds = try arguments.number("seconds", in: 1...120) ?? 20
    let recipe = try await copy.read()
    let before = try self.recipe(of: parent)
    let edit: [UInt8]
    do {
      edit = recipe == before ? [] : try UnifiedDiff.make(from: before, to: recipe).bytes
    } catch {
      throw ToolError(error.message)
    }
    return Self.text(try await smoke.result(of: edit, parent: parent, seconds: seconds))
  }

  /// What the evaluator and the runner say stands first; the recipe's words are quoted.
  static func text(_ answer: EvaluatorV1.SmokeRunResponse) -> String {
    let ending =
      switch answer.ending {
      case "exited": "it exited with status \(answer.exitCode)"
      case "signal": "it was ended by signal \(answer.signal)"
      case "time limit":
        "it was stopped when its time of \(answer.seconds) s was over, and had not failed until then"
      case "failed": "the runners failed; that is not your recipe's fault, and costs nothing"
      case "cancelled": "the run takes no more trials"
      default: "it was stopped at its \(UntrustedText.line(answer.ending, limit: 40))"
      }
    let facts = [
      "\(seconds(answer.wallNs)) s, \(seconds(answer.cpuNs)) s of CPU time",
      "\(TrialText.number(Double(answer.maxMemoryBytes))) bytes of memory",
      "\(TrialText.number(Double(answer.artifactBytes))) bytes of outputs",
    ]
    var text =
      "smoke run, not scored and no trial: \(ending). Measured: \(facts.joined(separator: "; ")). "
      + "You may make \(answer.left) more before you submit a trial."
    if !answer.logExcerpt.isEmpty {
      text += "\n" + UntrustedText.block(answer.logExcerpt, of: "the recipe's output", limit: 5000)
    }
    return text
  }

  private static func seconds(_ nanoseconds: UInt64) -> String {
    TrialText.number((Double(nanoseconds) / 1e8).rounded() / 10)
  }
}
