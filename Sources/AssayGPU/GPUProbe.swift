import Foundation

/// What is asked of a driver, and answered, by way of a process of its own: a line of JSON each.
public enum GPUProbe {
  enum Question: Codable, Sendable {
    case inventory
    /// Of devices with these UUIDs.
    case activity([String])
    /// From now on, what devices with these UUIDs report by themselves is kept.
    case listen([String])
    /// What was reported since the last time.
    case events
  }

  struct Answer: Codable, Sendable {
    var inventory: GPUInventory?
    var activity: [String: GPUActivity] = [:]
    /// Nil where the driver does not tell.
    var events: [GPUEvent]?
  }

  /// One who asks, and what is kept between the questions.
  final class Session {
    private let library: String
    // While jobs run the library stays loaded: where nothing keeps a driver awake, each start of it takes seconds.
    private var nvml: NVML?
    private var events: NVMLEvents?

    init(library: String) { self.library = library }

    func answer(_ question: Question) -> Answer {
      var answer = Answer()
      switch question {
      case .inventory:
        // Started anew, it knows of devices that came and went.
        nvml = nil
        answer.inventory = GPUInventory.discover(library: library)
      case .activity(let uuids):
        if nvml == nil { nvml = try? NVML(library: library) }
        for uuid in uuids { answer.activity[uuid] = nvml?.activity(of: uuid) }
      case .listen(let uuids):
        events = (try? NVML(library: library)).flatMap { NVMLEvents($0, of: uuids) }
        answer.events = events == nil ? nil : []
      case .events: answer.events = events?.take()
      }
      return answer
    }
  }

  /// Answers questions on standard input until that ends: it is the asking process that goes.
  ///
  /// - Parameter library: a path instead of the name by which the driver's library is found.
  public static func serve(library: String) {
    let session = Session(library: library)
    while let line = readLine() {
      guard let question = try? JSONDecoder().decode(Question.self, from: Data(line.utf8)),
        let text = try? JSONEncoder().encode(session.answer(question))
      else { return }
      FileHandle.standardOutput.write(text + Data("\n".utf8))
    }
  }
}
