import AssayRandom
import Testing

@testable import AssayModel

@Suite struct RetryMachineTests {
  private let overload = ModelError(.overloaded, "busy")
  private let wrongKey = ModelError(.unauthorized, "no")

  @Test func pausesDoubleAndEnd() {
    var machine = RetryMachine(
      policy: .init(attempts: 4, firstPause: .seconds(1), longestPause: .seconds(3)), models: 1)
    #expect(machine.failed(overload, jitter: 0) == .wait(.seconds(1)))
    #expect(machine.failed(overload, jitter: 0) == .wait(.seconds(2)))
    #expect(machine.failed(overload, jitter: 0) == .wait(.seconds(3)))
    #expect(machine.failed(overload, jitter: 0) == .giveUp)
  }

  @Test func aServerThatNamesAWaitIsObeyed() {
    var machine = RetryMachine(policy: .init(), models: 2)
    let polite = ModelError(.overloaded, "busy", status: 429, retryAfter: .seconds(7))
    #expect(machine.failed(polite, jitter: 0.9) == .wait(.seconds(7)))
    let long = ModelError(.overloaded, "busy", status: 429, retryAfter: .seconds(3600))
    #expect(machine.failed(long, jitter: 0) == .fallBack(1))
  }

  @Test func whatWillNotHelpIsNotTriedAgain() {
    var machine = RetryMachine(policy: .init(), models: 3)
    #expect(machine.failed(wrongKey, jitter: 0) == .fallBack(1))
    #expect(machine.failed(overload, jitter: 0) == .wait(.seconds(1)))
    #expect(machine.failed(ModelError(.notFound, "no model"), jitter: 0) == .fallBack(2))
    #expect(machine.failed(wrongKey, jitter: 0) == .giveUp)
  }

  /// Whatever fails, in whatever order: it ends, within the attempts of all models, and never waits too long.
  @Test func everyCourseEnds() {
    var generator = SeededGenerator(seed: 3)
    let codes: [ModelError.Code] = [
      .unauthorized, .notFound, .refused, .overloaded, .serverFailed, .unreachable, .timedOut, .brokenOff,
      .malformed,
    ]
    for _ in 0..<500 {
      let attempts = Int.random(in: 1...6, using: &generator)
      let models = Int.random(in: 1...4, using: &generator)
      let policy = RetryMachine.Policy(attempts: attempts)
      var machine = RetryMachine(policy: policy, models: models)
      var count = 0
      loop: while true {
        count += 1
        let wait: Duration? =
          Bool.random(using: &generator) ? .seconds(Int.random(in: 0...300, using: &generator)) : nil
        let error = ModelError(codes.randomElement(using: &generator)!, "", retryAfter: wait)
        switch machine.failed(error, jitter: Double.random(in: 0..<1, using: &generator)) {
        case .wait(let pause): #expect(pause >= .zero && pause <= policy.longestWait)
        case .fallBack(let next): #expect(next == machine.current && next < models)
        case .giveUp: break loop
        }
      }
      #expect(count <= attempts * models)
    }
  }
}
