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
                descriptor=(
                    f'MethodDescriptor("/{package}.{service.name}/{method.name}", roles: [{roles}], '
                    f"idempotent: {str(rule.idempotent).lower()}, anyPeer: {str(rule.any_peer).lower()})"
                ),
            )
        )

    lines.append(f"/// Implemented by whoever serves `{package}.{service.name}`.")
    lines.append(f"public protocol {service.name}: Sendable {{")
    for method in methods:
        lines += method["doc"]
        lines.append(
            f"  func {method['name']}(_ request: {method['request']}, _ context: CallContext) async throws -> {method['response']}"
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
