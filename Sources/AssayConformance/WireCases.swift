import AssayIdentity
import AssayMessages
import AssayRPC

/// What every server of the protocol does, whatever it serves (docs/wire-protocol.md).
struct WireCases: Sendable {
  let subject: Subject
  let probe: Probe

  @_optimize(none) private func probing<Value>(_ body: (RawCaller) async throws -> Value) async throws
    -> Value
  {
    try await body(try await subject.raw(probe.caller))
  }

  /// One call with this payload, whose answer must be the server's.
  private func send(
    _ caller: RawCaller, _ payload: [UInt8], method: String? = nil, timeout: Duration = .seconds(20),
    _ change: (inout RPCV1.RequestEnvelope) -> Void = { _ in }
  ) async throws -> RPCV1.ResponseEnvelope {
    let request = caller.request(method ?? probe.method, payload, timeout: timeout, change)
    let response = try await caller.exchange(request, timeout: timeout)
    try Expect.that(
      caller.isAuthentic(response, to: request), "the answer is not authentic: \(Self.status(response))")
    return response
  }

  private static func status(_ response: RPCV1.ResponseEnvelope) -> String {
    let status = response.status ?? .init()
    return "\(RPCStatus(rawValue: status.code)) \(status.reason): \(status.message)"
  }

  private static func expect(_ response: RPCV1.ResponseEnvelope, _ codes: RPCStatus..., reason: String? = nil)
    throws
  {
    let code = RPCStatus(rawValue: response.status?.code ?? 0)
    guard codes.contains(code), reason == nil || response.status?.reason == reason else {
      throw Mismatch(status(response))
    }
  }

  private func succeeds(_ caller: RawCaller, _ payload: [UInt8]? = nil) async throws {
    try Self.expect(try await send(caller, payload ?? probe.request), .ok)
  }

  var cases: [ConformanceCase] {
    basics + hostile + sessions + health
  }

