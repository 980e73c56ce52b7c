/// Services and messages as a `google.protobuf.FileDescriptorSet` describes them.
public struct Schema: Sendable {
  public struct Service: Sendable {
    /// `assay.lineage.v1.LineageService`.
    public let name: String
    public let methods: [Method]
  }

  public struct Method: Sendable {
    public let name: String
    /// Full names of messages.
    public let input: String
    public let output: String
    public let streaming: Bool
    /// From the option `(assay.rpc.v1.method)`.
    public let idempotent: Bool
    /// Names of roles that may call it, as `agent`.
    public let roles: [String]
  }

  struct Field: Sendable {
    /// `FieldDescriptorProto.Type`.
    enum Kind: UInt64, Sendable {
      case double = 1, float, int64, uint64, int32, fixed64, fixed32, bool, string
      case message = 11, bytes, uint32, enumeration, sfixed32, sfixed64, sint32, sint64
    }
    let name: String
    let jsonName: String
    let number: Int
    let kind: Kind
    let repeated: Bool
    /// Full name of the message or enum.
    let typeName: String
  }

  /// In the order of their files.
  public private(set) var services: [Service] = []
  private(set) var messages: [String: [Field]] = [:]
  private(set) var enums: [String: [(number: Int32, name: String)]] = [:]

  /// - Throws: `ReflectionError` when the bytes are no descriptor set.
  public init(descriptorSet bytes: [UInt8]) throws(ReflectionError) {
    for file in try WireField.fields(of: bytes[...]) where file.number == 1 {
      let fields = try WireField.fields(of: file.slice)
      let package = fields.first { $0.number == 2 }?.text ?? ""
      for field in fields {
        switch field.number {
        case 4: try addMessage(field.slice, in: package)
        case 5: try addEnum(field.slice, in: package)
        case 6: services.append(try Self.service(field.slice, in: package))
        default: break
        }
      }
    }
  }

  /// The method of a full name such as `assay.lineage.v1.LineageService/GetRun`, with or without a leading slash.
  ///
  /// - Throws: `ReflectionError` that names what there is.
  public func method(_ path: String) throws(ReflectionError) -> (service: Service, method: Method) {
    let parts = path.split(separator: "/")
    guard parts.count == 2 else {
      throw ReflectionError("'\(path)' is not a method; write it as SERVICE/METHOD")
    }
    let service = try service(String(parts[0]))
    guard let method = service.methods.first(where: { $0.name == parts[1] }) else {
      throw ReflectionError(
        "\(service.name) has no method '\(parts[1])'. It has: \(service.methods.map(\.name).joined(separator: ", "))."
      )
    }
    return (service, method)
  }

  /// The service of a full name, or of its last part when that is unique.
  public func service(_ name: String) throws(ReflectionError) -> Service {
    let found = services.filter { $0.name == name || $0.name.hasSuffix("." + name) }
    guard found.count == 1, let service = found.first else {
      throw ReflectionError(
        "there is no service '\(name)'. There are: \(services.map(\.name).joined(separator: ", ")).")
    }
    return service
  }

  private mutating func addMessage(_ bytes: ArraySlice<UInt8>, in prefix: String) throws(ReflectionError) {
    let parts = try WireField.fields(of: bytes)
    let name = prefix + "." + (parts.first { $0.number == 1 }?.text ?? "")
    var fields: [Field] = []
    for part in parts {
      switch part.number {
      case 2: if let field = try Self.field(part.slice) { fields.append(field) }
      case 3: try addMessage(part.slice, in: name)
      case 4: try addEnum(part.slice, in: name)
      default: break
      }
    }
    messages[name] = fields
  }

  private static func field(_ bytes: ArraySlice<UInt8>) throws(ReflectionError) -> Field? {
    let parts = try WireField.fields(of: bytes)
    func text(_ number: Int) -> String { parts.first { $0.number == number }?.text ?? "" }
    func integer(_ number: Int) -> UInt64 { parts.first { $0.number == number }?.integer ?? 0 }
    guard let kind = Field.Kind(rawValue: integer(5)) else { return nil }
    let name = text(1)
    return Field(
      name: name, jsonName: text(10).isEmpty ? camelCase(name) : text(10), number: Int(integer(3)),
      kind: kind,
      repeated: integer(4) == 3, typeName: String(text(6).drop { $0 == "." }))
  }

  private static func camelCase(_ name: String) -> String {
    let words = name.split(separator: "_")
    return words.dropFirst().reduce(String(words.first ?? "")) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
  }

  private mutating func addEnum(_ bytes: ArraySlice<UInt8>, in prefix: String) throws(ReflectionError) {
    let parts = try WireField.fields(of: bytes)
    var values: [(Int32, String)] = []
    for value in parts where value.number == 2 {
      let fields = try WireField.fields(of: value.slice)
      values.append(
        (
          Int32(truncatingIfNeeded: fields.first { $0.number == 2 }?.integer ?? 0),
          fields.first { $0.number == 1 }?.text ?? ""
        ))
    }
    enums[prefix + "." + (parts.first { $0.number == 1 }?.text ?? "")] = values
  }

  private static func service(_ bytes: ArraySlice<UInt8>, in package: String) throws(ReflectionError)
    -> Service
  {
    let parts = try WireField.fields(of: bytes)
    var methods: [Method] = []
    for part in parts where part.number == 2 {
      let fields = try WireField.fields(of: part.slice)
      func text(_ number: Int) -> String { fields.first { $0.number == number }?.text ?? "" }
      var rule: [WireField] = []
      for options in fields where options.number == 4 {
        for option in try WireField.fields(of: options.slice) where option.number == methodRuleExtension {
          rule += try WireField.fields(of: option.slice)
        }
      }
      methods.append(
        Method(
          name: text(1), input: String(text(2).drop { $0 == "." }),
          output: String(text(3).drop { $0 == "." }),
          streaming: fields.contains { $0.number == 6 && $0.integer == 1 },
          idempotent: rule.contains { $0.number == 2 && $0.integer == 1 }, roles: try roles(of: rule)))
    }
    return Service(name: package + "." + (parts.first { $0.number == 1 }?.text ?? ""), methods: methods)
  }

  /// `(assay.rpc.v1.method)` in `proto/assay/rpc/v1/options.proto`.
  private static let methodRuleExtension = 50001
  private static let roleNames = ["unspecified", "agent", "runner", "evaluator", "observer", "operator"]

  private static func roles(of rule: [WireField]) throws(ReflectionError) -> [String] {
    var numbers: [UInt64] = []
    for field in rule where field.number == 1 {
      if case .bytes(var packed) = field.value {
        while !packed.isEmpty { numbers.append(try WireField.varint(&packed)) }
      } else {
        numbers.append(field.integer)
      }
    }
    return numbers.map { $0 < UInt64(roleNames.count) ? roleNames[Int($0)] : "role \($0)" }
  }
}
