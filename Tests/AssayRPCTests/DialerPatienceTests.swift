import Testing

@testable import AssayRPCNNG

@Suite struct DialerPatienceTests {
  /// Whether a dialer is spent at each of some looks.
  private func spent(_ looks: (isConnected: Bool, total: UInt64, second: Int)...) -> [Bool] {
    let start = ContinuousClock.now
    var patience = DialerPatience()
    return looks.map {
      patience.isSpent(isConnected: $0.isConnected, total: $0.total, now: start + .seconds($0.second))
    }
  }

  @Test("a dialer that does not connect is given up after a while, each further one after twice as long")
  func neverConnects() {
    #expect(
      spent((false, 0, 0), (false, 0, 4), (false, 0, 5), (false, 0, 14), (false, 0, 15))
        == [false, false, true, false, true])
  }

  @Test("its time begins when the connection is lost, however long nobody looked before")
  func loses() {
    #expect(
      spent((false, 0, 0), (true, 1, 1), (false, 1, 1000), (false, 1, 1004), (false, 1, 1005))
        == [false, false, false, false, true])
  }

  @Test("one that connected meanwhile begins anew, with the shortest time") func connects() {
    #expect(
      spent((false, 0, 0), (false, 0, 6), (false, 1, 100), (false, 1, 105)) == [false, true, false, true])
  }
}
