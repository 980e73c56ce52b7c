/// Which of a server's addresses the next attempt goes to: of those that do not fail, the one with the fewest attempts running,
/// in turn where they are equal.
struct LoadBalancer: Sendable {
  /// How long an address that failed is left alone, doubled with each failure in a row.
  static let firstPause: Duration = .milliseconds(500)
  static let longestPause: Duration = .seconds(15)

  private struct Place {
    var running = 0
    var failures = 0
    var downUntil: ContinuousClock.Instant?
  }
  private var places: [Place]
  private var turn = 0

  init(count: Int) { places = Array(repeating: Place(), count: count) }

  /// Picks an address for an attempt that begins.
  mutating func begin(now: ContinuousClock.Instant) -> Int {
    let candidates = places.indices.map { ($0 + turn) % places.count }
    // Where all of them fail, the one whose pause ends first.
    let choice =
      candidates.filter { places[$0].downUntil.map { $0 <= now } ?? true }.min {
        places[$0].running < places[$1].running
      }
      ?? candidates.min { (places[$0].downUntil ?? now) < (places[$1].downUntil ?? now) } ?? 0
    turn = (choice + 1) % places.count
    places[choice].running += 1
    return choice
  }

  /// - Parameter isDown: whether nobody could be reached there.
  mutating func end(_ place: Int, isDown: Bool, now: ContinuousClock.Instant) {
    places[place].running -= 1
    guard isDown else {
      places[place].failures = 0
      places[place].downUntil = nil
      return
    }
    let growth = 1 << min(places[place].failures, 10)
    places[place].failures += 1
    places[place].downUntil = now + min(Self.longestPause, Self.firstPause * growth)
  }
}
