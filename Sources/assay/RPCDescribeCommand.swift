import ArgumentParser
import AssayRPC
import AssayReflection
import AssaySupervisor

struct RPCDescribeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "A method: who may call it, what it takes and returns.")

  @Argument(help: "SERVICE/METHOD, such as LineageService/GetTrial.")
  var method: String

  @OptionGroup var target: RPCTarget

  func run() async throws {
    try await target.withClient { client in
      let schema = try Schema(descriptorSet: try await client.descriptorSet(target.callOptions))
      let found = try schema.method(method)
      print(schema.text(found.service, found.method))
    }
  }
}
