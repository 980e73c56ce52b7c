// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
internal import CAssayProto
internal import CProtobufC

/// Messages of package `assay.rpc.v1`.
public enum RPCV1 {}

extension RPCV1 {
  /// What a caller may be. An identity holds one or more roles.
  public struct Role: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = Role(rawValue: 0)
    public static let agent = Role(rawValue: 1)
    public static let runner = Role(rawValue: 2)
    public static let evaluator = Role(rawValue: 3)
    public static let observer = Role(rawValue: 4)
    public static let `operator` = Role(rawValue: 5)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: Role, name: String)] = [
      (.unspecified, "ROLE_UNSPECIFIED"),
      (.agent, "ROLE_AGENT"),
      (.runner, "ROLE_RUNNER"),
      (.evaluator, "ROLE_EVALUATOR"),
      (.observer, "ROLE_OBSERVER"),
      (.`operator`, "ROLE_OPERATOR"),
    ]
  }

  /// Who may call a method, and whether calling it twice is harmless.
  public struct MethodRule: WireMessage, PackedMessage {
    public var roles: [RPCV1.Role] = []
    public var idempotent: Bool = false
    /// Callable before a session exists. Only the handshake may set it.
    public var anyPeer: Bool = false
    public init() {}
    public static let fullName = "assay.rpc.v1.MethodRule"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__MethodRule
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__MethodRule>) { assay__rpc__v1__method_rule__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__MethodRule>, _ arena_: inout Arena) {
      if !roles.isEmpty {
        let items_ = arena_.array(Assay__Rpc__V1__Role.self, count: roles.count)
        for index_ in roles.indices { items_[index_] = Assay__Rpc__V1__Role(rawValue: .init(truncatingIfNeeded: roles[index_].rawValue)) }
        pointer.pointee.n_roles = roles.count
        pointer.pointee.roles = items_
      }
      pointer.pointee.idempotent = idempotent ? 1 : 0
      pointer.pointee.any_peer = anyPeer ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__MethodRule>) throws(MessageError) {
      let rolesCount_ = try decodeCount(pointer.pointee.n_roles, limit: 100000, field: "roles")
      if rolesCount_ > 0, let items_ = pointer.pointee.roles {
        roles.reserveCapacity(rolesCount_)
        for index_ in 0..<rolesCount_ { roles.append(try RPCV1.Role.decoded(Int32(truncatingIfNeeded: items_[index_].rawValue), field: "roles")) }
      }
      idempotent = pointer.pointee.idempotent != 0
      anyPeer = pointer.pointee.any_peer != 0
    }
  }

  /// Bounds checked after unpacking. 0 means the default: 64 KiB for strings, 4 MiB for bytes, 100000 items.
  public struct FieldRule: WireMessage, PackedMessage {
    public var maxBytes: UInt32 = 0
    public var maxItems: UInt32 = 0
    public init() {}
    public static let fullName = "assay.rpc.v1.FieldRule"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__FieldRule
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__FieldRule>) { assay__rpc__v1__field_rule__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__FieldRule>, _ arena_: inout Arena) {
      pointer.pointee.max_bytes = maxBytes
      pointer.pointee.max_items = maxItems
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__FieldRule>) throws(MessageError) {
      maxBytes = pointer.pointee.max_bytes
      maxItems = pointer.pointee.max_items
    }
  }

  /// `assay.rpc.v1.Metadata`.
  public struct Metadata: WireMessage, PackedMessage {
    public var key: String = ""
    public var value: [UInt8] = []
    public init() {}
    public static let fullName = "assay.rpc.v1.Metadata"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__Metadata
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__Metadata>) { assay__rpc__v1__metadata__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__Metadata>, _ arena_: inout Arena) {
      pointer.pointee.key = arena_.text(key)
      pointer.pointee.value = arena_.blob(value)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__Metadata>) throws(MessageError) {
      key = try decodeText(pointer.pointee.key, limit: 128, field: "key")
      value = try decodeBlob(pointer.pointee.value, limit: 8192, field: "value")
    }
  }

  /// `assay.rpc.v1.RequestEnvelope`.
  public struct RequestEnvelope: WireMessage, PackedMessage {
    public var protocolVersion: UInt32 = 0
    /// "/assay.lineage.v1.LineageService/GetRun"
    public var method: String = ""
    /// 16 random bytes, the same for all attempts of a call.
    public var callId: [UInt8] = []
    /// 1 for the first attempt.
    public var attempt: UInt32 = 0
    /// What is left of the call's deadline.
    public var timeoutMs: UInt64 = 0
    public var idempotencyKey: String = ""
    public var metadata: [RPCV1.Metadata] = []
    public var payload: [UInt8] = []
    /// Empty only for the handshake.
    public var sessionId: [UInt8] = []
    /// Rises with every message of a session; a number is accepted once.
    public var counter: UInt64 = 0
    public var mac: [UInt8] = []
    public init() {}
    public static let fullName = "assay.rpc.v1.RequestEnvelope"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__RequestEnvelope
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__RequestEnvelope>) { assay__rpc__v1__request_envelope__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__RequestEnvelope>, _ arena_: inout Arena) {
      pointer.pointee.protocol_version = protocolVersion
      pointer.pointee.method = arena_.text(method)
      pointer.pointee.call_id = arena_.blob(callId)
      pointer.pointee.attempt = attempt
      pointer.pointee.timeout_ms = timeoutMs
      pointer.pointee.idempotency_key = arena_.text(idempotencyKey)
      if !metadata.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Rpc__V1__Metadata>?.self, count: metadata.count)
        for index_ in metadata.indices { items_[index_] = arena_.message(metadata[index_]) }
        pointer.pointee.n_metadata = metadata.count
        pointer.pointee.metadata = items_
      }
      pointer.pointee.payload = arena_.blob(payload)
      pointer.pointee.session_id = arena_.blob(sessionId)
      pointer.pointee.counter = counter
      pointer.pointee.mac = arena_.blob(mac)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__RequestEnvelope>) throws(MessageError) {
      protocolVersion = pointer.pointee.protocol_version
      method = try decodeText(pointer.pointee.method, limit: 256, field: "method")
      callId = try decodeBlob(pointer.pointee.call_id, limit: 16, field: "call_id")
      attempt = pointer.pointee.attempt
      timeoutMs = pointer.pointee.timeout_ms
      idempotencyKey = try decodeText(pointer.pointee.idempotency_key, limit: 256, field: "idempotency_key")
      let metadataCount_ = try decodeCount(pointer.pointee.n_metadata, limit: 64, field: "metadata")
      if metadataCount_ > 0, let items_ = pointer.pointee.metadata {
        metadata.reserveCapacity(metadataCount_)
        for index_ in 0..<metadataCount_ { metadata.append(try decodeMessage(items_[index_], field: "metadata")) }
      }
      payload = try decodeBlob(pointer.pointee.payload, limit: 16777216, field: "payload")
      sessionId = try decodeBlob(pointer.pointee.session_id, limit: 16, field: "session_id")
      counter = pointer.pointee.counter
      mac = try decodeBlob(pointer.pointee.mac, limit: 32, field: "mac")
    }
  }

  /// `assay.rpc.v1.Status`.
  public struct Status: WireMessage, PackedMessage {
    /// Canonical code, 0 to 16.
    public var code: UInt32 = 0
    /// UPPER_SNAKE_CASE and stable; empty when the code says it all.
    public var reason: String = ""
    public var message: String = ""
    public init() {}
    public static let fullName = "assay.rpc.v1.Status"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__Status
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__Status>) { assay__rpc__v1__status__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__Status>, _ arena_: inout Arena) {
      pointer.pointee.code = code
      pointer.pointee.reason = arena_.text(reason)
      pointer.pointee.message = arena_.text(message)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__Status>) throws(MessageError) {
      code = pointer.pointee.code
      reason = try decodeText(pointer.pointee.reason, limit: 64, field: "reason")
      message = try decodeText(pointer.pointee.message, limit: 8192, field: "message")
    }
  }

  /// `assay.rpc.v1.ResponseEnvelope`.
  public struct ResponseEnvelope: WireMessage, PackedMessage {
    public var protocolVersion: UInt32 = 0
    public var callId: [UInt8] = []
    public var status: RPCV1.Status?
    public var metadata: [RPCV1.Metadata] = []
    public var payload: [UInt8] = []
    /// The request's counter, which the MAC binds the answer to.
    public var counter: UInt64 = 0
    public var mac: [UInt8] = []
    public init() {}
    public static let fullName = "assay.rpc.v1.ResponseEnvelope"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__ResponseEnvelope
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__ResponseEnvelope>) { assay__rpc__v1__response_envelope__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__ResponseEnvelope>, _ arena_: inout Arena) {
      pointer.pointee.protocol_version = protocolVersion
      pointer.pointee.call_id = arena_.blob(callId)
      if let value_ = status { pointer.pointee.status = arena_.message(value_) }
      if !metadata.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Rpc__V1__Metadata>?.self, count: metadata.count)
        for index_ in metadata.indices { items_[index_] = arena_.message(metadata[index_]) }
        pointer.pointee.n_metadata = metadata.count
        pointer.pointee.metadata = items_
      }
      pointer.pointee.payload = arena_.blob(payload)
      pointer.pointee.counter = counter
      pointer.pointee.mac = arena_.blob(mac)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__ResponseEnvelope>) throws(MessageError) {
      protocolVersion = pointer.pointee.protocol_version
      callId = try decodeBlob(pointer.pointee.call_id, limit: 16, field: "call_id")
      if let value_ = pointer.pointee.status { status = try decodeMessage(value_, field: "status") }
      let metadataCount_ = try decodeCount(pointer.pointee.n_metadata, limit: 64, field: "metadata")
      if metadataCount_ > 0, let items_ = pointer.pointee.metadata {
        metadata.reserveCapacity(metadataCount_)
        for index_ in 0..<metadataCount_ { metadata.append(try decodeMessage(items_[index_], field: "metadata")) }
      }
      payload = try decodeBlob(pointer.pointee.payload, limit: 16777216, field: "payload")
      counter = pointer.pointee.counter
      mac = try decodeBlob(pointer.pointee.mac, limit: 32, field: "mac")
    }
  }

  public struct ServingState: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = ServingState(rawValue: 0)
    public static let serving = ServingState(rawValue: 1)
    /// Draining, or not ready yet.
    public static let notServing = ServingState(rawValue: 2)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: ServingState, name: String)] = [
      (.unspecified, "SERVING_STATE_UNSPECIFIED"),
      (.serving, "SERVING_STATE_SERVING"),
      (.notServing, "SERVING_STATE_NOT_SERVING"),
    ]
  }

  /// `assay.rpc.v1.CheckHealthRequest`.
  public struct CheckHealthRequest: WireMessage, PackedMessage {
    public var service: String = ""
    public init() {}
    public static let fullName = "assay.rpc.v1.CheckHealthRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__CheckHealthRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__CheckHealthRequest>) { assay__rpc__v1__check_health_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__CheckHealthRequest>, _ arena_: inout Arena) {
      pointer.pointee.service = arena_.text(service)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__CheckHealthRequest>) throws(MessageError) {
      service = try decodeText(pointer.pointee.service, limit: 128, field: "service")
    }
  }

  /// `assay.rpc.v1.CheckHealthResponse`.
  public struct CheckHealthResponse: WireMessage, PackedMessage {
    public var state: RPCV1.ServingState = .unspecified
    public init() {}
    public static let fullName = "assay.rpc.v1.CheckHealthResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__CheckHealthResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__CheckHealthResponse>) { assay__rpc__v1__check_health_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__CheckHealthResponse>, _ arena_: inout Arena) {
      pointer.pointee.state = Assay__Rpc__V1__ServingState(rawValue: .init(truncatingIfNeeded: state.rawValue))
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__CheckHealthResponse>) throws(MessageError) {
      state = try RPCV1.ServingState.decoded(Int32(truncatingIfNeeded: pointer.pointee.state.rawValue), field: "state")
    }
  }

  /// `assay.rpc.v1.WatchHealthRequest`.
  public struct WatchHealthRequest: WireMessage, PackedMessage {
    public var service: String = ""
    public init() {}
    public static let fullName = "assay.rpc.v1.WatchHealthRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__WatchHealthRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__WatchHealthRequest>) { assay__rpc__v1__watch_health_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__WatchHealthRequest>, _ arena_: inout Arena) {
      pointer.pointee.service = arena_.text(service)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__WatchHealthRequest>) throws(MessageError) {
      service = try decodeText(pointer.pointee.service, limit: 128, field: "service")
    }
  }

  /// `assay.rpc.v1.WatchHealthResponse`.
  public struct WatchHealthResponse: WireMessage, PackedMessage {
    public var state: RPCV1.ServingState = .unspecified
    public init() {}
    public static let fullName = "assay.rpc.v1.WatchHealthResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__WatchHealthResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__WatchHealthResponse>) { assay__rpc__v1__watch_health_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__WatchHealthResponse>, _ arena_: inout Arena) {
      pointer.pointee.state = Assay__Rpc__V1__ServingState(rawValue: .init(truncatingIfNeeded: state.rawValue))
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__WatchHealthResponse>) throws(MessageError) {
      state = try RPCV1.ServingState.decoded(Int32(truncatingIfNeeded: pointer.pointee.state.rawValue), field: "state")
    }
  }

  /// `assay.rpc.v1.GetDescriptorSetRequest`.
  public struct GetDescriptorSetRequest: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.rpc.v1.GetDescriptorSetRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__GetDescriptorSetRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__GetDescriptorSetRequest>) { assay__rpc__v1__get_descriptor_set_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__GetDescriptorSetRequest>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__GetDescriptorSetRequest>) throws(MessageError) {
    }
  }

  /// `assay.rpc.v1.GetDescriptorSetResponse`.
  public struct GetDescriptorSetResponse: WireMessage, PackedMessage {
    /// A serialized google.protobuf.FileDescriptorSet, imports included.
    public var descriptorSet: [UInt8] = []
    public init() {}
    public static let fullName = "assay.rpc.v1.GetDescriptorSetResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__GetDescriptorSetResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__GetDescriptorSetResponse>) { assay__rpc__v1__get_descriptor_set_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__GetDescriptorSetResponse>, _ arena_: inout Arena) {
      pointer.pointee.descriptor_set = arena_.blob(descriptorSet)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__GetDescriptorSetResponse>) throws(MessageError) {
      descriptorSet = try decodeBlob(pointer.pointee.descriptor_set, limit: 4194304, field: "descriptor_set")
    }
  }

  /// `assay.rpc.v1.GetServerInfoRequest`.
  public struct GetServerInfoRequest: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.rpc.v1.GetServerInfoRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__GetServerInfoRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__GetServerInfoRequest>) { assay__rpc__v1__get_server_info_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__GetServerInfoRequest>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__GetServerInfoRequest>) throws(MessageError) {
    }
  }

  /// `assay.rpc.v1.GetServerInfoResponse`.
  public struct GetServerInfoResponse: WireMessage, PackedMessage {
    public var name: String = ""
    public var version: String = ""
    public var protocolVersion: UInt32 = 0
    public var maxMessageBytes: UInt64 = 0
    public var maxConcurrentCalls: UInt32 = 0
    public var services: [String] = []
    /// SHA-256 of the descriptor set, in hexadecimal: equal digests speak the same schema.
    public var descriptorSetSha256: String = ""
    public init() {}
    public static let fullName = "assay.rpc.v1.GetServerInfoResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__GetServerInfoResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__GetServerInfoResponse>) { assay__rpc__v1__get_server_info_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__GetServerInfoResponse>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.version = arena_.text(version)
      pointer.pointee.protocol_version = protocolVersion
      pointer.pointee.max_message_bytes = maxMessageBytes
      pointer.pointee.max_concurrent_calls = maxConcurrentCalls
      if !services.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: services.count)
        for index_ in services.indices { items_[index_] = arena_.text(services[index_]) }
        pointer.pointee.n_services = services.count
        pointer.pointee.services = items_
      }
      pointer.pointee.descriptor_set_sha256 = arena_.text(descriptorSetSha256)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__GetServerInfoResponse>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 128, field: "name")
      version = try decodeText(pointer.pointee.version, limit: 64, field: "version")
      protocolVersion = pointer.pointee.protocol_version
      maxMessageBytes = pointer.pointee.max_message_bytes
      maxConcurrentCalls = pointer.pointee.max_concurrent_calls
      let servicesCount_ = try decodeCount(pointer.pointee.n_services, limit: 256, field: "services")
      if servicesCount_ > 0, let items_ = pointer.pointee.services {
        services.reserveCapacity(servicesCount_)
        for index_ in 0..<servicesCount_ { services.append(try decodeText(items_[index_], limit: 65536, field: "services")) }
      }
      descriptorSetSha256 = try decodeText(pointer.pointee.descriptor_set_sha256, limit: 64, field: "descriptor_set_sha256")
    }
  }

  /// `assay.rpc.v1.CancelCallRequest`.
  public struct CancelCallRequest: WireMessage, PackedMessage {
    public var callId: [UInt8] = []
    public init() {}
    public static let fullName = "assay.rpc.v1.CancelCallRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__CancelCallRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__CancelCallRequest>) { assay__rpc__v1__cancel_call_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__CancelCallRequest>, _ arena_: inout Arena) {
      pointer.pointee.call_id = arena_.blob(callId)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__CancelCallRequest>) throws(MessageError) {
      callId = try decodeBlob(pointer.pointee.call_id, limit: 16, field: "call_id")
    }
  }

  /// `assay.rpc.v1.CancelCallResponse`.
  public struct CancelCallResponse: WireMessage, PackedMessage {
    /// Whether the call was still running.
    public var cancelled: Bool = false
    public init() {}
    public static let fullName = "assay.rpc.v1.CancelCallResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__CancelCallResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__CancelCallResponse>) { assay__rpc__v1__cancel_call_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__CancelCallResponse>, _ arena_: inout Arena) {
      pointer.pointee.cancelled = cancelled ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__CancelCallResponse>) throws(MessageError) {
      cancelled = pointer.pointee.cancelled != 0
    }
  }

  /// `assay.rpc.v1.BeginRequest`.
  public struct BeginRequest: WireMessage, PackedMessage {
    public var clientNonce: [UInt8] = []
    /// X25519 public key.
    public var clientEphemeral: [UInt8] = []
    public init() {}
    public static let fullName = "assay.rpc.v1.BeginRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__BeginRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__BeginRequest>) { assay__rpc__v1__begin_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__BeginRequest>, _ arena_: inout Arena) {
      pointer.pointee.client_nonce = arena_.blob(clientNonce)
      pointer.pointee.client_ephemeral = arena_.blob(clientEphemeral)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__BeginRequest>) throws(MessageError) {
      clientNonce = try decodeBlob(pointer.pointee.client_nonce, limit: 32, field: "client_nonce")
      clientEphemeral = try decodeBlob(pointer.pointee.client_ephemeral, limit: 32, field: "client_ephemeral")
    }
  }

  /// `assay.rpc.v1.BeginResponse`.
  public struct BeginResponse: WireMessage, PackedMessage {
    public var handshakeId: [UInt8] = []
    public var serverNonce: [UInt8] = []
    public var serverEphemeral: [UInt8] = []
    /// Ed25519 public key of the server.
    public var serverKey: [UInt8] = []
    /// Over the transcript so far, see docs/wire-protocol.md.
    public var serverSignature: [UInt8] = []
    public init() {}
    public static let fullName = "assay.rpc.v1.BeginResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__BeginResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__BeginResponse>) { assay__rpc__v1__begin_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__BeginResponse>, _ arena_: inout Arena) {
      pointer.pointee.handshake_id = arena_.blob(handshakeId)
      pointer.pointee.server_nonce = arena_.blob(serverNonce)
      pointer.pointee.server_ephemeral = arena_.blob(serverEphemeral)
      pointer.pointee.server_key = arena_.blob(serverKey)
      pointer.pointee.server_signature = arena_.blob(serverSignature)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__BeginResponse>) throws(MessageError) {
      handshakeId = try decodeBlob(pointer.pointee.handshake_id, limit: 16, field: "handshake_id")
      serverNonce = try decodeBlob(pointer.pointee.server_nonce, limit: 32, field: "server_nonce")
      serverEphemeral = try decodeBlob(pointer.pointee.server_ephemeral, limit: 32, field: "server_ephemeral")
      serverKey = try decodeBlob(pointer.pointee.server_key, limit: 32, field: "server_key")
      serverSignature = try decodeBlob(pointer.pointee.server_signature, limit: 64, field: "server_signature")
    }
  }

  /// `assay.rpc.v1.FinishRequest`.
  public struct FinishRequest: WireMessage, PackedMessage {
    public var handshakeId: [UInt8] = []
    /// Ed25519 public key of the client.
    public var clientKey: [UInt8] = []
    public var clientSignature: [UInt8] = []
    public init() {}
    public static let fullName = "assay.rpc.v1.FinishRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__FinishRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__FinishRequest>) { assay__rpc__v1__finish_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__FinishRequest>, _ arena_: inout Arena) {
      pointer.pointee.handshake_id = arena_.blob(handshakeId)
      pointer.pointee.client_key = arena_.blob(clientKey)
      pointer.pointee.client_signature = arena_.blob(clientSignature)
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__FinishRequest>) throws(MessageError) {
      handshakeId = try decodeBlob(pointer.pointee.handshake_id, limit: 16, field: "handshake_id")
      clientKey = try decodeBlob(pointer.pointee.client_key, limit: 32, field: "client_key")
      clientSignature = try decodeBlob(pointer.pointee.client_signature, limit: 64, field: "client_signature")
    }
  }

  /// `assay.rpc.v1.FinishResponse`.
  public struct FinishResponse: WireMessage, PackedMessage {
    public var sessionId: [UInt8] = []
    public var lifetimeMs: UInt64 = 0
    public init() {}
    public static let fullName = "assay.rpc.v1.FinishResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__FinishResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__FinishResponse>) { assay__rpc__v1__finish_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__FinishResponse>, _ arena_: inout Arena) {
      pointer.pointee.session_id = arena_.blob(sessionId)
      pointer.pointee.lifetime_ms = lifetimeMs
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__FinishResponse>) throws(MessageError) {
      sessionId = try decodeBlob(pointer.pointee.session_id, limit: 16, field: "session_id")
      lifetimeMs = pointer.pointee.lifetime_ms
    }
  }

  /// The payload of a request. The server keeps nothing between pulls: a stream goes on wherever its caller says.
  public struct StreamPull: WireMessage, PackedMessage {
    /// The method's own request, the same for every pull of a stream.
    public var request: [UInt8] = []
    /// Messages with a higher number are asked for; 0 begins.
    public var afterSequence: UInt64 = 0
    /// At most this many; 0 means 1000, more than 10000 means 10000.
    public var maxMessages: UInt32 = 0
    /// Stop before the batch's messages have more bytes; 0 means 1 MiB, at most 4 MiB. One message is always sent.
    public var maxBytes: UInt32 = 0
    /// How long to wait for a first message, at most 30000.
    public var waitMs: UInt32 = 0
    public init() {}
    public static let fullName = "assay.rpc.v1.StreamPull"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__StreamPull
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__StreamPull>) { assay__rpc__v1__stream_pull__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__StreamPull>, _ arena_: inout Arena) {
      pointer.pointee.request = arena_.blob(request)
      pointer.pointee.after_sequence = afterSequence
      pointer.pointee.max_messages = maxMessages
      pointer.pointee.max_bytes = maxBytes
      pointer.pointee.wait_ms = waitMs
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__StreamPull>) throws(MessageError) {
      request = try decodeBlob(pointer.pointee.request, limit: 4194304, field: "request")
      afterSequence = pointer.pointee.after_sequence
      maxMessages = pointer.pointee.max_messages
      maxBytes = pointer.pointee.max_bytes
      waitMs = pointer.pointee.wait_ms
    }
  }

  /// The payload of an answer. An empty batch without `end` says that nothing happened in the time waited.
  public struct StreamBatch: WireMessage, PackedMessage {
    public var messages: [[UInt8]] = []
    /// One for each message, rising.
    public var sequences: [UInt64] = []
    /// No message will follow.
    public var end: Bool = false
    public init() {}
    public static let fullName = "assay.rpc.v1.StreamBatch"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Rpc__V1__StreamBatch
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__StreamBatch>) { assay__rpc__v1__stream_batch__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Rpc__V1__StreamBatch>, _ arena_: inout Arena) {
      if !messages.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: messages.count)
        for index_ in messages.indices { items_[index_] = arena_.blob(messages[index_]) }
        pointer.pointee.n_messages = messages.count
        pointer.pointee.messages = items_
      }
      if !sequences.isEmpty {
        let items_ = arena_.array(UInt64.self, count: sequences.count)
        for index_ in sequences.indices { items_[index_] = sequences[index_] }
        pointer.pointee.n_sequences = sequences.count
        pointer.pointee.sequences = items_
      }
      pointer.pointee.end = end ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Rpc__V1__StreamBatch>) throws(MessageError) {
      let messagesCount_ = try decodeCount(pointer.pointee.n_messages, limit: 10000, field: "messages")
      if messagesCount_ > 0, let items_ = pointer.pointee.messages {
        messages.reserveCapacity(messagesCount_)
        for index_ in 0..<messagesCount_ { messages.append(try decodeBlob(items_[index_], limit: 8388608, field: "messages")) }
      }
      let sequencesCount_ = try decodeCount(pointer.pointee.n_sequences, limit: 10000, field: "sequences")
      if sequencesCount_ > 0, let items_ = pointer.pointee.sequences {
        sequences.reserveCapacity(sequencesCount_)
        for index_ in 0..<sequencesCount_ { sequences.append(items_[index_]) }
      }
      end = pointer.pointee.end != 0
    }
  }

}
