import AssayMessages
import AssayReflection
import Foundation

/// JSON to messages and back by the schema, as `assay rpc call` does with what people type and servers answer.
struct ReflectionSurface: Surface {
  static let name = "reflection"
  static let weight = 10

  private let schema: Schema
  private let names = AllMessages.types.map { $0.fullName }

  init() throws { schema = try Schema(descriptorSet: DescriptorSet.bytes) }

  /// Messages of one or two fields, as JSON.
  var seeds: [[UInt8]] {
    MessageSurface().seeds.compactMap { seed in
      let name = names[Int(seed[0]) % names.count]
      guard let json = try? schema.json(name, Array(seed.dropFirst())),
        let text = try? JSONEncoder().encode(json)
      else { return nil }
      return [seed[0]] + text
    }
  }

  func consume(_ bytes: [UInt8]) throws -> Bool {
    guard let first = bytes.first else { return false }
    var isRead = false
    let name = names[Int(first) % names.count]
    let rest = Array(bytes.dropFirst())
    if let json = try? JSONDecoder().decode(JSONValue.self, from: Data(rest)) {
      if let packed = try? schema.bytes(name, from: json) {
        isRead = true
        if (try? schema.json(name, packed)) == nil {
          throw Finding("\(name): what was packed from JSON cannot be shown")
        }
      }
    }
    // Bytes from a server that may be anybody's.
    if (try? schema.json(name, rest)) != nil { isRead = true }
    _ = try? Schema(descriptorSet: rest)
    return isRead
  }
}
