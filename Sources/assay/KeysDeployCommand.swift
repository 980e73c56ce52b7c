import ArgumentParser
import AssayIdentity
import AssaySupervisor
import Foundation

struct KeysDeployCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Make keys and certificates of a deployment, a folder for each service.",
    discussion: """
      Makes what is missing in the authority's folder, which only this command needs to see, and writes a folder for each
      identity: its key, its certificate, the public keys of lineage and evaluator, and the trust file of a server. Run again, it
      renews certificates a month before they end and changes nothing else. Give each service its own folder, read-only.

        assay keys deploy --directory authority --out secrets --specialists arch,opt --runners pool \\
          --host evaluator=bench.example --owner evaluator=10002 --owner agent=10003
      """)

  @Option(name: .long, help: "The authority's folder: all keys, and that of the certificate authority.")
  var directory: String

  @Option(name: .long, help: "Where the folders go.")
  var out: String

  @Option(name: .long, help: ArgumentHelp("Comma-separated specialists.", valueName: "names"))
  var specialists: String

  @Option(name: .long, help: ArgumentHelp("Comma-separated runner names.", valueName: "names"))
  var runners: String = "pool"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A name or address at which lineage or evaluator is called; may be given several times.",
      valueName: "service=host"))
  var host: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The user id that gets a folder: lineage, evaluator, agent, runner, operator or observer.",
      valueName: "service=uid"))
  var owner: [String] = []

  @Option(
    name: .customLong("evaluator-key"),
    help: ArgumentHelp("Public key of an evaluator that somebody else runs.", valueName: "key"))
  var evaluatorKey: String?

  func run() throws {
    var hosts: [String: [String]] = [:]
    for text in host {
      let (service, host) = try Self.pair(text, "--host")
      hosts[service, default: ["localhost", "127.0.0.1"]].append(host)
    }
    var owners: [String: UInt32] = [:]
    for text in owner {
      let (service, number) = try Self.pair(text, "--owner")
      guard let uid = UInt32(number) else {
        throw ValidationError("--owner '\(text)': the user is a number, such as evaluator=10002.")
      }
      owners[service] = uid
    }
    let secrets = DeploymentSecrets(
      specialists: Self.list(specialists), runners: Self.list(runners), hosts: hosts, owners: owners,
      evaluator: try evaluatorKey.map { try PublicIdentity(textOrFile: $0) })
    for folder in try secrets.write(authority: URL(filePath: directory), to: URL(filePath: out)) {
      print(folder)
    }
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static func pair(_ text: String, _ option: String) throws -> (String, String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw ValidationError("\(option) '\(text)' is no pair; write \(option) evaluator=...")
    }
    return (parts[0], parts[1])
  }
}
