import AssayCertificates
import Foundation
import Testing

@Suite("Certificates")
struct CertificateTests {
  /// Files of one test, for the openssl program: what others think of our certificates.
  final class Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "assay-ca-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ text: String, _ name: String) throws {
      try text.write(to: url.appending(path: name), atomically: true, encoding: .utf8)
    }

    func openssl(_ arguments: String...) throws -> (status: Int32, output: String) {
      let process = Process()
      let pipe = Pipe()
      process.executableURL = URL(filePath: "/usr/bin/openssl")
      process.arguments = arguments
      process.currentDirectoryURL = url
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, output)
    }
  }

  @Test(
    "openssl accepts what was issued, and refuses what is expired, revoked, another's, or for another host")
  func verifiedByOthers() throws {
    let folder = try Folder()
    let authority = try CertificateAuthority(name: "Assay test")
    let good = try authority.issue(
      name: "good", hosts: ["example.org", "127.0.0.1"], lifetime: .seconds(3600))
    let revoked = try authority.issue(name: "revoked", hosts: [], lifetime: .seconds(3600))
    try folder.write(authority.certificatePEM, "ca.pem")
    try folder.write(good.pem, "good.pem")
    try folder.write(revoked.pem, "revoked.pem")
    try folder.write(
      authority.issue(
        name: "expired", hosts: [], lifetime: .seconds(60), now: Date(timeIntervalSinceNow: -7200)
      ).pem, "expired.pem")
    try folder.write(
      CertificateAuthority(name: "Assay test").issue(name: "other", hosts: [], lifetime: .seconds(60)).pem,
      "other.pem")
    try folder.write(authority.revocationList([revoked.serial]), "ca.crl")
    func verify(_ name: String, _ host: String? = nil) throws -> (status: Int32, output: String) {
      if let host {
        return try folder.openssl(
          "verify", "-CAfile", "ca.pem", "-CRLfile", "ca.crl", "-crl_check", "-purpose", "sslserver",
          host.contains("127") ? "-verify_ip" : "-verify_hostname", host, name)
      }
      return try folder.openssl(
        "verify", "-CAfile", "ca.pem", "-CRLfile", "ca.crl", "-crl_check", "-purpose", "sslclient", name)
    }
    #expect(try verify("good.pem").status == 0)
    #expect(try verify("good.pem", "example.org").status == 0)
    #expect(try verify("good.pem", "127.0.0.1").status == 0)
    #expect(try verify("good.pem", "example.com").status != 0)
    #expect(try verify("revoked.pem").output.contains("revoked"))
    #expect(try verify("expired.pem").output.contains("expired"))
    #expect(try verify("other.pem").status != 0)
    #expect(try folder.openssl("ec", "-in", "good.pem", "-check", "-noout").status == 0)
    let list = try folder.openssl("crl", "-in", "ca.crl", "-noout", "-CAfile", "ca.pem", "-verify")
    #expect(list.output.contains("verify OK"), "\(list.output)")
  }

  @Test func anAuthorityIsTheSameAfterBeingSaved() throws {
    let authority = try CertificateAuthority(name: "Assay test")
    let again = try CertificateAuthority(certificatePEM: authority.certificatePEM, keyPEM: authority.keyPEM)
    #expect(try again.certificatePEM == authority.certificatePEM)
    let other = try CertificateAuthority(name: "Assay test")
    #expect(throws: CertificateError.self) {
      try CertificateAuthority(certificatePEM: authority.certificatePEM, keyPEM: other.keyPEM)
    }
    #expect(throws: CertificateError.self) { try CertificateAuthority(certificatePEM: "", keyPEM: "") }
  }

  @Test("what a host whose clock is two minutes ahead has issued is accepted here")
  func clocksMayDiffer() throws {
    let folder = try Folder()
    let authority = try CertificateAuthority(name: "ahead", now: .now + 120)
    try folder.write(authority.certificatePEM, "ca.pem")
    try folder.write(
      authority.issue(name: "peer", hosts: [], lifetime: .seconds(3600), now: .now + 120).pem, "peer.pem")
    let seen = try folder.openssl("verify", "-CAfile", "ca.pem", "peer.pem")
    #expect(seen.status == 0, "\(seen.output)")
  }
}
