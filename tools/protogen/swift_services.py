"""Swift stubs: for each service a protocol to implement, its methods' descriptors, and a client."""

import names
from swift_messages import HEADER, comments

BUILT_IN = "assay.rpc.v1"  # answered by the RPC server itself


def generate(model):
    """{file name: text} for Sources/AssayServices/Generated."""
    result = {}
    for package, files in model.packages().items():
        if package == BUILT_IN:
            continue
        for file in files:
            notes = comments(file)
            for index, service in enumerate(file.service):
                result[f"{service.name}.swift"] = render(model, package, service, notes, index)
    return result


def render(model, package, service, notes, service_index):
    lines = [HEADER + "import AssayIdentity\npublic import AssayMessages\npublic import AssayRPC\n"]
    methods = []
    for index, method in enumerate(service.method):
        rule = model.method_rule(method)
        roles = ", ".join(
            "." + model.options.Role.Name(role).removeprefix("ROLE_").lower() for role in rule.roles
        )
        methods.append(
            dict(
                name=names.quoted(names.lower_first(method.name)),
                request=model.messages[method.input_type][1],
                response=model.messages[method.output_type][1],
                doc=doc(notes.get((6, service_index, 2, index))),
                streaming=method.server_streaming,
                descriptor=(
                    f'MethodDescriptor("/{package}.{service.name}/{method.name}", roles: [{roles}], '
                    f"idempotent: {str(rule.idempotent).lower()}, anyPeer: {str(rule.any_peer).lower()}"
                    + (", streaming: true)" if method.server_streaming else ")")
                ),
            )
        )

    lines.append(f"/// Implemented by whoever serves `{package}.{service.name}`.")
    lines.append(f"public protocol {service.name}: Sendable {{")
    for method in methods:
        lines += method["doc"]
        cursor, answer = (
            ("_ cursor: StreamCursor, ", f"StreamPage<{method['response']}>")
            if method["streaming"]
            else ("", method["response"])
        )
        lines.append(
            f"  func {method['name']}(_ request: {method['request']}, {cursor}_ context: CallContext) async throws -> {answer}"
        )
    lines.append("}\n")

    lines.append(f"/// The methods of `{package}.{service.name}`, with who may call them.")
    lines.append(f"public enum {service.name}Methods {{")
    for method in methods:
        lines.append(f"  public static let {method['name']} = {method['descriptor']}")
    lines.append("}\n")

    lines.append("extension RPCRouter {")
    lines.append(f"  /// Serves `{package}.{service.name}`.")
    lines.append(f"  public mutating func register(_ service: some {service.name}) {{")
    for method in methods:
        if method["streaming"]:
            lines.append(
                f"    registerStream({service.name}Methods.{method['name']}) {{\n"
                f"      (request: {method['request']}, cursor: StreamCursor, context: CallContext) in\n"
                f"      try await service.{method['name']}(request, cursor, context)\n    }}"
            )
            continue
        lines.append(
            f"    register({service.name}Methods.{method['name']}) {{ (request: {method['request']}, context: CallContext) in\n"
            f"      try await service.{method['name']}(request, context)\n    }}"
        )
    lines.append("  }\n}\n")

    lines.append(f"/// Calls `{package}.{service.name}`.")
    lines.append(f"public struct {service.name}Client: Sendable {{")
    lines.append("  public let rpc: RPCClient")
    lines.append("  public init(_ rpc: RPCClient) { self.rpc = rpc }\n")
    for method in methods:
        lines += method["doc"]
        if method["streaming"]:
            lines.append(f"  public func {method['name']}(")
            lines.append(
                f"    _ request: {method['request']}, after sequence: UInt64 = 0, _ options: CallOptions = CallOptions()"
            )
            lines.append(f"  ) -> RPCStream<{method['response']}> {{")
            lines.append(
                f"    RPCStream(rpc, {service.name}Methods.{method['name']}, request, after: sequence, options)"
            )
            lines.append("  }\n")
            lines.append(f"  /// One batch of `{method['name']}`.")
            lines.append(f"  public func {method['name']}(")
            lines.append(
                f"    _ request: {method['request']}, _ cursor: StreamCursor, _ options: CallOptions = CallOptions()"
            )
            lines.append(f"  ) async throws(RPCError) -> StreamPage<{method['response']}> {{")
            lines.append(
                f"    try await rpc.pull({service.name}Methods.{method['name']}, request, cursor, options)"
            )
            lines.append("  }\n")
            continue
        lines.append(f"  public func {method['name']}(")
        lines.append(f"    _ request: {method['request']}, _ options: CallOptions = CallOptions()")
        lines.append(f"  ) async throws(RPCError) -> {method['response']} {{")
        lines.append(f"    try await rpc.call({service.name}Methods.{method['name']}, request, options)")
        lines.append("  }\n")
    lines[-1] = lines[-1].rstrip("\n")
    lines.append("}")
    return "\n".join(lines) + "\n"


def doc(text):
    if not text:
        return []
    return [f"  ///{' ' + part.strip() if part.strip() else ''}" for part in text.split("\n")]
