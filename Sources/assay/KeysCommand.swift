import ArgumentParser
import AssayIdentity
import AssaySupervisor
import Foundation

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Make, renew and revoke identities and certificates of services.",
    subcommands: [
      KeysInitCommand.self, KeysRotateCommand.self, KeysRevokeCommand.self,
      KeysTLSCommand.self, KeysDeployCommand.self,
    ])

  /// An identity for people, or for programs.
  static func line(of member: KeyRing.Member, json: Bool) throws -> String {
    json
      ? try JSONLine.encode(["name": member.name, "key": member.publicText])
      : "\(member.name)\t\(member.publicText)"
  }
}

struct KeysInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a key for each identity and the trust files that name them.",
    discussion: """
      Keys are Ed25519, one file each, mode 0600. Existing keys are kept. A trust file lists who may call a service:
      give trust-lineage.json to the lineage service and trust-evaluator.json to the evaluator.
      """)

  @Option(name: .long, help: "Folder for keys and trust files.")
  var directory: String

  @Option(
    name: .long, help: ArgumentHelp("Comma-separated specialists to make agent keys for.", valueName: "names")
  )
  var specialists: String = ""

  @Option(name: .long, help: ArgumentHelp("Comma-separated runner names.", valueName: "names"))
  var runners: String = "local"

  @Flag(name: .customLong("no-lineage"), help: "Name no agent in the lineage's trust file.")
  var noLineage = false

  @Option(
    name: .customLong("evaluator-key"),
    help: ArgumentHelp("Public key of an evaluator that somebody else runs.", valueName: "key"))
  var evaluatorKey: String?

  @Flag(name: .long, help: "Print one JSON object a line, with stable keys.")
  var json = false

  func run() throws {
    func list(_ text: String) -> [String] {
      text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let keys = try KeyRing.prepare(
      in: URL(filePath: directory), specialists: list(specialists), runners: list(runners),
      lineageEnabled: !noLineage, evaluator: try evaluatorKey.map { try PublicIdentity(text: $0) })
    for identity in keys.identities { print(try KeysCommand.line(of: identity, json: json)) }
  }
}
