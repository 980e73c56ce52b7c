import ArgumentParser
import AssayMessages
import AssayRPC
import AssayReflection
import AssaySupervisor
import Foundation

struct RPCCallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call", abstract: "Call a method: JSON in, JSON out.",
    discussion: "A stream prints one JSON object a line until it ends, or Ctrl-C.")

  @Argument(help: "SERVICE/METHOD, such as LineageService/GetTrial.")
  var method: String

  @Option(name: .long, help: ArgumentHelp("The request as JSON; - reads standard input.", valueName: "json"))
  var body: String = "{}"

  @Option(
    name: .customLong("idempotency-key"),
    help: ArgumentHelp("Names the effect, so that a repeated call has it once.", valueName: "text"))
  var idempotencyKey: String?

  @Option(
    name: .long, help: ArgumentHelp("Where a stream begins: after this sequence number.", valueName: "n"))
  var after: UInt64 = 0

  @OptionGroup var target: RPCTarget

  func run() async throws {
    let text =
      body == "-" ? FileHandle.standardInput.readDataToEndOfFile() : Data(body.utf8)
    guard let json = try? JSONDecoder().decode(JSONValue.self, from: text) else {
      throw SupervisorError(.usage, "--body is not JSON; for an empty request write '{}'.")
    }
    try await target.withClient { client in
      let schema = try Schema(descriptorSet: try await client.descriptorSet(target.callOptions))
      let found = try schema.method(method)
      let request = try schema.bytes(found.method.input, from: json)
      var options = target.callOptions
      options.idempotencyKey = idempotencyKey
      let descriptor = MethodDescriptor(
        "/\(found.service.name)/\(found.method.name)", roles: [], idempotent: found.method.idempotent,
        anyPeer: false, streaming: found.method.streaming)
      if found.method.streaming {
        try await follow(descriptor, request, found.method.output, schema, client, options)
      } else {
        let answer = try await client.call(descriptor, bytes: request, options)
        print(try JSONLine.encode(try schema.json(found.method.output, answer)))
      }
    }
  }

  private func follow(
    _ method: MethodDescriptor, _ request: [UInt8], _ output: String, _ schema: Schema, _ client: RPCClient,
    _ options: CallOptions
  ) async throws {
    var pull = RPCV1.StreamPull()
    pull.request = request
    pull.afterSequence = after
    pull.waitMs = UInt32(min(target.timeout * 500, 20_000))
    while true {
      let batch = try RPCV1.StreamBatch(
        serialized: try await client.call(method, bytes: pull.serialized(), options))
      for message in batch.messages {
        // Not `print`: a stream may be followed through a pipe, and is read as it comes.
        FileHandle.standardOutput.write(
          Data((try JSONLine.encode(try schema.json(output, message)) + "\n").utf8))
      }
      pull.afterSequence = batch.sequences.last ?? pull.afterSequence
      if batch.end { return }
    }
  }
}
