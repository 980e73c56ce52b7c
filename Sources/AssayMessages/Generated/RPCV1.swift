// Generated from proto/ by tools/protos.sh. Do not edit.
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

}
