/// The place of one call at its server.
struct CallPlace: Sendable {
  let server: RPCServer
  let call: RunningCall

  /// Gives the place up.
  ///
  /// - Returns: whether there was one to give up, which is to be taken again.
  func giveUp() throws(RPCError) -> Bool { try server.wait(call) }

  /// Returns when the call has a place again, or has ended.
  func takeAgain() async { await server.goOn(call) }
}
