import AssayIdentity
import AssayMessages
import AssayRandom
import Crypto
import Testing

@testable import AssayRPC

@Suite("Parts of a session")
struct SessionTests {
  @Test func theWindowAcceptsEachCounterOnce() {
    var window = ReplayWindow()
    let order: [UInt64] = [5, 1, 4096, 2, 3, 4097, 9000, 8999, 4905]
    func accept(_ counter: UInt64) -> Bool { window.accept(counter) }
    for counter in order { #expect(accept(counter), "\(counter)") }
    for counter in order { #expect(!accept(counter), "\(counter)") }
    #expect(!accept(4904), "too far behind the highest")
    #expect(accept(.max))
    #expect(!accept(9001))
  }

  @Test func theWindowAgreesWithASetOfAllThatWasSeen() {
    var generator = SeededGenerator(seed: 7)
    var window = ReplayWindow()
    var seen: Set<UInt64> = []
    var highest: UInt64 = 0
    for _ in 0..<20_000 {
      let low = highest > 6000 ? highest - 6000 : 1
      let counter = UInt64.random(in: low...(highest + 40), using: &generator)
      let fresh =
        counter > 0 && !seen.contains(counter) && (counter > highest || highest - counter < ReplayWindow.size)
      let accepted = window.accept(counter)
      #expect(accepted == fresh)
      if fresh {
        seen.insert(counter)
        highest = max(highest, counter)
      }
    }
  }

  @Test func noTwoSequencesOfFieldsGiveTheSameBytes() {
    func bytes(_ fields: [String]) -> [UInt8] {
      var writer = FieldWriter(domain: "d")
      for field in fields { writer.append(field) }
      return writer.bytes
    }
    let sequences = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["a", "b", "c"], []]
    #expect(Set(sequences.map(bytes)).count == sequences.count)
    var other = FieldWriter(domain: "e")
    other.append("abc")
    #expect(other.bytes != bytes(["abc"]))
    var writer = FieldWriter(domain: "d")
    writer.append("ab")
    #expect(writer.bytes == [0, 0, 0, 0, 0, 0, 0, 1, 0x64, 0, 0, 0, 0, 0, 0, 0, 2, 0x61, 0x62])
  }

  /// The vector of docs/wire-protocol.md, computed there by an independent program.
  @Test func theRequestMACIsTheDocumentedOne() {
    let keys = SessionKeys(
      toServer: SymmetricKey(data: [UInt8](repeating: 1, count: 32)),
      toClient: SymmetricKey(data: [UInt8](repeating: 2, count: 32)))
    var request = RPCV1.RequestEnvelope()
    request.protocolVersion = 1
    request.sessionId = [UInt8](repeating: 3, count: 16)
    request.counter = 4
    request.method = "/a.B/C"
    request.callId = [UInt8](repeating: 5, count: 16)
    request.attempt = 1
    request.timeoutMs = 1000
    request.idempotencyKey = "key"
    var entry = RPCV1.Metadata()
    entry.key = "k"
    entry.value = [0x76]
    request.metadata = [entry]
    request.payload = [6, 7]
    keys.seal(&request)
    #expect(hex(request.mac) == "4ef11b1d546058b2d616fb1ef2f3f0916dbe6bbf27b3da744bedf83c28f13485")
    var response = RPCV1.ResponseEnvelope()
    response.protocolVersion = 1
    response.callId = request.callId
    response.counter = 4
    var status = RPCV1.Status()
    status.code = 5
    status.reason = "R"
    status.message = "m"
    response.status = status
    response.payload = []
    keys.seal(&response)
    #expect(hex(response.mac) == "01aef421aff2c5556f1007cd7d30ef3b30d7d4fe24ed5590c40bb10a73f7e343")
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test func handshakesAreBounded() throws {
    let table = SessionTable(identity: IdentityKey(), trust: try TrustStore([]))
    var begin = RPCV1.BeginRequest()
    begin.clientNonce = Handshake.random(32)
    begin.clientEphemeral = [UInt8](Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation)
    for _ in 0..<SessionTable.maximumHandshakes { _ = try table.begin(begin) }
    let error = #expect(throws: RPCError.self) { try table.begin(begin) }
    #expect(error?.code == .resourceExhausted)
  }

  @Test func deadlinesRunOnceInOrderAndNotWhenCancelled() async {
    let queue = DeadlineQueue()
    let (stream, arrivals) = AsyncStream.makeStream(of: Int.self)
    let start = ContinuousClock.now
    for number in [3, 1, 2] {
      queue.schedule(at: start + .milliseconds(number * 20)) { arrivals.yield(number) }
    }
    let ticket = queue.schedule(at: start + .milliseconds(30)) { arrivals.yield(99) }
    queue.cancel(ticket)
    queue.schedule(at: start + .milliseconds(80)) { arrivals.finish() }
    #expect(queue.count == 4)
    var order: [Int] = []
    for await number in stream {
      #expect(ContinuousClock.now >= start + .milliseconds(number * 20))
      order.append(number)
    }
    #expect(order == [1, 2, 3])
    #expect(queue.count == 0)
  }

  @Test func aCancelledDeadlineLeavesNothingBehind() {
    let queue = DeadlineQueue()
    let tickets = (0..<1000).map { queue.schedule(at: .now + .seconds(1000 + $0)) {} }
    for ticket in tickets { queue.cancel(ticket) }
    #expect(queue.count == 0)
  }

  @Test func oneTaskAtATimeHoldsTheLock() async throws {
    let lock = AsyncLock()
    let inside = Locked(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask {
          try await lock.withLock {
            #expect(inside.value == 0)
            inside.set(1)
            await Task.yield()
            inside.set(0)
          }
        }
      }
      try await group.waitForAll()
    }
    let cancelled = Task {
      while !Task.isCancelled { await Task.yield() }
      try await lock.withLock {}
    }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    try await lock.withLock {}
  }
}
