// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
internal import CAssayProto
internal import CProtobufC

/// Messages of package `assay.operation.v1`.
public enum OperationV1 {}

extension OperationV1 {
  /// `assay.operation.v1.CreateBackupRequest`.
  public struct CreateBackupRequest: WireMessage, PackedMessage {
    /// Letters, digits, dots, dashes and underscores; must be new.
    public var name: String = ""
    public init() {}
    public static let fullName = "assay.operation.v1.CreateBackupRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Operation__V1__CreateBackupRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__CreateBackupRequest>) { assay__operation__v1__create_backup_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__CreateBackupRequest>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
    }
    init(_ pointer: UnsafePointer<Assay__Operation__V1__CreateBackupRequest>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 64, field: "name")
    }
  }

  /// `assay.operation.v1.CreateBackupResponse`.
  public struct CreateBackupResponse: WireMessage, PackedMessage {
    /// The folder on the service's host.
    public var folder: String = ""
    public var files: UInt32 = 0
    public var bytes: UInt64 = 0
    /// SHA-256 of its manifest, in hexadecimal.
    public var manifestSha256: String = ""
    public init() {}
    public static let fullName = "assay.operation.v1.CreateBackupResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Operation__V1__CreateBackupResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__CreateBackupResponse>) { assay__operation__v1__create_backup_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__CreateBackupResponse>, _ arena_: inout Arena) {
      pointer.pointee.folder = arena_.text(folder)
      pointer.pointee.files = files
      pointer.pointee.bytes = bytes
      pointer.pointee.manifest_sha256 = arena_.text(manifestSha256)
    }
    init(_ pointer: UnsafePointer<Assay__Operation__V1__CreateBackupResponse>) throws(MessageError) {
      folder = try decodeText(pointer.pointee.folder, limit: 4096, field: "folder")
      files = pointer.pointee.files
      bytes = pointer.pointee.bytes
      manifestSha256 = try decodeText(pointer.pointee.manifest_sha256, limit: 64, field: "manifest_sha256")
    }
  }

  /// `assay.operation.v1.HoldRecordRequest`.
  public struct HoldRecordRequest: WireMessage, PackedMessage {
    /// At most 60000.
    public var holdMs: UInt32 = 0
    public init() {}
    public static let fullName = "assay.operation.v1.HoldRecordRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Operation__V1__HoldRecordRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__HoldRecordRequest>) { assay__operation__v1__hold_record_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__HoldRecordRequest>, _ arena_: inout Arena) {
      pointer.pointee.hold_ms = holdMs
    }
    init(_ pointer: UnsafePointer<Assay__Operation__V1__HoldRecordRequest>) throws(MessageError) {
      holdMs = pointer.pointee.hold_ms
    }
  }

  /// `assay.operation.v1.HoldRecordResponse`.
  public struct HoldRecordResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.operation.v1.HoldRecordResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Operation__V1__HoldRecordResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__HoldRecordResponse>) { assay__operation__v1__hold_record_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__HoldRecordResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Operation__V1__HoldRecordResponse>) throws(MessageError) {
    }
  }

  /// `assay.operation.v1.ReleaseRecordRequest`.
  public struct ReleaseRecordRequest: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.operation.v1.ReleaseRecordRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Operation__V1__ReleaseRecordRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__ReleaseRecordRequest>) { assay__operation__v1__release_record_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__ReleaseRecordRequest>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Operation__V1__ReleaseRecordRequest>) throws(MessageError) {
    }
  }

  /// `assay.operation.v1.ReleaseRecordResponse`.
  public struct ReleaseRecordResponse: WireMessage, PackedMessage {
    /// Whether the hold was in force until now; false when its time was over before.
    public var held: Bool = false
    public init() {}
    public static let fullName = "assay.operation.v1.ReleaseRecordResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Operation__V1__ReleaseRecordResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__ReleaseRecordResponse>) { assay__operation__v1__release_record_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__ReleaseRecordResponse>, _ arena_: inout Arena) {
      pointer.pointee.held = held ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Operation__V1__ReleaseRecordResponse>) throws(MessageError) {
      held = pointer.pointee.held != 0
    }
  }

  /// `assay.operation.v1.CollectGarbageRequest`.
  public struct CollectGarbageRequest: WireMessage, PackedMessage {
    /// Only say what would go.
    public var dryRun: Bool = false
    /// Keep what is younger; 0 means an hour.
    public var youngerThanMs: UInt64 = 0
    public init() {}
    public static let fullName = "assay.operation.v1.CollectGarbageRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Operation__V1__CollectGarbageRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__CollectGarbageRequest>) { assay__operation__v1__collect_garbage_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__CollectGarbageRequest>, _ arena_: inout Arena) {
      pointer.pointee.dry_run = dryRun ? 1 : 0
      pointer.pointee.younger_than_ms = youngerThanMs
    }
    init(_ pointer: UnsafePointer<Assay__Operation__V1__CollectGarbageRequest>) throws(MessageError) {
      dryRun = pointer.pointee.dry_run != 0
      youngerThanMs = pointer.pointee.younger_than_ms
    }
  }

  /// `assay.operation.v1.CollectGarbageResponse`.
  public struct CollectGarbageResponse: WireMessage, PackedMessage {
    public var kept: UInt64 = 0
    public var keptBytes: UInt64 = 0
    public var removed: UInt64 = 0
    public var removedBytes: UInt64 = 0
    public init() {}
    public static let fullName = "assay.operation.v1.CollectGarbageResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Operation__V1__CollectGarbageResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__CollectGarbageResponse>) { assay__operation__v1__collect_garbage_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Operation__V1__CollectGarbageResponse>, _ arena_: inout Arena) {
      pointer.pointee.kept = kept
      pointer.pointee.kept_bytes = keptBytes
      pointer.pointee.removed = removed
      pointer.pointee.removed_bytes = removedBytes
    }
    init(_ pointer: UnsafePointer<Assay__Operation__V1__CollectGarbageResponse>) throws(MessageError) {
      kept = pointer.pointee.kept
      keptBytes = pointer.pointee.kept_bytes
      removed = pointer.pointee.removed
      removedBytes = pointer.pointee.removed_bytes
    }
  }

}
