import Crypto
public import Foundation
import SwiftASN1
import X509

/// Signs the certificates with which the ends of `tls+tcp://` connections prove themselves. Keys are ECDSA on P-256, which the
/// TLS library behind nng knows, and signatures SHA-256 (RFC 5280, RFC 5758).
public struct CertificateAuthority: Sendable {
  private let key: P256.Signing.PrivateKey
  private let certificate: Certificate

  /// How long an authority is good for.
  public static let lifetime: Duration = .seconds(10 * 365 * 86400)

  /// A new authority.
  ///
  /// - Parameter now: when it begins to be good.
  public init(name: String, now: Date = .now) throws(CertificateError) {
    let key = P256.Signing.PrivateKey()
    self.key = key
    certificate = try CertificateError.wrapping {
      let subject = try DistinguishedName { CommonName(name) }
      return try Certificate(
        version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
        notValidBefore: now - CertificateAuthority.skew,
        notValidAfter: now + CertificateAuthority.lifetime.timeInterval,
        issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
        extensions: Certificate.Extensions {
          Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
          Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        }, issuerPrivateKey: .init(key))
    }
  }

  /// An authority that was saved before.
  public init(certificatePEM: String, keyPEM: String) throws(CertificateError) {
    (certificate, key) = try CertificateError.wrapping {
      (try Certificate(pemEncoded: certificatePEM), try P256.Signing.PrivateKey(pemRepresentation: keyPEM))
    }
    guard certificate.publicKey == Certificate.PublicKey(key.publicKey) else {
      throw CertificateError("the authority's key is not that of its certificate")
    }
  }

  public var certificatePEM: String {
    get throws(CertificateError) {
      try CertificateError.wrapping { try certificate.serializeAsPEM().pemString + "\n" }
    }
  }

  public var keyPEM: String { key.pemRepresentation + "\n" }

  /// Issues a certificate for both ends of connections.
  ///
  /// - Parameters:
  ///   - name: the identity that will use it, for people to read.
  ///   - hosts: names and addresses at which clients call its owner.
  ///   - lifetime: how long it is good for, from `now` on.
  public func issue(
    name: String, hosts: [String], lifetime: Duration, now: Date = .now
  ) throws(CertificateError) -> IssuedCertificate {
    let fresh = P256.Signing.PrivateKey()
    let serial = Certificate.SerialNumber()
    // mbed TLS 2.28 compares an address as if it were a name, others want it as an address.
    let names = hosts.flatMap { host in
      [GeneralName.dnsName(host)] + (CertificateAuthority.address(host).map { [.ipAddress($0)] } ?? [])
    }
    let issued = try CertificateError.wrapping {
      try Certificate(
        version: .v3, serialNumber: serial, publicKey: .init(fresh.publicKey),
        notValidBefore: now - CertificateAuthority.skew,
        notValidAfter: now + lifetime.timeInterval, issuer: certificate.subject,
        subject: try DistinguishedName { CommonName(name) }, signatureAlgorithm: .ecdsaWithSHA256,
        extensions: Certificate.Extensions {
          Critical(BasicConstraints.notCertificateAuthority)
          Critical(KeyUsage(digitalSignature: true))
          try ExtendedKeyUsage([.serverAuth, .clientAuth])
          SubjectAlternativeNames(names)
        }, issuerPrivateKey: .init(key)
      ).serializeAsPEM().pemString
    }
    return IssuedCertificate(
      serial: serial.bytes.map { $0 }, pem: issued + "\n" + fresh.pemRepresentation + "\n")
  }

  /// A list of certificates that are good no longer (RFC 5280 section 5), as PEM.
  ///
  /// - Parameter serials: as `IssuedCertificate` has them.
  public func revocationList(_ serials: [[UInt8]], now: Date = .now) throws(CertificateError) -> String {
    let list = RevocationList(
      issuer: certificate.subject, serials: serials, thisUpdate: now - CertificateAuthority.skew,
      nextUpdate: now + CertificateAuthority.lifetime.timeInterval)
    return try CertificateError.wrapping { try list.signed(by: key) }
  }

  /// Clocks differ: what was just issued is good for a peer whose clock is behind.
  private static let skew: TimeInterval = 86_400

  private static func address(_ host: String) -> ASN1OctetString? {
    var four = in_addr()
    if inet_pton(AF_INET, host, &four) == 1 {
      return ASN1OctetString(contentBytes: withUnsafeBytes(of: &four) { ArraySlice($0) })
    }
    var six = in6_addr()
    if inet_pton(AF_INET6, host, &six) == 1 {
      return ASN1OctetString(contentBytes: withUnsafeBytes(of: &six) { ArraySlice($0) })
    }
    return nil
  }
}

extension Duration {
  var timeInterval: TimeInterval { TimeInterval(components.seconds) }
}
