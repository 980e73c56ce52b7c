/// Events by their time; those of one time in the order in which they came.
struct EventHeap {
  struct Event {
    var at: Int64
    var number: UInt64
    var owner: Scheduler.Owner
    var body: () -> Void
  }
  private var heap: [Event] = []
  private var count: UInt64 = 0

  /// When the next one is.
  var first: Int64? { heap.first?.at }

  mutating func push(at time: Int64, _ owner: Scheduler.Owner, _ body: @escaping () -> Void) {
    count += 1
    heap.append(Event(at: time, number: count, owner: owner, body: body))
    var child = heap.count - 1
    while child > 0, isBefore(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Event? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
        least = child
      }
      guard least != parent else { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    (heap[left].at, heap[left].number) < (heap[right].at, heap[right].number)
  }
}
