import Testing

@testable import AssayEvaluator

@Suite("Disturbed seeds")
struct DisturbanceTests {
  @Test func findsTheOneThatIsFarAway() {
    #expect(Disturbance.suspects([3.21, 3.22, 3.53, 3.215, 3.225], smallestEffect: 0.01) == [2])
    #expect(Disturbance.suspects([3.21, 3.22, 3.23, 3.215, 3.225], smallestEffect: 0.01) == [])
    #expect(Disturbance.suspects([3.0, 3.3, 3.1, 3.5, 3.2], smallestEffect: 0.01) == [], "noise is noise")
    #expect(Disturbance.suspects([1, 1, 1, 1.001], smallestEffect: 0.01) == [], "too small to matter")
    #expect(Disturbance.suspects([1, 1, 9], smallestEffect: 0.01) == [], "two others tell nothing")
    #expect(Disturbance.suspects([], smallestEffect: 0) == [])
  }

  @Test func aRepeatThatAgreesReplacesTheFirst() {
    let scores = [3.21, 3.22, 3.53, 3.215, 3.225]
    #expect(Disturbance.settled(scores, repeats: [2: 3.22], smallestEffect: 0.01)[2] == 3.22)
    #expect(
      Disturbance.settled(scores, repeats: [2: 3.54], smallestEffect: 0.01) == scores, "it was the seed")
    #expect(Disturbance.settled(scores, repeats: [7: 3.22], smallestEffect: 0.01) == scores)
  }
}
