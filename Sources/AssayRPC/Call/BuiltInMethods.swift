import AssayIdentity

/// The methods every server answers by itself, as `assay/rpc/v1` declares them.
enum BuiltInMethods {
  static let begin = MethodDescriptor(
    "/assay.rpc.v1.SessionService/Begin", roles: [], idempotent: true, anyPeer: true)
  static let finish = MethodDescriptor(
    "/assay.rpc.v1.SessionService/Finish", roles: [], idempotent: false, anyPeer: true)
  static let checkHealth = MethodDescriptor(
    "/assay.rpc.v1.ServerService/CheckHealth", roles: Role.allCases, idempotent: true, anyPeer: false)
  static let watchHealth = MethodDescriptor(
    "/assay.rpc.v1.ServerService/WatchHealth", roles: Role.allCases, idempotent: true, anyPeer: false,
    streaming: true)
  static let getDescriptorSet = MethodDescriptor(
    "/assay.rpc.v1.ServerService/GetDescriptorSet", roles: Role.allCases, idempotent: true, anyPeer: false)
  static let getServerInfo = MethodDescriptor(
    "/assay.rpc.v1.ServerService/GetServerInfo", roles: Role.allCases, idempotent: true, anyPeer: false)
  static let cancelCall = MethodDescriptor(
    "/assay.rpc.v1.ServerService/CancelCall", roles: Role.allCases, idempotent: true, anyPeer: false)
}
