import AssayReflection
import Testing

@testable import AssayKubernetes

@Suite("What is made of a cluster's answers")
struct StepStateTests {
  private static let failed: JSONValue = [
    "status": [
      "failed": 1,
      "conditions": [["type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"]],
    ]
  ]

  private func pod(_ state: JSONValue = ["running": [:]], _ reason: String? = nil) -> JSONValue {
    var status: [String: JSONValue] = ["containerStatuses": [["name": "step", "state": state]]]
    status["reason"] = reason.map(JSONValue.string)
    return ["status": .object(status)]
  }

  @Test func goes() {
    #expect(StepState(job: [:], pods: []) == .going)
    #expect(StepState(job: ["status": ["active": 1]], pods: [pod()]) == .going)
    // A pod that waits its turn, or for its image, is not hopeless.
    #expect(
      StepState(job: [:], pods: [pod(["waiting": ["reason": "ContainerCreating"]])]) == .going)
  }

  @Test func ends() {
    #expect(StepState(job: ["status": ["succeeded": 1]], pods: [pod()]) == .ended)
    #expect(
      StepState(
        job: Self.failed, pods: [pod(["terminated": ["reason": "OOMKilled", "exitCode": 137]])]) == .memory)
  }

  @Test(
    "no end that a cluster gives a pod is the command's fault, but for its memory",
    arguments: [
      ("Evicted", "evicted"), ("Preempting", "preempted"), ("NodeLost", "node went away"),
      ("DeadlineExceeded", "time limit"), ("Odd", "ended as Odd"),
    ])
  func failures(reason: String, word: String) {
    let state = StepState(job: Self.failed, pods: [pod(["terminated": ["exitCode": 137]], reason)])
    guard case .failed(let text) = state else {
      Issue.record("\(state)")
      return
    }
    #expect(text.contains(word))
  }

  @Test func otherFailures() {
    #expect(StepState(job: nil, pods: []) == .failed("somebody deleted the Job"))
    #expect(
      StepState(job: Self.failed, pods: [pod(["terminated": ["exitCode": 3, "reason": "Error"]])])
        == .failed("its program ended with status 3"))
    #expect(StepState(job: Self.failed, pods: []) == .failed("its pod ended as BackoffLimitExceeded: m"))
  }

  @Test(
    "a pod that can never start is taken back", arguments: ["ImagePullBackOff", "CreateContainerConfigError"])
  func hopeless(reason: String) {
    let state = StepState(
      job: ["status": ["active": 1]],
      pods: [pod(["waiting": ["reason": .string(reason), "message": "line\none"]])])
    #expect(
      state == .failed("its pod cannot start (\(reason): lineone); correct the Job template"))
  }

  @Test(
    "answers of another shape are no end",
    arguments: ["7", "[]", "{\"status\": 7}", "{\"status\": {\"conditions\": 7}}"])
  func hostile(text: String) throws {
    let document = try JSONValue(parsing: Array(text.utf8))
    #expect(StepState(job: document, pods: [document]) == .going)
  }
}
