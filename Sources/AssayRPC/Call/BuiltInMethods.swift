import AssayIdentity

/// The methods every server answers by itself, as `assay/rpc/v1` declares them.
package enum BuiltInMethods {
  package static let begin = MethodDescriptor(
    "/assay.rpc.v1.SessionService/Begin", roles: [], idempotent: true, anyPeer: true)
  package static let finish = MethodDescriptor(
    "/assay.rpc.v1.SessionService/Finish", roles: [], idempotent: false, anyPeer: true)
  package static let checkHealth = MethodDescriptor(
    "/assay.rpc.v1.ServerService/CheckHealth", roles: Role.allCases, idempotent: true, anyPeer: false)
  package static let watchHealth = MethodDescriptor(
    "/assay.rpc.v1.ServerService/WatchHealth", roles: Role.allCases, idempotent: true, anyPeer: false,
    streaming: true)
  package static let getDescriptorSet = MethodDescriptor(
    "/assay.rpc.v1.ServerService/GetDescriptorSet", roles: Role.allCases, idempotent: true, anyPeer: false)
  package static let getServerInfo = MethodDescriptor(
    "/assay.rpc.v1.ServerService/GetServerInfo", roles: Role.allCases, idempotent: true, anyPeer: false)
  package static let cancelCall = MethodDescriptor(
    "/assay.rpc.v1.ServerService/CancelCall", roles: Role.allCases, idempotent: true, anyPeer: false)
}
