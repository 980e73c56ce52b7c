/// A protobuf enum: a number with declared names.
public protocol WireEnum: RawRepresentable, Hashable, Sendable, CustomStringConvertible
where RawValue == Int32 {
  init(rawValue: Int32)
  /// Every declared value with its name in the .proto.
  static var declared: [(value: Self, name: String)] { get }
}

extension WireEnum {
  public var description: String {
    Self.declared.first { $0.value == self }?.name ?? "\(Self.self)(\(rawValue))"
  }

  static func decoded(_ number: Int32, field: String) throws(MessageError) -> Self {
    let value = Self(rawValue: number)
    guard declared.contains(where: { $0.value == value }) else {
      throw MessageError(.unknownEnumValue, "\(field) is \(number), which this version does not know")
    }
    return value
  }
}
