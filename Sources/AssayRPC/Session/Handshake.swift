import AssayIdentity
import AssayMessages
import Crypto

/// The key exchange that opens a session, as docs/wire-protocol.md describes it: ephemeral X25519 on both sides, Ed25519
/// signatures over the transcript, HKDF-SHA256. Follows the shape of SIGMA (Krawczyk 2003): sign both ephemerals.
struct Handshake: Sendable {
  let clientNonce: [UInt8]
  let clientEphemeral: [UInt8]
  let handshakeID: [UInt8]
  let serverNonce: [UInt8]
  let serverEphemeral: [UInt8]
  let serverKey: [UInt8]

  private func transcript(domain: String) -> FieldWriter {
    var writer = FieldWriter(domain: domain)
    for field in [clientNonce, clientEphemeral, handshakeID, serverNonce, serverEphemeral, serverKey] {
      writer.append(field)
    }
    return writer
  }

  /// What the server signs.
  var serverProof: [UInt8] { transcript(domain: "assay-rpc-v1 server proof").bytes }

  /// What the client signs.
  func clientProof(clientKey: [UInt8]) -> [UInt8] {
    var writer = transcript(domain: "assay-rpc-v1 client proof")
    writer.append(clientKey)
    return writer.bytes
  }

  func keys(shared: SharedSecret, clientKey: [UInt8]) -> SessionKeys {
    var writer = transcript(domain: "assay-rpc-v1 session")
    writer.append(clientKey)
    func key(_ direction: String) -> SymmetricKey {
      shared.hkdfDerivedSymmetricKey(
        using: SHA256.self, salt: Array(SHA256.hash(data: writer.bytes)),
        sharedInfo: Array("assay-rpc-v1 \(direction)".utf8),
        outputByteCount: 32)
    }
    return SessionKeys(toServer: key("client to server"), toClient: key("server to client"))
  }

  static func random(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    // Eight bytes are one call of the system's.
    return (0..<(count + 7) / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }.prefix(
      count
    )
    .map { $0 }
  }

  /// Nil for points that no honest peer sends.
  static func agree(_ key: Curve25519.KeyAgreement.PrivateKey, with other: [UInt8]) -> SharedSecret? {
    guard let theirs = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: other) else { return nil }
    guard let secret = try? key.sharedSecretFromKeyAgreement(with: theirs) else { return nil }
    // Points of small order give a secret of zeros, which everybody knows; the library lets them pass.
    return secret.withUnsafeBytes({ $0.contains { $0 != 0 } }) ? secret : nil
  }
}
