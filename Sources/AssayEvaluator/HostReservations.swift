/// Hosts that are kept for jobs of more GPUs than come free by themselves: a value that is asked whenever a host wants work.
///
/// A job of many GPUs would wait for ever behind jobs of one, each of which takes the GPU that the one before it left. So the first
/// host that such a job's turn comes on, and that has the GPUs but not free, is kept for jobs of its kind: it gets no other job with
/// GPUs until one of them starts, on whichever host. One host is kept for a kind of jobs, and a host for one kind.
struct HostReservations: Hashable, Sendable {
  struct Reservation: Hashable, Sendable {
    var host: RunnerHostID
    /// When the host last asked for work, in milliseconds.
    var asked: Int64
  }

  /// A host that wants work.
  struct Request: Sendable {
    var host: RunnerHostID
    var offer: RunnerOffer
    /// GPUs that its jobs hold.
    var heldGPUs: Int
    /// In milliseconds.
    var now: Int64
  }

  /// Milliseconds after which a host that holds no job and asks for none is taken for lost: runners ask every 20 s.
  static let patience: Int64 = 60_000

  private(set) var kept: [JobNeeds: Reservation]

  init(_ kept: [JobNeeds: Reservation] = [:]) { self.kept = kept }

  /// The kind of jobs that a host is kept for.
  func kind(on host: RunnerHostID) -> JobNeeds? { kept.first { $0.value.host == host }?.key }

  /// Ends what has no ground any more: nobody waits for it, the host has not what it takes, or it is lost.
  ///
  /// - Parameters:
  ///   - waiting: kinds of jobs that wait.
  ///   - serves: whether another host goes on to do jobs.
  mutating func review(
    _ request: Request, waiting: Set<JobNeeds>, serves: (Reservation) throws -> Bool
  ) rethrows {
    kept = try kept.filter { need, reservation in
      guard waiting.contains(need) else { return false }
      return reservation.host == request.host ? need.isMet(by: request.offer) : try serves(reservation)
    }
    if let own = kind(on: request.host) { kept[own]?.asked = request.now }
  }

  /// Whether a job whose turn it is starts on the host that asks. Where only free GPUs are missing, the host is kept for its kind.
  mutating func starts(_ need: JobNeeds, on request: Request) -> Bool {
    guard need.gpus != nil else { return need.isMet(by: request.offer) }
    let own = kind(on: request.host)
    guard own == nil || own == need else { return false }
    if need.isMet(by: request.offer, heldGPUs: request.heldGPUs) {
      kept[need] = nil
      return true
    }
    if own == nil, kept[need] == nil, need.isMet(by: request.offer) {
      kept[need] = Reservation(host: request.host, asked: request.now)
    }
    return false
  }
}
