import Glibc
import Synchronization

/// The driver of this host, asked with a deadline. Every call blocks its thread.
///
/// A driver that hangs does so within the kernel, where nothing can end a call. So it is asked by a process of its own: that one is
/// given up then, and no other is started before it is gone.
public final class GPUDriver: Sendable {
  private enum State {
    case idle
    case running(ProbeProcess)
    /// Killed, and not gone yet.
    case hung(pid: pid_t)
  }

  private let library: String
  private let probe: [String]
  private let patience: Duration
  private let state = Mutex(State.idle)
  private let leaving = LeavingProcesses()

  /// - Parameters:
  ///   - library: the driver's library, by its name or path.
  ///   - probe: the program that runs ``GPUProbe/serve(library:)``, by its absolute path, and its arguments; empty to ask from within this
  ///     process, which hangs when the driver does.
  ///   - patience: how long an answer may take.
  public init(library: String, probe: [String], patience: Duration) {
    self.library = library
    self.probe = probe
    self.patience = patience
  }

  deinit {
    state.withLock { state in
      // It ends when nobody asks any more.
      if case .running(let process) = state { process.close() }
    }
  }

  public func inventory() -> GPUInventory {
    if probe.isEmpty { return GPUInventory.discover(library: library) }
    // Most hosts have none: nobody has to be asked.
    if let absence = NVML.absence(of: library) {
      var none = GPUInventory()
      none.faults = [absence]
      return none
    }
    if let inventory = ask(.inventory)?.inventory { return inventory }
    var silent = GPUInventory()
    silent.faults = [
      GPUFault(
        .driverSilent, "the driver did not answer within \(patience)",
        remedy: "look for Xid in the kernel's log (dmesg); a driver that hangs needs a reboot")
    ]
    return silent
  }

  /// By UUID; none for devices that do not answer.
  public func activity(of uuids: [String]) -> [String: GPUActivity] {
    if !probe.isEmpty { return ask(.activity(uuids))?.activity ?? [:] }
    guard let nvml = try? NVML(library: library) else { return [:] }
    var activity: [String: GPUActivity] = [:]
    for uuid in uuids { activity[uuid] = nvml.activity(of: uuid) }
    return activity
  }

  /// Listens for what these devices report by themselves, until the result is gone. It has a process of its own, so that what hangs or dies
  /// while a job runs takes nothing else along.
  public func listen(to uuids: [String]) -> GPUListener {
    GPUListener(to: uuids, library: library, probe: probe, patience: patience, leaving: leaving)
  }

  private func ask(_ question: GPUProbe.Question) -> GPUProbe.Answer? {
    state.withLock { state in
      let deadline = ContinuousClock.now + patience
      // A process that ended since the last question is started again, once.
      for _ in 0..<2 {
        if case .hung(let pid) = state {
          guard waitpid(pid, nil, WNOHANG) != 0 else { return nil }
          state = .idle
        }
        if case .idle = state {
          guard let process = ProbeProcess(probe) else { return nil }
          state = .running(process)
        }
        guard case .running(let process) = state else { return nil }
        if let answer = process.exchange(question, until: deadline) { return answer }
        process.end()
        state = .hung(pid: process.pid)
        guard ContinuousClock.now < deadline else { return nil }
      }
      return nil
    }
  }
}
