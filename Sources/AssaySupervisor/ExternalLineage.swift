import AssayIdentity
import AssayRPC
import AssayServiceHost

/// A lineage service that is deployed on its own: where it is, and the key that it must prove.
public struct ExternalLineage: Codable, Hashable, Sendable {
  public var address: String
  /// `assay-ed25519:...`
  public var key: String

  /// - Parameter key: the text, or a file that holds it.
  /// - Throws: `SupervisorError` for a key that is none.
  public init(address: String, key: String) throws {
    self.address = address
    do {
      self.key = try PublicIdentity(textOrFile: key).text
    } catch {
      throw SupervisorError(.usage, "--lineage-key: \(error.message)")
    }
  }

  func identity() throws -> PublicIdentity { try PublicIdentity(text: key) }

  /// A client for the run's operator.
  func client(_ keys: KeyRing) throws -> RPCClient {
    do {
      return try ServiceDialing.client(
        address, server: try identity(), as: try keys.key(of: "operator"),
        tls: try keys.certificates.credentials(of: "operator"))
    } catch let error as TransportError {
      throw SupervisorError(.usage, error.message)
    }
  }
}