  private var basics: [ConformanceCase] {
    [
      ConformanceCase("wire/empty_request", "a request of no bytes is answered", expect: "OK") {
        try await probing { caller in
          try Self.expect(try await send(caller, [], method: BuiltInMethods.getServerInfo.name), .ok)
        }
      },
      ConformanceCase("wire/large_request", "271,828 bytes arrive whole", expect: "OK") {
        try await probing { try await succeeds($0, probe.request + Wire.unknown(bytes: 271_828)) }
      },
      ConformanceCase(
        "wire/unknown_method", "a method that does not exist in a service that does", expect: "UNIMPLEMENTED"
      ) {
        try await probing { caller in
          try Self.expect(
            try await send(caller, [], method: "/\(probe.service)/NoSuchMethod"), .unimplemented)
        }
      },
      ConformanceCase("wire/unknown_service", "a service that does not exist", expect: "UNIMPLEMENTED") {
        try await probing { caller in
          try Self.expect(try await send(caller, [], method: "/no.such.v1.Service/Call"), .unimplemented)
        }
      },
      ConformanceCase(
        "wire/special_status_text",
        "a name with tab, line feed and letters beyond ASCII comes back in a status",
        expect: "UNIMPLEMENTED, authentic"
      ) {
        try await probing { caller in
          try Self.expect(
            try await send(caller, [], method: "/no.such.v1.Service/\t\r\n\u{E9}\u{4E16}"), .unimplemented)
        }
      },
      ConformanceCase(
        "wire/metadata", "text and binary entries, one key twice: order and bytes are covered by the MAC",
        expect: "OK"
      ) {
        try await probing { caller in
          let response = try await send(caller, probe.request) { request in
            request.metadata = [
              ("a", Array("1".utf8)), ("a", Array("2".utf8)), ("b-bin", [0xab, 0xab, 0xab]),
            ].map {
              var entry = RPCV1.Metadata()
              (entry.key, entry.value) = $0
              return entry
            }
          }
          try Self.expect(response, .ok)
        }
      },
      ConformanceCase("wire/no_time_left", "the deadline had passed on arrival", expect: "DEADLINE_EXCEEDED")
      {
        try await probing { caller in
          try Self.expect(try await send(caller, probe.request) { $0.timeoutMs = 0 }, .deadlineExceeded)
        }
      },
      ConformanceCase("wire/many_calls", "1,000 calls of 64 KiB, 32 at a time", expect: "all OK") {
        try await probing { caller in
          let payload = probe.request + Wire.unknown(bytes: 65_536)
          try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<1000 {
              if index >= 32 { try await group.next() }
              group.addTask { try await succeeds(caller, payload) }
            }
            try await group.waitForAll()
          }
        }
      },
      ConformanceCase("wire/message_at_limit", "an envelope of exactly 8,388,608 bytes", expect: "OK") {
        try await probing { caller in
          let request = try sized(caller, RPCLimits.maximumMessageBytes)
          try Self.expect(try await caller.exchange(request, timeout: .seconds(30)), .ok)
        }
      },
      ConformanceCase(
        "wire/message_over_limit", "one byte more is refused in an answer, and the connection goes on",
        expect: "RESOURCE_EXHAUSTED / MESSAGE_TOO_LARGE"
      ) {
        try await probing { caller in
          let request = try sized(caller, RPCLimits.maximumMessageBytes + 1)
          try Self.expect(
            try await caller.exchange(request, timeout: .seconds(30)), .resourceExhausted,
            reason: "MESSAGE_TOO_LARGE")
          try await succeeds(caller)
        }
      },
      ConformanceCase(
        "wire/slow_callers", "20 connections that say nothing stall nobody", expect: "OK within 5 s"
      ) {
        let idle = try (0..<20).map { _ in try subject.bare() }
        defer { for transport in idle { transport.close() } }
        for transport in idle { _ = await transport.connection(after: .idle, for: .seconds(2)) }
        let started = ContinuousClock.now
        try await probing { try await succeeds($0) }
        try Expect.that(started.duration(to: .now) < .seconds(5), "\(started.duration(to: .now))")
      },
    ]
  }

  /// An envelope of this many bytes.
  private func sized(_ caller: RawCaller, _ count: Int) throws -> [UInt8] {
    let empty = caller.request(probe.method, probe.request + Wire.unknown(bytes: 4 << 20)).serialized().count
    for slack in 0..<16 {
      let padding = (4 << 20) + count - empty - slack
      let bytes = caller.request(probe.method, probe.request + Wire.unknown(bytes: padding)).serialized()
      if bytes.count == count { return bytes }
    }
    throw Mismatch("no envelope of \(count) bytes could be made")
  }

  private var hostile: [ConformanceCase] {
    func garbage(_ name: String, _ purpose: String, _ make: @escaping @Sendable (RawCaller) -> [UInt8])
      -> ConformanceCase
    {
      ConformanceCase(name, purpose, expect: "UNAUTHENTICATED, and the server goes on") {
        try await probing { caller in
          try Self.expect(try await caller.exchange(make(caller)), .unauthenticated)
          try await succeeds(caller)
        }
      }
    }
    func malformed(_ name: String, _ purpose: String, _ payload: [UInt8]) -> ConformanceCase {
      ConformanceCase(name, purpose, expect: "INVALID_ARGUMENT, and the server goes on") {
        try await probing { caller in
          try Self.expect(try await send(caller, payload), .invalidArgument)
          try await succeeds(caller)
        }
      }
    }
    let field = UInt64(probe.textField) << 3 | 2
    return [
      garbage("wire/truncated_envelope", "an envelope that breaks off") { caller in
        Array(caller.request(probe.method, probe.request).serialized().dropLast(7))
      },
      garbage("wire/random_bytes", "bytes that are no envelope") { _ in
        (0..<999).map { UInt8(truncatingIfNeeded: $0 * 167) }
      },
      ConformanceCase(
        "wire/empty_message", "a message of no bytes: an envelope without a version",
        expect: "refused, and the server goes on"
      ) {
        try await probing { caller in
          try Self.expect(try await caller.exchange([]), .unauthenticated, .failedPrecondition)
          try await succeeds(caller)
        }
      },
      ConformanceCase(
        "wire/unknown_version", "a protocol version of the future",
        expect: "FAILED_PRECONDITION / PROTOCOL_VERSION_UNSUPPORTED"
      ) {
        try await probing { caller in
          let request = caller.request(probe.method, probe.request) { $0.protocolVersion = 99 }
          try Self.expect(
            try await caller.exchange(request), .failedPrecondition, reason: "PROTOCOL_VERSION_UNSUPPORTED")
        }
      },
      ConformanceCase("wire/unknown_fields", "fields of a newer schema are ignored", expect: "OK") {
        try await probing {
          try await succeeds($0, Wire.unknown(bytes: 5) + probe.request + Wire.number(18_999, 7))
        }
      },
      ConformanceCase("wire/last_one_wins", "a field that comes twice has the last value", expect: "OK") {
        try await probing { caller in
          try await succeeds(
            caller,
            Wire.text(probe.textField, "no such name") + Wire.text(probe.textField, probe.text)
              + probe.request)
        }
      },
      malformed("wire/invalid_utf8", "a text that is not UTF-8", Wire.bytes(probe.textField, [0xc3, 0x28])),
      malformed(
        "wire/embedded_nul", "a text with a zero byte", Wire.bytes(probe.textField, [0x61, 0, 0x62])),
      malformed(
        "wire/long_text", "a text far longer than its bound",
        Wire.bytes(probe.textField, [UInt8](repeating: 0x61, count: 100_000))),
      malformed(
        "wire/truncated_length", "a length beyond the message's end",
        Wire.varint(field) + Wire.varint(1 << 30)),
      malformed(
        "wire/overlong_number", "a length of eleven bytes",
        Wire.varint(field) + [UInt8](repeating: 0xff, count: 11)),
      ConformanceCase(
        "wire/deep_nesting", "20,000 messages inside each other are refused or ignored",
        expect: "an answer, and the server goes on"
      ) {
        try await probing { caller in
          var nested: [UInt8] = []
          for _ in 0..<1000 { nested = Wire.bytes(2, nested) }
          _ = try await send(caller, probe.request + Wire.bytes(19_001, nested))
          _ = try await caller.exchange([UInt8](repeating: 0x0b, count: 20_000))
          try await succeeds(caller)
        }
      },
    ]
  }

  private var sessions: [ConformanceCase] {
    @_optimize(none) func refused(
      _ name: String, _ purpose: String, _ change: @escaping @Sendable (inout RPCV1.RequestEnvelope) -> Void
    )
      -> ConformanceCase
    {
      ConformanceCase(name, purpose, expect: "UNAUTHENTICATED") {
        try await probing { caller in
          var request = caller.request(probe.method, probe.request)
          change(&request)
          try Self.expect(try await caller.exchange(request), .unauthenticated)
        }
      }
    }
    var cases = [
      refused("session/changed_payload", "a payload that the MAC does not cover") { $0.payload += [0] },
      refused("session/changed_method", "another method under the same MAC") { $0.method += "x" },
      refused("session/changed_key", "another idempotency key under the same MAC") {
        $0.idempotencyKey = "x"
      },
      refused("session/unknown", "a session that was never opened") {
        $0.sessionId = [UInt8](repeating: 9, count: 16)
      },
      refused("session/no_mac", "no MAC at all") { $0.mac = [] },
      refused("session/none", "a method that needs a session, without one") { request in
        request.sessionId = []
        request.counter = 0
        request.mac = []
      },
      ConformanceCase("session/replay", "the same bytes a second time", expect: "OK, then UNAUTHENTICATED") {
        try await probing { caller in
          let request = caller.request(probe.method, probe.request)
          try Self.expect(try await caller.exchange(request), .ok)
          try Self.expect(try await caller.exchange(request), .unauthenticated)
        }
      },
      ConformanceCase("session/stranger", "a key that nobody trusts", expect: "UNAUTHENTICATED") {
        try await Expect.refusal(.unauthenticated) {
          let client = try subject.client(IdentityKey())
          defer { client.close() }
          _ = try await client.call(BuiltInMethods.getServerInfo, bytes: [], CallOptions())
        }
      },
      ConformanceCase(
        "session/strangers_learn_nothing",
        "without a session, a method that exists looks like one that does not",
        expect: "the same answer"
      ) {
        try await probing { caller in
          var answers: [RPCV1.Status] = []
          for method in [probe.method, "/no.such.v1.Service/Call"] {
            var request = caller.request(method, probe.request)
            (request.sessionId, request.mac, request.counter) = ([], [], 0)
            answers.append(try await caller.exchange(request).status ?? .init())
          }
          try Expect.equal(answers[0], answers[1], "the answer to a method that exists")
        }
      },
    ]
    if let denied = probe.denied {
      cases.append(
        ConformanceCase(
          "session/role", "a trusted identity calls what is not for its role", expect: "PERMISSION_DENIED"
        ) {
          let caller = try await subject.raw(denied.caller)
          try Self.expect(try await send(caller, [], method: denied.method), .permissionDenied)
        })
    }
    return cases
  }

  private var health: [ConformanceCase] {
    @Sendable func isHealthy(_ name: String) async throws -> Bool {
      try await subject.with(probe.caller) { try await $0.isHealthy(name) }
    }
    return [
      ConformanceCase("health/server", "health of the whole server", expect: "SERVING") {
        try Expect.that(try await isHealthy(""), "not serving")
      },
      ConformanceCase("health/service", "health of a service by its name", expect: "SERVING") {
        try Expect.that(try await isHealthy(probe.service), "not serving")
      },
      ConformanceCase("health/unknown", "health of a service that is not there", expect: "NOT_FOUND") {
        try await Expect.refusal(.notFound) { _ = try await isHealthy("no.such.v1.Service") }
      },
      ConformanceCase(
        "health/watch", "the health as a stream", expect: "a first message that says SERVING",
        needs: [.streams]
      ) {
        try await subject.with(probe.caller) { client in
          for try await element in client.watchHealth() {
            try Expect.equal(element.message.state, .serving, "the first state")
            return
          }
          throw Mismatch("the stream ended without a message")
        }
      },
      ConformanceCase(
        "health/info", "name, version and limits", expect: "protocol version 1 and the service's name"
      ) {
        let info = try await subject.with(probe.caller) { try await $0.serverInfo() }
        try Expect.equal(info.protocolVersion, RPCLimits.protocolVersion, "the version")
        try Expect.that(info.services.contains(probe.service), "services: \(info.services)")
      },
    ]
  }
}
