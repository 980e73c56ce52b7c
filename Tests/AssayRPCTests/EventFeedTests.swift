import AssayRPC
import Testing

@Suite struct EventFeedTests {
  @Test func wakesThoseWhoWait() async {
    let feed = EventFeed(last: 3)
    await feed.wait(past: 2, for: .seconds(60))  // there already
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { await feed.wait(past: 3, for: .seconds(60)) } }
      feed.advance(to: 4)
      await group.waitForAll()
    }
    #expect(feed.last == 4)
  }

  @Test func endsWithItsTime() async {
    let feed = EventFeed(last: 0)
    await feed.wait(past: 0, for: .milliseconds(5))
    #expect(feed.last == 0)
  }

  @Test func endsWhenCancelled() async {
    let feed = EventFeed(last: 0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { await feed.wait(past: 0, for: .seconds(3600)) } }
      group.cancelAll()
      await group.waitForAll()
    }
    #expect(feed.last == 0)
  }
}
