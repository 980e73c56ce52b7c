import AssayIdentity
import Foundation
import Glibc
import Testing

@testable import AssaySupervisor

@Suite struct DeploymentSecretsTests {
  let root = FileManager.default.temporaryDirectory.appending(path: "assay-secrets-\(UUID().uuidString)")
  var authority: URL { root.appending(path: "authority") }
  var out: URL { root.appending(path: "out") }
  let secrets = DeploymentSecrets(
    specialists: ["arch", "opt"], runners: ["pool"], hosts: ["evaluator": ["evaluator"]], owners: [:])

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: out.appending(path: folder).path).sorted()
  }

  @Test func eachFolderHasItsOwnSecretsAndNobodyElses() throws {
    let folders = try secrets.write(authority: authority, to: out)
    #expect(
      folders.map { URL(filePath: $0).lastPathComponent } == [
        "lineage", "evaluator", "operator", "observer", "agent-arch", "agent-opt", "runner-pool",
      ])
    #expect(
      try files("agent-arch")
        == ["agent-arch.key", "agent-arch.pem", "ca.crl", "ca.pem", "evaluator.pub", "lineage.pub"])
    #expect(try files("evaluator").contains("trust-evaluator.json"))
    #expect(try !files("evaluator").contains("trust-lineage.json"))
    var keys: Set<String> = []
    for folder in folders {
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".key") {
        var status = stat()
        #expect(lstat(folder + "/" + name, &status) == 0 && status.st_mode & 0o777 == 0o400)
        keys.insert(try IdentityKey.load(from: folder + "/" + name).publicIdentity.text)
      }
    }
    #expect(keys.count == folders.count)
    let named = try PublicIdentity(textOrFile: out.path + "/agent-opt/evaluator.pub")
    #expect(
      try named == IdentityKey.load(from: out.path + "/evaluator/evaluator.key").publicIdentity)
  }

  @Test func againItChangesNothingAndWhatWasRevokedStaysSo() throws {
    _ = try secrets.write(authority: authority, to: out)
    func content(_ path: String) -> Data? { FileManager.default.contents(atPath: out.path + path) }
    let before = (content("/evaluator/evaluator.pem"), content("/agent-arch/agent-arch.key"))
    _ = try secrets.write(authority: authority, to: out)
    #expect(content("/evaluator/evaluator.pem") == before.0)
    #expect(content("/agent-arch/agent-arch.key") == before.1)
    _ = try KeyRing.revoke("agent/opt", in: authority)
    let trust = authority.path + "/trust-evaluator.json"
    let left = try secrets.write(authority: authority, to: out)
    #expect(!left.contains { $0.hasSuffix("/agent-opt") })
    #expect(try files("agent-opt") == [])
    #expect(try !TrustStore.load(from: trust).entries.contains { $0.name == "agent/opt" })
    // A new name does not bring it back.
    var more = secrets
    more.specialists.append("data")
    #expect(try more.write(authority: authority, to: out).contains { $0.hasSuffix("/agent-data") })
    #expect(
      try TrustStore.load(from: trust).entries.map(\.name).filter { $0.hasPrefix("agent/") }
        == ["agent/arch", "agent/data"])
    // An evaluator of somebody else's gets no folder and no key here.
    var external = secrets
    external.evaluator = IdentityKey().publicIdentity
    let elsewhere = root.appending(path: "elsewhere")
    let folders = try external.write(authority: root.appending(path: "other"), to: elsewhere)
    #expect(!folders.contains { $0.hasSuffix("/evaluator") })
    #expect(
      try PublicIdentity(textOrFile: elsewhere.path + "/operator/evaluator.pub") == external.evaluator)
  }
}
