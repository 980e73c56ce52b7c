/// A host that runs jobs: the proven identity of its runner and the name that it gives itself.
struct RunnerHostID: Hashable, Sendable, CustomStringConvertible {
  var identity: String
  var name: String

  /// The host of a slot such as `host-1/0`.
  init(identity: String, slot: String) {
    self.identity = identity
    let end = slot.lastIndex(of: "/") ?? slot.endIndex
    name = String(slot[..<end])
  }

  /// From what ``description`` gave.
  init?(_ text: String) {
    guard let mark = text.firstIndex(of: "#") else { return nil }
    identity = String(text[..<mark])
    name = String(text[text.index(after: mark)...])
  }

  /// The key in tables; identities hold no '#'.
  var description: String { "\(identity)#\(name)" }

  /// The host of whoever holds a lease, `identity#slot`.
  init(holder: String) {
    let mark = holder.firstIndex(of: "#") ?? holder.startIndex
    self.init(
      identity: String(holder[..<mark]), slot: String(holder[mark...].drop { $0 == "#" }))
  }
}
