import ArgumentParser
import AssaySupervisor
import Foundation

struct KeysRevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Trust an identity no longer.",
    discussion: """
      Takes it out of the folder's trust files. Services that run with these files cut it off within seconds, calls that
      are running included. Certificates that `assay keys tls` issued to it are revoked in ca.crl. Its key is kept aside as NAME.key.revoked.
      """)

  @Argument(help: "Such as agent/opt or runner/local.")
  var name: String

  @Option(name: .long, help: "Folder of keys and trust files.")
  var directory: String

  @Flag(name: .long, help: "Print one JSON object a line, with stable keys.")
  var json = false

  func run() throws {
    for file in try KeyRing.revoke(name, in: URL(filePath: directory)) {
      print(json ? try JSONLine.encode(["revoked": name, "file": file]) : "\(name) is revoked in \(file)")
    }
  }
}
