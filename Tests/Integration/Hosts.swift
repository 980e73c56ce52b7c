import Foundation
import Testing

/// Hosts of our own on this machine: network namespaces on one bridge, each reachable from the others alone.
struct Hosts {
  let names: [String]
  private let prefix = "assay\(getpid())x\(UInt16.random(in: 0 ... 999))"
  private static let ip = "/usr/sbin/ip"

  /// The address of a host.
  func address(of name: String) -> String { "10.99.0.\((names.firstIndex(of: name) ?? 0) + 1)" }

  private func space(_ name: String) -> String { "\(prefix)-\(name)" }

  /// Makes the hosts, and takes them away after `body`.
  static func with<Value>(_ names: [String], _ body: (Hosts) async throws -> Value) async throws -> Value {
    try #require(
      FileManager.default.isExecutableFile(atPath: ip) && geteuid() == 0,
      "network namespaces need root and iproute2; tools/setup.sh test installs it")
    let hosts = Hosts(names: names)
    do {
      try await hosts.make()
      let value = try await body(hosts)
      try await hosts.remove()
      return value
    } catch {
      try? await hosts.remove()
      throw error
    }
  }

  private func run(_ arguments: String...) async throws {
    let ended = try await Program.run(Self.ip, arguments)
    guard ended.status == 0 else {
      throw CocoaError(
        .featureUnsupported, userInfo: [NSDebugDescriptionErrorKey: "ip \(arguments): \(ended.errors)"])
    }
  }

  private func make() async throws {
    try await run("netns", "add", space("switch"))
    try await run("-n", space("switch"), "link", "add", "br0", "type", "bridge")
    try await run("-n", space("switch"), "link", "set", "br0", "up")
    for name in names {
      try await run("netns", "add", space(name))
      try await run(
        "link", "add", "veth0", "netns", space(name), "type", "veth", "peer", "name", "p-\(name)", "netns",
        space("switch"))
      try await run("-n", space(name), "addr", "add", address(of: name) + "/24", "dev", "veth0")
      for device in ["veth0", "lo"] { try await run("-n", space(name), "link", "set", device, "up") }
      try await run("-n", space("switch"), "link", "set", "p-\(name)", "master", "br0")
      try await run("-n", space("switch"), "link", "set", "p-\(name)", "up")
    }
  }

  private func remove() async throws {
    for name in names + ["switch"] { try await run("netns", "del", space(name)) }
  }

  /// Pulls a host's cable, or puts it back.
  func connect(_ name: String, _ connected: Bool) async throws {
    try await run("-n", space("switch"), "link", "set", "p-\(name)", connected ? "up" : "down")
  }

  /// Starts a program of ours on a host; its files are this machine's.
  func start(_ program: String, on name: String, _ arguments: [String]) throws -> Running {
    try Running(
      "/usr/bin/nsenter",
      ["--net=/run/netns/\(space(name))", Program.folder.appending(path: program).path] + arguments)
  }
}
