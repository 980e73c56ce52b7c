import AssayMessages
import Foundation

extension JobReport {
  /// The phases that run a recipe.
  enum Phase: String, Codable, Sendable {
    case train, predict
  }

  /// Why the job failed, nil when it left all that it should.
  ///
  /// What prediction printed and its exit status never show: it has seen held-out inputs, and words or a number
  /// from it would be a way to carry them out.
  func failure(in phase: Phase) -> TrialFailure? {
    let overrun: LineageV1.VerdictLabel = phase == .train ? .trainBudgetOverrun : .evalBudgetOverrun
    let name = phase == .train ? "training" : "prediction"
    switch ending {
    case .cpu:
      return TrialFailure(overrun, budget(name, "CPU", cpuNanoseconds, cpuLimitNanoseconds))
    case .wall where replySeconds != nil && wallNanoseconds < wallLimitNanoseconds:
      return TrialFailure(
        overrun, "\(name) took longer than \(replySeconds ?? 0) s for one reply; do less work a piece")
    case .wall:
      return TrialFailure(overrun, budget(name, "wall-clock", wallNanoseconds, wallLimitNanoseconds))
    case .memory:
      return TrialFailure(
        .crash,
        "\(name) needed more than the \(Quantity.count(memoryLimitBytes)) bytes of memory it may have; use less at a time"
      )
    case .processes:
      return TrialFailure(.crash, "\(name) started more processes than the task allows; start fewer")
    case .disk:
      return TrialFailure(.crash, "\(name) wrote more to disk than the task allows; write less")
    case .output:
      return TrialFailure(.crash, "\(name) printed more than the task allows; print less")
    case .infrastructure:
      return TrialFailure(.harnessAbort, "the runner failed: \(infrastructureReason)")
    case .exited: break
    }
    if cpuLimitNanoseconds > 0, cpuNanoseconds > cpuLimitNanoseconds {
      return TrialFailure(overrun, budget(name, "CPU", cpuNanoseconds, cpuLimitNanoseconds))
    }
    guard exitCode == 0, signal == 0 else {
      if phase == .predict {
        return TrialFailure(
          .crash,
          "prediction failed; its output is not shown because it has seen held-out inputs. Run the recipe's prediction on the training data to see why."
        )
      }
      let how = signal != 0 ? "was killed by signal \(signal)" : "ended with exit status \(exitCode)"
      return TrialFailure(.crash, "training \(how); the log excerpt says why")
    }
    for output in outputs {
      switch output.state {
      case .tooLarge where replySeconds != nil:
        return TrialFailure(
          .crash,
          "\(name) sent more than was asked for; a reply is given once, when its piece was revealed, and cannot be changed"
        )
      case .missing where replySeconds != nil:
        return TrialFailure(.crash, "\(name) ended before it had replied to every piece that it was to get")
      case .present where output.size <= output.maximum: continue
      case .present, .tooLarge:
        return TrialFailure(
          .sizeBlocked,
          "\(output.path) is \(Quantity.count(output.size)) bytes, \(Quantity.over(output.size, output.maximum)) over the cap of "
            + "\(Quantity.count(output.maximum)); shrink what is saved: fewer weights or fewer bits each")
      case .missing:
        return TrialFailure(
          .crash, "\(name) left no \(output.path) in /out; the recipe has to return what is saved there")
      case .notAFile:
        return TrialFailure(
          .crash,
          "\(name) left something else than a plain file at \(output.path); links and folders are not collected"
        )
      }
    }
    return nil
  }

  private func budget(_ name: String, _ kind: String, _ used: UInt64, _ limit: UInt64) -> String {
    "\(name) was stopped at \(Quantity.seconds(max(used, limit))) of \(kind) time, at or over the cap of \(Quantity.seconds(limit)); do less work"
  }
}
