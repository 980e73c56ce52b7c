import Glibc
import Synchronization

/// What a job's GPUs report by themselves while it runs. Every call blocks its thread.
///
/// The driver keeps what is reported from when this was made on, so that nothing is missed between two calls. One that hangs or dies fails
/// no job: ``coverage`` says so.
public final class GPUListener: Sendable {
  /// Of a job's time, how much was listened to.
  public enum Coverage: String, Sendable, Codable {
    case whole, part, none
  }

  private enum State {
    case within(GPUProbe.Session)
    case process(ProbeProcess)
    case ended
  }

  /// So many that hang are enough.
  private static let mostLeaving = 8

  private let state: Mutex<State>
  private let heard: Mutex<Coverage>
  private let patience: Duration
  private let leaving: LeavingProcesses

  init(
    to uuids: [String], library: String, probe: [String], patience: Duration, leaving: LeavingProcesses
  ) {
    self.patience = patience
    self.leaving = leaving
    heard = Mutex(.none)
    if probe.isEmpty {
      state = Mutex(.within(GPUProbe.Session(library: library)))
    } else if leaving.collect() < Self.mostLeaving, NVML.absence(of: library) == nil,
      let process = ProbeProcess(probe)
    {
      state = Mutex(.process(process))
    } else {
      state = Mutex(.ended)
    }
    if ask(.listen(uuids)) != nil { heard.withLock { $0 = .whole } }
  }

  deinit { state.withLock { end(&$0) } }

  public var coverage: Coverage { heard.withLock(\.self) }

  /// What was reported since the last call.
  public func take() -> [GPUEvent] {
    if let events = ask(.events) { return events }
    heard.withLock { heard in
      if heard == .whole { heard = .part }
    }
    return []
  }

  /// Nil when nobody is listening any more.
  private func ask(_ question: GPUProbe.Question) -> [GPUEvent]? {
    state.withLock { state in
      let answer: GPUProbe.Answer? =
        switch state {
        case .within(let session): session.answer(question)
        case .process(let process): process.exchange(question, until: .now + patience)
        case .ended: nil
        }
      if answer?.events == nil { end(&state) }
      return answer?.events
    }
  }

  private func end(_ state: inout State) {
    if case .process(let process) = state {
      process.end()
      leaving.add(process.pid)
    }
    state = .ended
  }
}
