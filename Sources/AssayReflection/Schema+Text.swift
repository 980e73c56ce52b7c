extension Schema {
  /// A method as its .proto declares it, with the fields of its messages and of those within.
  public func text(_ service: Service, _ method: Method) -> String {
    var lines = [
      "/\(service.name)/\(method.name)",
      "  roles: \(method.roles.isEmpty ? "anybody" : method.roles.joined(separator: ", "))"
        + "; \(method.idempotent ? "may be repeated" : "repeated only with an idempotency key")",
      "  takes \(method.input)", "  returns \(method.streaming ? "a stream of " : "")\(method.output)",
    ]
    var queue = [method.input, method.output]
    var seen = Set(queue)
    while !queue.isEmpty {
      let name = queue.removeFirst()
      lines.append("")
      lines.append("message \(name)")
      for field in messages[name] ?? [] {
        let type = field.typeName.isEmpty ? "\(field.kind)" : field.typeName
        lines.append("  \(field.repeated ? "repeated " : "")\(type) \(field.jsonName)")
        if field.kind == .message, seen.insert(field.typeName).inserted { queue.append(field.typeName) }
        if field.kind == .enumeration, seen.insert(field.typeName).inserted {
          lines.append("    one of \((enums[field.typeName] ?? []).map(\.name).joined(separator: ", "))")
        }
      }
    }
    return lines.joined(separator: "\n")
  }
}
