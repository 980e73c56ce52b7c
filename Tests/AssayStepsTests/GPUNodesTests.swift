import AssaySteps
import Logging
import Testing

@Suite struct GPUNodesTests {
  private let now = ContinuousClock.now

  @Test("a node whose GPUs were not in order is avoided for a while, unless no other has enough")
  func avoided() {
    let nodes = GPUNodes(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    nodes.note(["h100": ["n0": 8, "n1": 4]])
    nodes.avoid("n0", because: "a stranger", now: now)
    nodes.avoid("n1,n2 --bad", because: "a stranger", now: now)
    #expect(nodes.avoided(for: "h100", count: 4, now: now) == ["n0": now + .seconds(600)])
    #expect(nodes.avoided(for: "h100", count: 8, now: now).isEmpty, "only that one has eight")
    #expect(nodes.avoided(for: "a100", count: 1, now: now).isEmpty)
    #expect(nodes.avoided(for: "h100", count: 4, now: now + .seconds(601)).isEmpty)
  }

  @Test(
    "where nodes cannot be asked for, those count that a step was on; one that is avoided stays so while older steps end there"
  )
  func seen() {
    let nodes = GPUNodes(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    nodes.avoid("n0", because: "a stranger", now: now)
    #expect(nodes.avoided(for: "h100", count: 1, now: now).isEmpty, "no other is known")
    nodes.note("n1", had: 2, of: "h100")
    nodes.note("n1", had: 1, of: "h100")
    nodes.note("n 2", had: 8, of: "h100")
    #expect(nodes.avoided(for: "h100", count: 2, now: now).keys.sorted() == ["n0"])
    #expect(nodes.avoided(for: "h100", count: 3, now: now).isEmpty)
    nodes.note("n0", had: 1, of: "h100")
    #expect(nodes.avoided(for: "h100", count: 2, now: now).keys.sorted() == ["n0"])
  }
}
