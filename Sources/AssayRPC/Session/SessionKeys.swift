import AssayMessages
import Crypto

/// The two keys of a session, one a direction, and the MACs made with them (HMAC-SHA256).
struct SessionKeys: Sendable {
  /// Keyed once: copies go on from there.
  private let toServer: HMAC<SHA256>
  private let toClient: HMAC<SHA256>

  init(toServer: SymmetricKey, toClient: SymmetricKey) {
    self.toServer = HMAC(key: toServer)
    self.toClient = HMAC(key: toClient)
  }

  func seal(_ request: inout RPCV1.RequestEnvelope) {
    request.mac = Self.code(toServer, Self.header(of: request), request.payload)
  }

  func isAuthentic(_ request: RPCV1.RequestEnvelope) -> Bool {
    Self.isValid(request.mac, toServer, Self.header(of: request), request.payload)
  }

  func seal(_ response: inout RPCV1.ResponseEnvelope) {
    response.mac = Self.code(toClient, Self.header(of: response), response.payload)
  }

  func isAuthentic(_ response: RPCV1.ResponseEnvelope) -> Bool {
    Self.isValid(response.mac, toClient, Self.header(of: response), response.payload)
  }

  private static func header(of request: RPCV1.RequestEnvelope) -> [UInt8] {
    var writer = FieldWriter(domain: "assay-rpc-v1 request")
    writer.append(UInt64(request.protocolVersion))
    writer.append(request.sessionId)
    writer.append(request.counter)
    writer.append(request.method)
    writer.append(request.callId)
    writer.append(UInt64(request.attempt))
    writer.append(request.timeoutMs)
    writer.append(request.idempotencyKey)
    append(request.metadata, to: &writer)
    writer.append(UInt64(request.payload.count))
    return writer.bytes
  }

  private static func header(of response: RPCV1.ResponseEnvelope) -> [UInt8] {
    var writer = FieldWriter(domain: "assay-rpc-v1 response")
    writer.append(UInt64(response.protocolVersion))
    writer.append(response.callId)
    writer.append(response.counter)
    writer.append(UInt64(response.status?.code ?? 0))
    writer.append(response.status?.reason ?? "")
    writer.append(response.status?.message ?? "")
    append(response.metadata, to: &writer)
    writer.append(UInt64(response.payload.count))
    return writer.bytes
  }

  private static func append(_ metadata: [RPCV1.Metadata], to writer: inout FieldWriter) {
    writer.append(UInt64(metadata.count))
    for entry in metadata {
      writer.append(entry.key)
      writer.append(entry.value)
    }
  }

  private static func code(_ keyed: HMAC<SHA256>, _ header: [UInt8], _ payload: [UInt8]) -> [UInt8] {
    var code = keyed
    code.update(data: header)
    code.update(data: payload)
    return Array(code.finalize())
  }

  private static func isValid(_ mac: [UInt8], _ keyed: HMAC<SHA256>, _ header: [UInt8], _ payload: [UInt8])
    -> Bool
  {
    let expected = code(keyed, header, payload)
    guard mac.count == expected.count else { return false }
    // Every byte is looked at, so that the time taken tells nothing.
    return zip(mac, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
