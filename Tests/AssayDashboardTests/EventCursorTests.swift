import Testing

@testable import AssayDashboard

@Suite struct EventCursorTests {
  @Test("a reader goes on where it was, and one of another process reads all again")
  func resumes() {
    let cursor = EventCursor("abc.7.9", epoch: "abc", runs: 2)
    #expect(cursor.versions == [7, 9])
    #expect(!cursor.isForeign)
    #expect(cursor.text == "abc.7.9")
    #expect(EventCursor("xyz.7.9", epoch: "abc", runs: 2).isForeign)
    #expect(EventCursor("abc.7", epoch: "abc", runs: 2).isForeign)
    #expect(EventCursor("abc.7.x", epoch: "abc", runs: 2).isForeign)
    #expect(EventCursor("", epoch: "abc", runs: 2) == EventCursor("abc.0.0", epoch: "abc", runs: 2))
  }
}
