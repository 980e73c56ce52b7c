/// What was seen instead of what a case expects.
struct Mismatch: Error, CustomStringConvertible {
  let seen: String

  init(_ seen: String) { self.seen = seen }

  var description: String { seen }
}
