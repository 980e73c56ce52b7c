import AssayMessages
import AssayRPC
import AssayServices

/// A specialist that sends what it has decided on until it is answered, and waits for each verdict, over as many lives as that takes.
struct Agent {
  let world: World
  let place: World.Place
  private var truth: Truth { world.truth }

  func run() async {
    let client = EvaluatorServiceClient(world.client(of: .evaluator, from: place))
    await accepting(client)
    while let submission = truth.waiting[place.name]?.first {
      guard let trial = await submit(submission, client) else {
        truth.waiting[place.name]?.removeFirst()
        continue
      }
      await verdict(of: trial, client)
      truth.waiting[place.name]?.removeFirst()
    }
    truth.agentsDone.insert(place.name)
    world.trace("\(place.name) is done")
  }

  /// Waits until the baseline is measured, or cannot be.
  private func accepting(_ client: EvaluatorServiceClient) async {
    var request = EvaluatorV1.GetRunStateRequest()
    request.runId = World.run
    request.waitMs = 20_000
    while true {
      let state = try? await client.getRunState(request, CallOptions(timeout: .seconds(25))).state
      if let state, state.phase != .measuringBaseline { return }
      request.afterVersion = state?.version ?? 0
      if state == nil { try? await Task.sleep(for: .seconds(1)) }
    }
  }

  /// The trial's number, or nil when the submission was refused for good.
  private func submit(_ submission: Truth.Submission, _ client: EvaluatorServiceClient) async -> UInt32? {
    var request = EvaluatorV1.SubmitTrialRequest()
    request.runId = World.run
    var proposal = AgentV1.Proposal()
    proposal.specialist = submission.specialist
    proposal.hypothesis = "It helps."
    proposal.edit = submission.edit
    request.proposal = proposal
    while true {
      do throws(RPCError) {
        let trial = try await client.submitTrial(
          request, CallOptions(timeout: .seconds(20), idempotencyKey: submission.key)
        ).trial
        world.trace("\(submission.key) is trial \(trial)")
        truth.acknowledge(submission, trial)
        return trial
      } catch {
        world.trace("\(submission.key): \(error)")
        let isFinal =
          ["RUN_CLOSED", "RUN_FULL"].contains(error.reason)
          || [.invalidArgument, .permissionDenied, .alreadyExists].contains(error.code)
        if isFinal {
          truth.refuse(submission, error.reason)
          return nil
        }
      }
      try? await Task.sleep(for: .milliseconds(500 + world.scheduler.below(1000)))
    }
  }

  private func verdict(of trial: UInt32, _ client: EvaluatorServiceClient) async {
    var request = EvaluatorV1.WaitVerdictRequest()
    request.runId = World.run
    request.trial = trial
    request.waitMs = 10_000
    while true {
      do throws(RPCError) {
        let answer = try await client.waitVerdict(request, CallOptions(timeout: .seconds(15)))
        if answer.decided {
          truth.saw(trial, answer.envelope)
          return
        }
      } catch {
        if error.code == .notFound, error.reason != "" {
          truth.violation(
            "trial \(trial) was acknowledged, and the evaluator does not know it: \(error.reason)")
          return
        }
        try? await Task.sleep(for: .milliseconds(500 + world.scheduler.below(1000)))
      }
    }
  }
}
