import ArgumentParser
import AssaySupervisor
import Foundation

struct KeysTLSCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tls",
    abstract: "Issue a certificate for tls+tcp:// connections.",
    discussion: """
      Makes an authority in the folder when there is none (ca.pem, and ca.key, which stays here), then a certificate with its
      private key for the identity (NAME.pem). Both ends of a connection need one. A service takes them with --tls-ca ca.pem
      --tls-cert NAME.pem --tls-crl ca.crl; `assay run` finds those of its state folder's keys by itself.

      To connect with another organisation, append its ca.pem to yours and give it yours.

      Example, for an evaluator on bench.example and the run that uses it:

        assay keys tls --directory STATE/keys --name evaluator --host bench.example
        assay keys tls --directory STATE/keys --name operator

      Issuing again replaces the file; `assay keys revoke NAME` voids all certificates of a name.
      """)

  @Option(name: .long, help: "Folder of keys and certificates.")
  var directory: String

  @Option(name: .long, help: "The identity, such as evaluator, lineage, operator, agent/opt or runner/gpu-1.")
  var name: String

  @Option(
    name: .long,
    help:
      "A name or address at which it is called; may be given several times. Default: localhost, 127.0.0.1, this host's name."
  )
  var host: [String] = []

  @Option(name: .long, help: "Days that it is good for.")
  var days: Int = 365

  @Flag(name: .long, help: "Print one JSON object a line, with stable keys.")
  var json = false

  func validate() throws {
    guard (1...3650).contains(days) else { throw ValidationError("--days is 1 to 3650.") }
  }

  func run() throws {
    let hosts = host.isEmpty ? ["localhost", "127.0.0.1", ProcessInfo.processInfo.hostName] : host
    let files = try CertificateFolder(URL(filePath: directory))
      .issue(name, hosts: hosts, lifetime: .seconds(days * 86400))
    for file in files { print(json ? try JSONLine.encode(["file": file]) : file) }
  }
}
