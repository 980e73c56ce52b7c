/// What a reader of events has seen: the version of each run, as one process counted them.
struct EventCursor: Sendable, Equatable {
  var epoch: String
  var versions: [UInt64]
  /// The reader has seen another process's versions: it has to read all again.
  var isForeign: Bool

  init(_ text: String, epoch: String, runs: Int) {
    self.epoch = epoch
    let parts = text.split(separator: ".")
    let named = parts.dropFirst().compactMap { UInt64($0) }
    isForeign = !text.isEmpty && (parts.first.map(String.init) != epoch || named.count != runs)
    versions = isForeign || text.isEmpty ? [UInt64](repeating: 0, count: runs) : named
  }

  var text: String { ([epoch] + versions.map { String($0) }).joined(separator: ".") }
}
