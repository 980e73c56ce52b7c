import ArgumentParser
import AssayIdentity
import AssayRPC
import AssayReflection
import AssayServiceHost
import AssaySupervisor
import Foundation

/// Which server an `assay rpc` command speaks to, and as whom.
struct RPCTarget: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("A server of the run in the state folder: lineage or evaluator.", valueName: "name"))
  var server: String = "lineage"

  @Option(name: .long, help: ArgumentHelp("Any server instead, such as tcp://host:port.", valueName: "url"))
  var address: String?

  @Option(
    name: .customLong("server-key"),
    help: ArgumentHelp("The public key that the server must prove (assay-ed25519:...).", valueName: "key"))
  var serverKey: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Key file of the caller. Default: the operator of the state folder.", valueName: "file"))
  var key: String?

  @Option(name: .long, help: ArgumentHelp("Seconds that a call may take.", valueName: "seconds"))
  var timeout: Double = 15

  @OptionGroup var tls: TLSOptions

  @OptionGroup var options: StateOptions

  func validate() throws {
    if address != nil, serverKey == nil || key == nil {
      throw ValidationError("--address needs --server-key and --key: callers and servers prove who they are.")
    }
    guard timeout > 0, timeout <= 300 else { throw ValidationError("--timeout is up to 300 seconds.") }
  }

  var callOptions: CallOptions { CallOptions(timeout: .milliseconds(Int(timeout * 1000))) }

  func withClient<Value>(_ body: (RPCClient) async throws -> Value) async throws -> Value {
    let client: RPCClient
    do {
      if let address, let serverKey, let key {
        client = try ServiceDialing.client(
          address, serverKey: serverKey, as: try IdentityKey.load(from: key), tls: try tls.credentials())
      } else {
        client = try options.directory().operatorClient(of: server)
      }
    } catch let error as IdentityError {
      throw SupervisorError(.usage, error.message)
    } catch let error as TransportError {
      throw SupervisorError(.usage, error.message)
    } catch let error as RPCError {
      throw SupervisorError(.usage, error.message)
    }
    defer { client.close() }
    do {
      return try await body(client)
    } catch let error as RPCError {
      throw SupervisorError(SupervisorError(error).code, error.description)
    } catch let error as ReflectionError {
      throw SupervisorError(.usage, error.message)
    }
  }
}
