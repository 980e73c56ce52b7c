import AssayCertificates
import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCNNG
import AssayRPCTesting
import AssayServices
import Foundation
import Logging
import Testing

@Suite("TLS", .timeLimit(.minutes(2)))
struct TLSTests {
  static let here = ["127.0.0.1", "localhost"]

  /// A server over TLS, whose authority the body may ask for certificates, and which trusts the key that the body gets.
  private func withSecureServer(
    hosts: [String] = here, expired: Bool = false,
    _ body: (
      NNGServerTransport, CertificateAuthority, (TLSCredentials?, String) throws -> ConformanceServiceClient
    )
      async throws -> Void
  ) async throws {
    let authority = try CertificateAuthority(name: "Assay test")
    let own = try authority.issue(
      name: "server", hosts: hosts, lifetime: .seconds(600),
      now: Date(timeIntervalSinceNow: expired ? -7200 : 0))
    let transport = try NNGServerTransport(
      address: "tls+tcp://127.0.0.1:0",
      tls: TLSCredentials(authorities: authority.certificatePEM, certificate: own.pem))
    let (identity, key) = (IdentityKey(), IdentityKey())
    var router = RPCRouter()
    router.register(ConformanceResponder())
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = RPCServer(
      transport: transport, router: router, identity: identity,
      trust: try TrustStore([.init(name: "agent/a", roles: [.agent], identity: key.publicIdentity)]),
      configuration: .init(name: "test"), logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      try await body(transport, authority) { tls, address in
        ConformanceServiceClient(
          RPCClient(
            transport: try NNGClientTransport(address: address, tls: tls),
            credentials: ClientCredentials(key: key, server: identity.publicIdentity)))
      }
      server.beginGracefulShutdown()
      group.cancelAll()
    }
  }

  private static let short = CallOptions(timeout: .seconds(2))

  private func expectNothing(
    _ client: ConformanceServiceClient, _ words: String, _ comment: Comment
  ) async {
    let error = await #expect(throws: RPCError.self, comment) { try await client.echo(echo([1]), Self.short) }
    #expect(error?.code == .unavailable || error?.code == .deadlineExceeded, comment)
    #expect(words.isEmpty || error?.message.contains(words) == true, "\(comment): \(error?.message ?? "")")
  }

  @Test("who cannot prove itself gets nothing, and is told what to look at")
  func strangers() async throws {
    try await withSecureServer { transport, authority, client in
      let ca = try authority.certificatePEM
      func credentials(_ issued: IssuedCertificate, _ trusting: String? = nil) -> TLSCredentials {
        TLSCredentials(authorities: trusting ?? ca, certificate: issued.pem)
      }
      let good = credentials(try authority.issue(name: "good", hosts: [], lifetime: .seconds(600)))
      #expect(try await client(good, transport.address).echo(echo([7])).data == [7])

      let other = try CertificateAuthority(name: "Assay test")
      await expectNothing(
        try client(
          credentials(try other.issue(name: "x", hosts: [], lifetime: .seconds(600))), transport.address),
        "certificate", "a certificate of another authority")
      await expectNothing(
        try client(
          credentials(
            try authority.issue(
              name: "x", hosts: [], lifetime: .seconds(60), now: Date(timeIntervalSinceNow: -7200))),
          transport.address), "expired", "an expired certificate")
      await expectNothing(
        try client(
          TLSCredentials(authorities: try other.certificatePEM, certificate: good.certificate),
          transport.address),
        "certificate", "a client that does not believe the server")
      await expectNothing(
        try client(nil, transport.address.replacing("tls+tcp", with: "tcp")), "", "a client without TLS")
      #expect(throws: TransportError.self) { try client(nil, transport.address) }
      #expect(throws: TransportError.self) {
        try client(TLSCredentials(authorities: "no PEM", certificate: good.certificate), transport.address)
      }
      // All this has not disturbed the server.
      #expect(try await client(good, transport.address).echo(echo([8])).data == [8])
    }
  }

  @Test(
    "a server for another host, or with an expired certificate, is not believed", arguments: [true, false])
  func wrongServers(expired: Bool) async throws {
    try await withSecureServer(hosts: expired ? Self.here : ["example.org"], expired: expired) {
      transport, authority, client in
      let own = TLSCredentials(
        authorities: try authority.certificatePEM,
        certificate: try authority.issue(name: "x", hosts: [], lifetime: .seconds(600)).pem)
      await expectNothing(try client(own, transport.address), "certificate", "expired: \(expired)")
    }
  }

  @Test("a revoked certificate is cut off while the server runs, others come back")
  func revoked() async throws {
    try await withSecureServer { transport, authority, client in
      let ca = try authority.certificatePEM
      let mine = try authority.issue(name: "mine", hosts: [], lifetime: .seconds(600))
      let theirs = try authority.issue(name: "theirs", hosts: [], lifetime: .seconds(600))
      let renewed = try authority.issue(name: "server", hosts: Self.here, lifetime: .seconds(600))
      let kept = try client(TLSCredentials(authorities: ca, certificate: mine.pem), transport.address)
      let lost = try client(TLSCredentials(authorities: ca, certificate: theirs.pem), transport.address)
      #expect(try await kept.echo(echo([1])).data == [1])
      #expect(try await lost.echo(echo([1])).data == [1])
      #expect(throws: RPCError.self, "nothing changes") {
        try transport.replaceTLS(TLSCredentials(authorities: ca, certificate: "broken"))
      }
      #expect(try await lost.echo(echo([2])).data == [2])
      try transport.replaceTLS(
        TLSCredentials(
          authorities: ca, certificate: renewed.pem, revoked: authority.revocationList([theirs.serial])))
      let options = CallOptions(timeout: .seconds(20), waitForReady: true)
      #expect(try await kept.echo(echo([3]), options).data == [3])
      await expectNothing(lost, "revoked", "the revoked one")
    }
  }

  @Test("on the network nothing of a call can be read; without TLS it can")
  func readByNobody() async throws {
    let canary = "CANARY-5231-payload"
    try await withSecureServer { transport, authority, client in
      let relay = try RecordingRelay(to: transport.address)
      defer { relay.close() }
      let own = TLSCredentials(
        authorities: try authority.certificatePEM,
        certificate: try authority.issue(name: "x", hosts: [], lifetime: .seconds(600)).pem)
      let secure = try client(own, "tls+tcp://127.0.0.1:\(relay.port)")
      #expect(try await secure.echo(echo(Array(canary.utf8))).data == Array(canary.utf8))
      #expect(relay.bytes.count > 500)
      #expect(!relay.contains(canary))
      #expect(!relay.contains("assay.rpc.v1"))
    }
    try await withConformance(.nngTCP) { test, _ in
      let relay = try RecordingRelay(to: test.wire.address)
      defer { relay.close() }
      let plain = ConformanceServiceClient(
        try test.makeClient(
          as: try #require(test.keys["agent/a"]),
          over: NNGClientTransport(address: "tcp://127.0.0.1:\(relay.port)")))
      #expect(try await plain.echo(echo(Array(canary.utf8))).data == Array(canary.utf8))
      #expect(relay.contains(canary))
      #expect(relay.contains("assay.rpc.v1"))
    }
  }

  @Test("a server that needs certificates does not listen without")
  func noCertificates() {
    let error = #expect(throws: RPCError.self) { try NNGServerTransport(address: "tls+tcp://127.0.0.1:0") }
    #expect(error?.reason == "NO_CERTIFICATE")
    #expect(error?.message.contains("assay keys tls") == true)
  }
}
