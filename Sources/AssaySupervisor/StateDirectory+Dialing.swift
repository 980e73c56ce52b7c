public import AssayIdentity
public import AssayRPC
import AssayServiceHost

extension StateDirectory {
  /// A client of a service of this run, as its operator.
  ///
  /// - Parameter service: `lineage` or `evaluator`.
  public func operatorClient(of service: String) throws -> RPCClient {
    try client(of: service, as: "operator")
  }

  /// A client of a service of this run, as one of its identities.
  func client(of service: String, as name: String) throws -> RPCClient {
    guard ["lineage", "evaluator"].contains(service) else {
      throw SupervisorError(.usage, "a run has no server '\(service)'; it has: lineage, evaluator.")
    }
    let keys = KeyRing.existing(in: self.keys)
    if service == "evaluator", let external = try RunDescription.load(from: self)?.evaluator {
      return try external.client(keys, as: name)
    }
    if service == "lineage", let external = try RunDescription.load(from: self)?.lineageService {
      return try external.client(keys)
    }
    return try ServiceDialing.client(
      try socketAddress(of: service), serverKey: try keys.publicText(of: service),
      as: try keys.key(of: name))
  }
}

extension StateDirectory {
  /// The public key of the service that keeps this run's record.
  public func lineageIdentity() throws -> PublicIdentity {
    if let external = try RunDescription.load(from: self)?.lineageService { return try external.identity() }
    return try KeyRing.existing(in: keys).key(of: "lineage").publicIdentity
  }
}
