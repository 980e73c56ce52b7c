import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate revocation list, version 2, signed with ECDSA and SHA-256 (RFC 5280 section 5).
struct RevocationList: Sendable {
  let issuer: DistinguishedName
  let serials: [[UInt8]]
  let thisUpdate: Date
  let nextUpdate: Date

  private static let ecdsaWithSHA256: ASN1ObjectIdentifier = [1, 2, 840, 10045, 4, 3, 2]

  func signed(by key: P256.Signing.PrivateKey) throws -> String {
    var toBeSigned = DER.Serializer()
    try write(to: &toBeSigned)
    let body = toBeSigned.serializedBytes
    let signature = try key.signature(for: body).derRepresentation
    var list = DER.Serializer()
    try list.appendConstructedNode(identifier: .sequence) { list in
      try list.serialize(DER.parse(body))
      try Self.writeAlgorithm(to: &list)
      try list.serialize(ASN1BitString(bytes: ArraySlice(signature)))
    }
    return PEMDocument(type: "X509 CRL", derBytes: list.serializedBytes).pemString + "\n"
  }

  private func write(to list: inout DER.Serializer) throws {
    try list.appendConstructedNode(identifier: .sequence) { list in
      try list.serialize(1)
      try Self.writeAlgorithm(to: &list)
      try list.serialize(issuer)
      try list.serialize(Self.time(thisUpdate))
      try list.serialize(Self.time(nextUpdate))
      guard !serials.isEmpty else { return }
      try list.appendConstructedNode(identifier: .sequence) { list in
        for serial in serials {
          try list.appendConstructedNode(identifier: .sequence) { entry in
            try entry.serialize(ArraySlice(serial))
            try entry.serialize(Self.time(thisUpdate))
          }
        }
      }
    }
  }

  private static func writeAlgorithm(to list: inout DER.Serializer) throws {
    try list.appendConstructedNode(identifier: .sequence) { try $0.serialize(ecdsaWithSHA256) }
  }

  private static func time(_ date: Date) throws -> UTCTime {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    return try UTCTime(
      year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0, hours: parts.hour ?? 0,
      minutes: parts.minute ?? 0, seconds: parts.second ?? 0)
  }
}
