// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
internal import CAssayProto
internal import CProtobufC

/// Messages of package `assay.conformance.v1`.
public enum ConformanceV1 {}

extension ConformanceV1 {
  public struct Shade: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = Shade(rawValue: 0)
    public static let light = Shade(rawValue: 1)
    public static let dark = Shade(rawValue: 2)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: Shade, name: String)] = [
      (.unspecified, "SHADE_UNSPECIFIED"),
      (.light, "SHADE_LIGHT"),
      (.dark, "SHADE_DARK"),
    ]
  }

  /// `assay.conformance.v1.Leaf`.
  public struct Leaf: WireMessage, PackedMessage {
    public var text: String = ""
    public var number: Int64 = 0
    public init() {}
    public static let fullName = "assay.conformance.v1.Leaf"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__Leaf
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__Leaf>) { assay__conformance__v1__leaf__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__Leaf>, _ arena_: inout Arena) {
      pointer.pointee.text = arena_.text(text)
      pointer.pointee.number = number
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__Leaf>) throws(MessageError) {
      text = try decodeText(pointer.pointee.text, limit: 65536, field: "text")
      number = pointer.pointee.number
    }
  }

  /// `assay.conformance.v1.Everything`.
  public struct Everything: WireMessage, PackedMessage {
    public struct Inner: WireEnum {
      public var rawValue: Int32
      public init(rawValue: Int32) { self.rawValue = rawValue }
      public static let unspecified = Inner(rawValue: 0)
      public static let one = Inner(rawValue: 1)
      /// Every declared value with its name in the .proto.
      public static let declared: [(value: Inner, name: String)] = [
        (.unspecified, "INNER_UNSPECIFIED"),
        (.one, "INNER_ONE"),
      ]
    }

    /// `assay.conformance.v1.Everything.Branch`.
    public struct Branch: WireMessage, PackedMessage {
      public var leaf: ConformanceV1.Leaf?
      public var leaves: [ConformanceV1.Leaf] = []
      public var inner: ConformanceV1.Everything.Inner = .unspecified
      public init() {}
      public static let fullName = "assay.conformance.v1.Everything.Branch"
      public func serialized() -> [UInt8] { packed() }
      public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
        self = try Self.unpacked(bytes)
      }
      typealias CStruct = Assay__Conformance__V1__Everything__Branch
      static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__Everything__Branch>) { assay__conformance__v1__everything__branch__init(pointer) }
      func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__Everything__Branch>, _ arena_: inout Arena) {
        if let value_ = leaf { pointer.pointee.leaf = arena_.message(value_) }
        if !leaves.isEmpty {
          let items_ = arena_.array(UnsafeMutablePointer<Assay__Conformance__V1__Leaf>?.self, count: leaves.count)
          for index_ in leaves.indices { items_[index_] = arena_.message(leaves[index_]) }
          pointer.pointee.n_leaves = leaves.count
          pointer.pointee.leaves = items_
        }
        pointer.pointee.inner = Assay__Conformance__V1__Everything__Inner(rawValue: .init(truncatingIfNeeded: inner.rawValue))
      }
      init(_ pointer: UnsafePointer<Assay__Conformance__V1__Everything__Branch>) throws(MessageError) {
        if let value_ = pointer.pointee.leaf { leaf = try decodeMessage(value_, field: "leaf") }
        let leavesCount_ = try decodeCount(pointer.pointee.n_leaves, limit: 16, field: "leaves")
        if leavesCount_ > 0, let items_ = pointer.pointee.leaves {
          leaves.reserveCapacity(leavesCount_)
          for index_ in 0..<leavesCount_ { leaves.append(try decodeMessage(items_[index_], field: "leaves")) }
        }
        inner = try ConformanceV1.Everything.Inner.decoded(Int32(truncatingIfNeeded: pointer.pointee.inner.rawValue), field: "inner")
      }
    }

    public var plainInt32: Int32 = 0
    public var plainInt64: Int64 = 0
    public var plainUint32: UInt32 = 0
    public var plainUint64: UInt64 = 0
    public var zigzag32: Int32 = 0
    public var zigzag64: Int64 = 0
    public var fixed32: UInt32 = 0
    public var fixed64: UInt64 = 0
    public var sfixed32: Int32 = 0
    public var sfixed64: Int64 = 0
    public var real64: Double = 0
    public var real32: Float = 0
    public var flag: Bool = false
    public var text: String = ""
    public var data: [UInt8] = []
    public var shade: ConformanceV1.Shade = .unspecified
    public var branch: ConformanceV1.Everything.Branch?
    public var numbers: [Int32] = []
    public var flags: [Bool] = []
    public var texts: [String] = []
    public var blobs: [[UInt8]] = []
    public var shades: [ConformanceV1.Shade] = []
    public var branches: [ConformanceV1.Everything.Branch] = []
    public var reals: [Double] = []
    public enum Choice: Hashable, Sendable {
      case name(String)
      case id(UInt64)
      case leaf(ConformanceV1.Leaf)
      case tint(ConformanceV1.Shade)
      case yes(Bool)
      case raw([UInt8])
    }
    public var choice: Choice?
    /// Field names that are keywords in C and in Swift.
    public var `class`: String = ""
    public var `default`: Bool = false
    public init() {}
    public static let fullName = "assay.conformance.v1.Everything"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__Everything
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__Everything>) { assay__conformance__v1__everything__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__Everything>, _ arena_: inout Arena) {
      pointer.pointee.plain_int32 = plainInt32
      pointer.pointee.plain_int64 = plainInt64
      pointer.pointee.plain_uint32 = plainUint32
      pointer.pointee.plain_uint64 = plainUint64
      pointer.pointee.zigzag32 = zigzag32
      pointer.pointee.zigzag64 = zigzag64
      pointer.pointee.fixed_32 = fixed32
      pointer.pointee.fixed_64 = fixed64
      pointer.pointee.sfixed_32 = sfixed32
      pointer.pointee.sfixed_64 = sfixed64
      pointer.pointee.real64 = real64
      pointer.pointee.real32 = real32
      pointer.pointee.flag = flag ? 1 : 0
      pointer.pointee.text = arena_.text(text)
      pointer.pointee.data = arena_.blob(data)
      pointer.pointee.shade = Assay__Conformance__V1__Shade(rawValue: .init(truncatingIfNeeded: shade.rawValue))
      if let value_ = branch { pointer.pointee.branch = arena_.message(value_) }
      if !numbers.isEmpty {
        let items_ = arena_.array(Int32.self, count: numbers.count)
        for index_ in numbers.indices { items_[index_] = numbers[index_] }
        pointer.pointee.n_numbers = numbers.count
        pointer.pointee.numbers = items_
      }
      if !flags.isEmpty {
        let items_ = arena_.array(protobuf_c_boolean.self, count: flags.count)
        for index_ in flags.indices { items_[index_] = flags[index_] ? 1 : 0 }
        pointer.pointee.n_flags = flags.count
        pointer.pointee.flags = items_
      }
      if !texts.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: texts.count)
        for index_ in texts.indices { items_[index_] = arena_.text(texts[index_]) }
        pointer.pointee.n_texts = texts.count
        pointer.pointee.texts = items_
      }
      if !blobs.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: blobs.count)
        for index_ in blobs.indices { items_[index_] = arena_.blob(blobs[index_]) }
        pointer.pointee.n_blobs = blobs.count
        pointer.pointee.blobs = items_
      }
      if !shades.isEmpty {
        let items_ = arena_.array(Assay__Conformance__V1__Shade.self, count: shades.count)
        for index_ in shades.indices { items_[index_] = Assay__Conformance__V1__Shade(rawValue: .init(truncatingIfNeeded: shades[index_].rawValue)) }
        pointer.pointee.n_shades = shades.count
        pointer.pointee.shades = items_
      }
      if !branches.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Conformance__V1__Everything__Branch>?.self, count: branches.count)
        for index_ in branches.indices { items_[index_] = arena_.message(branches[index_]) }
        pointer.pointee.n_branches = branches.count
        pointer.pointee.branches = items_
      }
      if !reals.isEmpty {
        let items_ = arena_.array(Double.self, count: reals.count)
        for index_ in reals.indices { items_[index_] = reals[index_] }
        pointer.pointee.n_reals = reals.count
        pointer.pointee.reals = items_
      }
      switch choice {
      case .name(let value_)?:
        pointer.pointee.choice_case = ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_NAME
        pointer.pointee.name = arena_.text(value_)
      case .id(let value_)?:
        pointer.pointee.choice_case = ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_ID
        pointer.pointee.id = value_
      case .leaf(let value_)?:
        pointer.pointee.choice_case = ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_LEAF
        pointer.pointee.leaf = arena_.message(value_)
      case .tint(let value_)?:
        pointer.pointee.choice_case = ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_TINT
        pointer.pointee.tint = Assay__Conformance__V1__Shade(rawValue: .init(truncatingIfNeeded: value_.rawValue))
      case .yes(let value_)?:
        pointer.pointee.choice_case = ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_YES
        pointer.pointee.yes = value_ ? 1 : 0
      case .raw(let value_)?:
        pointer.pointee.choice_case = ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_RAW
        pointer.pointee.raw = arena_.blob(value_)
      case nil: break
      }
      pointer.pointee.class_ = arena_.text(`class`)
      pointer.pointee.default_ = `default` ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__Everything>) throws(MessageError) {
      plainInt32 = pointer.pointee.plain_int32
      plainInt64 = pointer.pointee.plain_int64
      plainUint32 = pointer.pointee.plain_uint32
      plainUint64 = pointer.pointee.plain_uint64
      zigzag32 = pointer.pointee.zigzag32
      zigzag64 = pointer.pointee.zigzag64
      fixed32 = pointer.pointee.fixed_32
      fixed64 = pointer.pointee.fixed_64
      sfixed32 = pointer.pointee.sfixed_32
      sfixed64 = pointer.pointee.sfixed_64
      real64 = pointer.pointee.real64
      real32 = pointer.pointee.real32
      flag = pointer.pointee.flag != 0
      text = try decodeText(pointer.pointee.text, limit: 256, field: "text")
      data = try decodeBlob(pointer.pointee.data, limit: 256, field: "data")
      shade = try ConformanceV1.Shade.decoded(Int32(truncatingIfNeeded: pointer.pointee.shade.rawValue), field: "shade")
      if let value_ = pointer.pointee.branch { branch = try decodeMessage(value_, field: "branch") }
      let numbersCount_ = try decodeCount(pointer.pointee.n_numbers, limit: 64, field: "numbers")
      if numbersCount_ > 0, let items_ = pointer.pointee.numbers {
        numbers.reserveCapacity(numbersCount_)
        for index_ in 0..<numbersCount_ { numbers.append(items_[index_]) }
      }
      let flagsCount_ = try decodeCount(pointer.pointee.n_flags, limit: 100000, field: "flags")
      if flagsCount_ > 0, let items_ = pointer.pointee.flags {
        flags.reserveCapacity(flagsCount_)
        for index_ in 0..<flagsCount_ { flags.append(items_[index_] != 0) }
      }
      let textsCount_ = try decodeCount(pointer.pointee.n_texts, limit: 100000, field: "texts")
      if textsCount_ > 0, let items_ = pointer.pointee.texts {
        texts.reserveCapacity(textsCount_)
        for index_ in 0..<textsCount_ { texts.append(try decodeText(items_[index_], limit: 64, field: "texts")) }
      }
      let blobsCount_ = try decodeCount(pointer.pointee.n_blobs, limit: 100000, field: "blobs")
      if blobsCount_ > 0, let items_ = pointer.pointee.blobs {
        blobs.reserveCapacity(blobsCount_)
        for index_ in 0..<blobsCount_ { blobs.append(try decodeBlob(items_[index_], limit: 4194304, field: "blobs")) }
      }
      let shadesCount_ = try decodeCount(pointer.pointee.n_shades, limit: 100000, field: "shades")
      if shadesCount_ > 0, let items_ = pointer.pointee.shades {
        shades.reserveCapacity(shadesCount_)
        for index_ in 0..<shadesCount_ { shades.append(try ConformanceV1.Shade.decoded(Int32(truncatingIfNeeded: items_[index_].rawValue), field: "shades")) }
      }
      let branchesCount_ = try decodeCount(pointer.pointee.n_branches, limit: 100000, field: "branches")
      if branchesCount_ > 0, let items_ = pointer.pointee.branches {
        branches.reserveCapacity(branchesCount_)
        for index_ in 0..<branchesCount_ { branches.append(try decodeMessage(items_[index_], field: "branches")) }
      }
      let realsCount_ = try decodeCount(pointer.pointee.n_reals, limit: 100000, field: "reals")
      if realsCount_ > 0, let items_ = pointer.pointee.reals {
        reals.reserveCapacity(realsCount_)
        for index_ in 0..<realsCount_ { reals.append(items_[index_]) }
      }
      switch pointer.pointee.choice_case {
      case ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_NAME:
        choice = .name(try decodeText(pointer.pointee.name, limit: 64, field: "name"))
      case ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_ID:
        choice = .id(pointer.pointee.id)
      case ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_LEAF:
        choice = .leaf(try decodeMessage(pointer.pointee.leaf, field: "leaf"))
      case ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_TINT:
        choice = .tint(try ConformanceV1.Shade.decoded(Int32(truncatingIfNeeded: pointer.pointee.tint.rawValue), field: "tint"))
      case ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_YES:
        choice = .yes(pointer.pointee.yes != 0)
      case ASSAY__CONFORMANCE__V1__EVERYTHING__CHOICE_RAW:
        choice = .raw(try decodeBlob(pointer.pointee.raw, limit: 4194304, field: "raw"))
      default: break
      }
      `class` = try decodeText(pointer.pointee.class_, limit: 65536, field: "class")
      `default` = pointer.pointee.default_ != 0
    }
  }

  /// `assay.conformance.v1.EchoRequest`.
  public struct EchoRequest: WireMessage, PackedMessage {
    public var data: [UInt8] = []
    public var everything: ConformanceV1.Everything?
    /// When not 0, the answer carries this many zero bytes as its data.
    public var answerBytes: UInt64 = 0
    public init() {}
    public static let fullName = "assay.conformance.v1.EchoRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__EchoRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__EchoRequest>) { assay__conformance__v1__echo_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__EchoRequest>, _ arena_: inout Arena) {
      pointer.pointee.data = arena_.blob(data)
      if let value_ = everything { pointer.pointee.everything = arena_.message(value_) }
      pointer.pointee.answer_bytes = answerBytes
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__EchoRequest>) throws(MessageError) {
      data = try decodeBlob(pointer.pointee.data, limit: 268435456, field: "data")
      if let value_ = pointer.pointee.everything { everything = try decodeMessage(value_, field: "everything") }
      answerBytes = pointer.pointee.answer_bytes
    }
  }

  /// `assay.conformance.v1.EchoResponse`.
  public struct EchoResponse: WireMessage, PackedMessage {
    public var data: [UInt8] = []
    public var everything: ConformanceV1.Everything?
    /// Name and roles of the caller, as the server knows them.
    public var peer: String = ""
    public var roles: [String] = []
    public var idempotencyKey: String = ""
    public var timeoutMs: UInt64 = 0
    public var metadata: String = ""
    public init() {}
    public static let fullName = "assay.conformance.v1.EchoResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__EchoResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__EchoResponse>) { assay__conformance__v1__echo_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__EchoResponse>, _ arena_: inout Arena) {
      pointer.pointee.data = arena_.blob(data)
      if let value_ = everything { pointer.pointee.everything = arena_.message(value_) }
      pointer.pointee.peer = arena_.text(peer)
      if !roles.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: roles.count)
        for index_ in roles.indices { items_[index_] = arena_.text(roles[index_]) }
        pointer.pointee.n_roles = roles.count
        pointer.pointee.roles = items_
      }
      pointer.pointee.idempotency_key = arena_.text(idempotencyKey)
      pointer.pointee.timeout_ms = timeoutMs
      pointer.pointee.metadata = arena_.text(metadata)
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__EchoResponse>) throws(MessageError) {
      data = try decodeBlob(pointer.pointee.data, limit: 268435456, field: "data")
      if let value_ = pointer.pointee.everything { everything = try decodeMessage(value_, field: "everything") }
      peer = try decodeText(pointer.pointee.peer, limit: 65536, field: "peer")
      let rolesCount_ = try decodeCount(pointer.pointee.n_roles, limit: 100000, field: "roles")
      if rolesCount_ > 0, let items_ = pointer.pointee.roles {
        roles.reserveCapacity(rolesCount_)
        for index_ in 0..<rolesCount_ { roles.append(try decodeText(items_[index_], limit: 65536, field: "roles")) }
      }
      idempotencyKey = try decodeText(pointer.pointee.idempotency_key, limit: 65536, field: "idempotency_key")
      timeoutMs = pointer.pointee.timeout_ms
      metadata = try decodeText(pointer.pointee.metadata, limit: 65536, field: "metadata")
    }
  }

  /// `assay.conformance.v1.FailRequest`.
  public struct FailRequest: WireMessage, PackedMessage {
    /// 0 fails with an error that is not the wire's.
    public var code: UInt32 = 0
    public var message: String = ""
    public var reason: String = ""
    public init() {}
    public static let fullName = "assay.conformance.v1.FailRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__FailRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__FailRequest>) { assay__conformance__v1__fail_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__FailRequest>, _ arena_: inout Arena) {
      pointer.pointee.code = code
      pointer.pointee.message = arena_.text(message)
      pointer.pointee.reason = arena_.text(reason)
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__FailRequest>) throws(MessageError) {
      code = pointer.pointee.code
      message = try decodeText(pointer.pointee.message, limit: 65536, field: "message")
      reason = try decodeText(pointer.pointee.reason, limit: 65536, field: "reason")
    }
  }

  /// `assay.conformance.v1.FailResponse`.
  public struct FailResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.conformance.v1.FailResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__FailResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__FailResponse>) { assay__conformance__v1__fail_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__FailResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__FailResponse>) throws(MessageError) {
    }
  }

  /// `assay.conformance.v1.HoldRequest`.
  public struct HoldRequest: WireMessage, PackedMessage {
    public var name: String = ""
    public init() {}
    public static let fullName = "assay.conformance.v1.HoldRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__HoldRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__HoldRequest>) { assay__conformance__v1__hold_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__HoldRequest>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__HoldRequest>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 65536, field: "name")
    }
  }

  /// `assay.conformance.v1.HoldResponse`.
  public struct HoldResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.conformance.v1.HoldResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__HoldResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__HoldResponse>) { assay__conformance__v1__hold_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__HoldResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__HoldResponse>) throws(MessageError) {
    }
  }

  /// `assay.conformance.v1.WatchRequest`.
  public struct WatchRequest: WireMessage, PackedMessage {
    public var name: String = ""
    public init() {}
    public static let fullName = "assay.conformance.v1.WatchRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__WatchRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__WatchRequest>) { assay__conformance__v1__watch_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__WatchRequest>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__WatchRequest>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 65536, field: "name")
    }
  }

  /// `assay.conformance.v1.WatchResponse`.
  public struct WatchResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.conformance.v1.WatchResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__WatchResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__WatchResponse>) { assay__conformance__v1__watch_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__WatchResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__WatchResponse>) throws(MessageError) {
    }
  }

  /// `assay.conformance.v1.RestrictedRequest`.
  public struct RestrictedRequest: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.conformance.v1.RestrictedRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__RestrictedRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__RestrictedRequest>) { assay__conformance__v1__restricted_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__RestrictedRequest>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__RestrictedRequest>) throws(MessageError) {
    }
  }

  /// `assay.conformance.v1.RestrictedResponse`.
  public struct RestrictedResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.conformance.v1.RestrictedResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__RestrictedResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__RestrictedResponse>) { assay__conformance__v1__restricted_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__RestrictedResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__RestrictedResponse>) throws(MessageError) {
    }
  }

  /// `assay.conformance.v1.CountRequest`.
  public struct CountRequest: WireMessage, PackedMessage {
    public var last: UInt64 = 0
    /// Bytes in each message.
    public var bytes: UInt32 = 0
    /// When not 0, the stream fails with this code after `last` instead of ending.
    public var code: UInt32 = 0
    public init() {}
    public static let fullName = "assay.conformance.v1.CountRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__CountRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__CountRequest>) { assay__conformance__v1__count_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__CountRequest>, _ arena_: inout Arena) {
      pointer.pointee.last = last
      pointer.pointee.bytes = bytes
      pointer.pointee.code = code
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__CountRequest>) throws(MessageError) {
      last = pointer.pointee.last
      bytes = pointer.pointee.bytes
      code = pointer.pointee.code
    }
  }

  /// `assay.conformance.v1.CountResponse`.
  public struct CountResponse: WireMessage, PackedMessage {
    public var data: [UInt8] = []
    public init() {}
    public static let fullName = "assay.conformance.v1.CountResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Conformance__V1__CountResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__CountResponse>) { assay__conformance__v1__count_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Conformance__V1__CountResponse>, _ arena_: inout Arena) {
      pointer.pointee.data = arena_.blob(data)
    }
    init(_ pointer: UnsafePointer<Assay__Conformance__V1__CountResponse>) throws(MessageError) {
      data = try decodeBlob(pointer.pointee.data, limit: 4194304, field: "data")
    }
  }

}
