/// A harmless call by which the wire of a service is tried: it may be repeated, and answers the same each time.
struct Probe: Sendable {
  /// The service, as `CheckHealth` names it.
  let service: String
  /// `/package.Service/Method`
  let method: String
  let request: [UInt8]
  /// A text field of the request that the probe sets, and what to.
  let textField: UInt32
  let text: String
  /// Who may call it.
  let caller: String
  /// Another trusted identity that may not, and what it calls instead.
  let denied: (caller: String, method: String)?
}
