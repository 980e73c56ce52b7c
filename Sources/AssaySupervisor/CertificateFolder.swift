import AssayCertificates
import AssayRPC
import AssayRPCNNG
public import Foundation

/// Certificates of a deployment's identities and the authority that signed them, beside their keys: `ca.pem`, `ca.key`,
/// `ca.crl`, and `NAME.pem` with certificate and private key of each.
public struct CertificateFolder: Sendable {
  let folder: URL

  public init(_ folder: URL) { self.folder = folder }

  /// What was issued, so that it can be revoked.
  private struct Ledger: Codable {
    struct Entry: Codable {
      var name: String
      /// Hexadecimal.
      var serial: String
      var issued: Date
      var revoked: Bool
    }
    var certificates: [Entry] = []
  }

  private var ledgerFile: URL { folder.appending(path: "certificates.json") }
  private var authorityFile: URL { folder.appending(path: "ca.pem") }
  private var authorityKeyFile: URL { folder.appending(path: "ca.key") }
  private var revokedFile: URL { folder.appending(path: "ca.crl") }
  func path(of name: String) -> String { file(of: name).path }
  private func file(of name: String) -> URL {
    folder.appending(path: name.replacing("/", with: "-") + ".pem")
  }

  /// Issues a certificate to an identity; makes the authority first where there is none. Certificates that the name had before
  /// stay good until they expire or are revoked.
  ///
  /// - Parameter hosts: names and addresses at which the identity is called.
  /// - Returns: the files that its owner needs: authority, certificate with key, revocation list.
  public func issue(_ name: String, hosts: [String], lifetime: Duration) throws -> [String] {
    guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._\/-]{0,100}/) != nil, name != "ca" else {
      throw SupervisorError(
        .usage, "'\(name)' is no name of an identity; names look like evaluator, agent/opt or runner/gpu-1.")
    }
    return try wrapping {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let authority = try authority()
      let issued = try authority.issue(name: name, hosts: hosts, lifetime: lifetime)
      var ledger = try ledger()
      ledger.certificates.append(
        .init(name: name, serial: issued.serial.hexadecimal, issued: .now, revoked: false))
      try save(ledger, authority)
      try write(issued.pem, to: file(of: name), secret: true)
      return [authorityFile.path, file(of: name).path, revokedFile.path]
    }
  }

  /// Declares all certificates of an identity void. Services that were given `ca.crl` cut them off within seconds.
  ///
  /// - Returns: how many there were.
  @discardableResult public func revoke(_ name: String) throws -> Int {
    try wrapping {
      var ledger = try ledger()
      let mine = ledger.certificates.indices.filter {
        ledger.certificates[$0].name == name && !ledger.certificates[$0].revoked
      }
      guard !mine.isEmpty else { return 0 }
      for index in mine { ledger.certificates[index].revoked = true }
      try save(ledger, try authority())
      try? FileManager.default.removeItem(at: file(of: name))
      return mine.count
    }
  }

  /// The options with which a process uses an identity's certificate; none when it has none.
  func arguments(of name: String) -> [String] {
    let files = FileManager.default
    guard files.fileExists(atPath: authorityFile.path), files.fileExists(atPath: file(of: name).path) else {
      return []
    }
    let revoked = files.fileExists(atPath: revokedFile.path) ? ["--tls-crl", revokedFile.path] : []
    return ["--tls-ca", authorityFile.path, "--tls-cert", file(of: name).path] + revoked
  }

  /// The same, for a connection of this process.
  func credentials(of name: String) throws -> TLSCredentials? {
    guard !arguments(of: name).isEmpty else { return nil }
    do throws(RPCError) {
      return try TLSCredentials.load(
        authorities: authorityFile.path, certificate: file(of: name).path, revoked: revokedFile.path)
    } catch {
      throw SupervisorError(.unavailable, error.message)
    }
  }

  private func authority() throws -> CertificateAuthority {
    if FileManager.default.fileExists(atPath: authorityKeyFile.path) {
      // ca.pem may hold further authorities after ours: a peer's, of another organisation.
      return try CertificateAuthority(
        certificatePEM: String(contentsOf: authorityFile, encoding: .utf8),
        keyPEM: String(contentsOf: authorityKeyFile, encoding: .utf8))
    }
    let authority = try CertificateAuthority(name: "Assay \(UUID().uuidString.prefix(8))")
    try write(authority.keyPEM, to: authorityKeyFile, secret: true)
    try write(authority.certificatePEM, to: authorityFile, secret: false)
    return authority
  }

  private func ledger() throws -> Ledger {
    guard let data = try? Data(contentsOf: ledgerFile) else { return Ledger() }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return try decoder.decode(Ledger.self, from: data)
  }

  private func save(_ ledger: Ledger, _ authority: CertificateAuthority) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.dateEncodingStrategy = .iso8601
    try encoder.encode(ledger).write(to: ledgerFile, options: .atomic)
    let revoked = ledger.certificates.filter(\.revoked).map { [UInt8](hexadecimal: $0.serial) }
    try write(authority.revocationList(revoked), to: revokedFile, secret: false)
  }

  private func write(_ text: String, to file: URL, secret: Bool) throws {
    let draft = folder.appending(path: ".\(file.lastPathComponent).new")
    guard
      FileManager.default.createFile(
        atPath: draft.path, contents: Data(text.utf8), attributes: [.posixPermissions: secret ? 0o600 : 0o644]
      ),
      rename(draft.path, file.path) == 0
    else { throw SupervisorError(.unavailable, "cannot write \(file.path)") }
  }

  private func wrapping<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as SupervisorError {
      throw error
    } catch {
      throw SupervisorError(.unavailable, "the certificates in \(folder.path): \(error)")
    }
  }
}

extension [UInt8] {
  fileprivate var hexadecimal: String {
    map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  fileprivate init(hexadecimal text: String) {
    let digits = text.compactMap(\.hexDigitValue).map { UInt8($0) }
    self = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
