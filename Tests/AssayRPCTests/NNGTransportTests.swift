import AssayMessages
import AssayRPC
import AssayRPCNNG
import AssayRPCTesting
import AssayServices
import Foundation
import Testing

@Suite("The nng transport", .timeLimit(.minutes(2)))
struct NNGTransportTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private func refusal(_ address: String) -> RPCError? {
    do throws(RPCError) {
      _ = try NNGServerTransport(address: address)
      return nil
    } catch {
      return error
    }
  }

  @Test func onlyTheOwnerReachesAnIPCSocket() throws {
    try withFolder { folder in
      let server = try NNGServerTransport(address: "ipc://\(folder)/s")
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/s")
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
      _ = consume server
    }
  }

  @Test func aLiveSocketIsNeverTakenOver() throws {
    try withFolder { folder in
      let first = try NNGServerTransport(address: "ipc://\(folder)/s")
      let error = refusal("ipc://\(folder)/s")
      #expect(error?.code == .alreadyExists)
      #expect(error?.reason == "ADDRESS_IN_USE")
      #expect(FileManager.default.fileExists(atPath: "\(folder)/s"))
      _ = consume first
    }
  }

  @Test func aSocketThatADeadProcessLeftIsReplaced() throws {
    try withFolder { folder in
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array("\(folder)/s".utf8)) }
      let bound = withUnsafePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      #expect(bound == 0)
      close(descriptor)
      #expect(FileManager.default.fileExists(atPath: "\(folder)/s"))
      #expect(refusal("ipc://\(folder)/s") == nil)
    }
  }

  @Test func aFileThatIsNoSocketIsLeftAlone() throws {
    try withFolder { folder in
      try Data("precious".utf8).write(to: URL(filePath: "\(folder)/s"))
      #expect(refusal("ipc://\(folder)/s")?.code == .alreadyExists)
      #expect(FileManager.default.contents(atPath: "\(folder)/s") == Data("precious".utf8))
    }
  }

  @Test func aTakenPortIsATypedError() throws {
    let first = try NNGServerTransport(address: "tcp://127.0.0.1:0")
    #expect(!first.address.hasSuffix(":0"))
    #expect(refusal(first.address)?.reason == "ADDRESS_IN_USE")
  }

  @Test(arguments: [
    "", "nonsense", "ipc://", "tcp://", "ipc:///no/such/folder/s",
    "ipc:///" + String(repeating: "x", count: 200),
  ])
  func anAddressThatCannotBeUsedIsATypedError(_ address: String) {
    let error = refusal(address)
    #expect(error != nil)
    #expect(error?.message.isEmpty == false)
  }

  @Test func aStormOfCancelledCallsLeavesTheWireWhole() async throws {
    try await withConformance(.nngIPC) { test, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<2000 {
          group.addTask {
            let call = Task { try await test.agent.echo(echo([UInt8(number % 256)])) }
            if number % 2 == 0 { call.cancel() }
            switch await call.result {
            case .success(let response): #expect(response.data == [UInt8(number % 256)])
            case .failure(let error):
              #expect((error as? RPCError)?.code == .cancelled && number % 2 == 0, "\(error)")
            }
          }
          if number % 32 == 31 { try await group.next() }
        }
        try await group.waitForAll()
      }
      #expect(try await test.agent.echo(echo([1])).data == [1])
    }
  }

  @Test func closingAClientEndsItsCalls() async throws {
    try await withConformance(.nngTCP) { test, responder in
      let key = try #require(test.keys["agent/a"])
      let client = try test.makeClient(as: key)
      let call = Task {
        await failure { () async throws(RPCError) in
          try await ConformanceServiceClient(client).hold(hold("x"))
        }
      }
      try await responder.held("x").entered.wait()
      client.close()
      #expect(await call.value != nil)
      responder.held("x").release.open()
    }
  }

  /// nng 1.5.2 stops accepting when a connection breaks while it is being greeted.
  @Test(arguments: [TestTransport.nngIPC, .nngTCP, .nngTLS])
  func callersThatBreakOffDoNotShutOthersOut(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      #expect(try await test.agent.echo(echo([1])).data == [1])
      for _ in 0..<300 {
        let descriptor = try connected(to: test.wire.address)
        _ = send(descriptor, [0, 0x53, 0x50, 0, 0, 0x30, 0, 0] as [UInt8], 8, Int32(MSG_NOSIGNAL))
        close(descriptor)
      }
      let fresh = ConformanceServiceClient(try test.makeClient(as: try #require(test.keys["agent/a"])))
      let options = CallOptions(timeout: .seconds(40), waitForReady: true)
      #expect(try await fresh.echo(echo([2]), options).data == [2])
    }
  }

  /// nng 1.5.2 stops dialing when a connection breaks while its greeting is written: so it is when a server is killed just then.
  @Test func serversThatBreakOffAreDialledAgain() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let address = "ipc://\(folder.path)/s"
    let clients = try (0..<48).map { _ in try NNGClientTransport(address: address) }
    defer { for client in clients { client.close() } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in clients {
        group.addTask {
          // Nobody greets back, so none of these gets through.
          for _ in 0..<4 {
            await #expect(throws: TransportError.self) {
              _ = try await client.exchange([1], timeout: .milliseconds(500))
            }
          }
        }
      }
      let listening = try listening(at: address)
      _ = fcntl(listening, F_SETFL, O_NONBLOCK)
      let end = ContinuousClock.now + .seconds(2)
      while ContinuousClock.now < end {
        let descriptor = accept(listening, nil, nil)
        if descriptor >= 0 { close(descriptor) } else { await Task.yield() }
      }
      close(listening)
      try await group.waitForAll()
    }
    let server = try NNGServerTransport(address: address)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve { $0 } }
      try await withThrowingTaskGroup(of: Void.self) { calls in
        for client in clients {
          calls.addTask {
            // One long attempt has to get through by itself: nobody calls again who waits for it.
            let answer = try await client.exchange([2], timeout: .seconds(60))
            #expect(answer == [2])
          }
        }
        try await calls.waitForAll()
      }
      server.close()
      try await group.waitForAll()
    }
  }

  private func listening(at address: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let path = Array(address.dropFirst("ipc://".count).utf8)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
    let bound = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0 && listen(descriptor, 128) == 0)
    return descriptor
  }

  private func connected(to address: String) throws -> Int32 {
    if address.hasPrefix("ipc://") {
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      let path = Array(address.dropFirst("ipc://".count).utf8)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
      _ = withUnsafePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      return descriptor
    }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    name.sin_port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) }).bigEndian
    _ = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return descriptor
  }

  @Test(
    "clients that are closed while their messages are on the way break nothing",
    arguments: [TestTransport.nngIPC, .nngTCP])
  func closingInTheMiddle(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      let key = try #require(test.keys["agent/a"])
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            for number in 0..<40 {
              let client = try test.makeClient(as: key)
              let service = ConformanceServiceClient(client)
              _ = try await service.echo(echo([1]), CallOptions(timeout: .seconds(30)))
              await withTaskGroup(of: Void.self) { calls in
                for _ in 0..<4 { calls.addTask { _ = try? await service.echo(echo([2])) } }
                // A call that is given up posts its cancellation, and the client goes away at once.
                if number.isMultiple(of: 2) { calls.cancelAll() }
                client.close()
              }
            }
          }
        }
        try await group.waitForAll()
      }
      _ = try await test.agent.echo(echo([3]))
    }
  }
}
