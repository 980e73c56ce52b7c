import AssayIdentity
import Foundation

/// In-toto Statements v1 (github.com/in-toto/attestation, spec/v1) as they are signed: JSON with sorted keys.
enum StatementJSON {
  static let type = "https://in-toto.io/Statement/v1"

  struct Subject: Codable, Sendable, Hashable {
    var name: String
    var digest: [String: String]
  }

  private struct Wire<Predicate: Codable>: Codable {
    var type: String
    var predicateType: String
    var subject: [Subject]
    var predicate: Predicate

    private enum CodingKeys: String, CodingKey {
      case type = "_type"
      case predicateType, subject, predicate
    }
  }

  static func signed(
    _ predicateType: String, subject: [Subject], predicate: some Codable, with key: IdentityKey
  ) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let wire = Wire(type: type, predicateType: predicateType, subject: subject, predicate: predicate)
    return DSSEEnvelope(signing: [UInt8](try encoder.encode(wire)), with: key).json()
  }

  private struct Header: Decodable {
    var type: String
    var predicateType: String

    private enum CodingKeys: String, CodingKey {
      case type = "_type"
      case predicateType
    }
  }

  static func kind(_ envelope: [UInt8], by key: PublicIdentity) throws(IdentityError) -> String {
    let payload = try DSSEEnvelope(json: envelope).verifiedPayload(by: key)
    guard let header = try? JSONDecoder().decode(Header.self, from: Data(payload)), header.type == type else {
      throw IdentityError(.malformed, "the envelope is signed, but holds no in-toto statement")
    }
    return header.predicateType
  }

  static func verified<Predicate: Codable>(
    _ envelope: [UInt8], _ predicateType: String, by key: PublicIdentity
  ) throws(IdentityError) -> Predicate {
    try verifiedWhole(envelope, predicateType, by: key).predicate
  }

  static func verifiedWhole<Predicate: Codable>(
    _ envelope: [UInt8], _ predicateType: String, by key: PublicIdentity
  ) throws(IdentityError) -> (subject: [Subject], predicate: Predicate) {
    let payload = try DSSEEnvelope(json: envelope).verifiedPayload(by: key)
    guard let wire = try? JSONDecoder().decode(Wire<Predicate>.self, from: Data(payload)), wire.type == type,
      wire.predicateType == predicateType
    else { throw IdentityError(.malformed, "the envelope is signed, but holds no \(predicateType)") }
    return (wire.subject, wire.predicate)
  }
}
