import ArgumentParser
import AssayMessages
import AssayRPC
import AssayReflection
import AssaySupervisor

struct RPCListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Services and their methods.")

  @OptionGroup var target: RPCTarget

  private struct Line: Encodable {
    let method: String
    let roles: [String]
    let idempotent: Bool
    let streaming: Bool
  }

  func run() async throws {
    try await target.withClient { client in
      let served = Set(
        try await client.serverInfo(target.callOptions).services + ["assay.rpc.v1.ServerService"])
      let schema = try Schema(descriptorSet: try await client.descriptorSet(target.callOptions))
      for service in schema.services where served.contains(service.name) {
        for method in service.methods {
          if target.options.json {
            print(
              try JSONLine.encode(
                Line(
                  method: "\(service.name)/\(method.name)", roles: method.roles,
                  idempotent: method.idempotent,
                  streaming: method.streaming)))
          } else {
            print("\(service.name)/\(method.name)\(method.streaming ? " (stream)" : "")")
          }
        }
      }
    }
  }
}
