import AssayRPC

/// The error by which a call is refused; throws when it is not.
func refusal(_ body: () async throws -> Void) async throws -> RPCError {
  do { try await body() } catch let error as RPCError { return error }
  throw RPCError(.ok, "it was not refused")
}
