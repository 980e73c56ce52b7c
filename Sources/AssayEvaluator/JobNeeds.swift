import AssayTask
import Foundation

/// What a job asks of the host that it is given to.
struct JobNeeds: Hashable, Sendable, Codable {
  /// Sorted, each once.
  var labels: [String] = []
  var memoryBytes: UInt64 = 0

  init(labels: [String] = [], memoryBytes: UInt64 = 0) {
    self.labels = labels
    self.memoryBytes = memoryBytes
  }

  init(_ environment: TaskFile.Environment, _ phase: TaskFile.Phase) {
    labels = environment.labels.map { "\($0.key)=\($0.value)" }.sorted()
    memoryBytes = UInt64(max(0, phase.limits.memoryBytes))
  }

  /// A host that does not know its memory is taken at its word that it can run anything.
  func isMet(by offer: RunnerOffer) -> Bool {
    Set(labels).isSubset(of: offer.labels) && (offer.memoryBytes == 0 || memoryBytes <= offer.memoryBytes)
  }

  /// One text for equal needs, by which the queue groups its jobs.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Jobs from before there were needs have none.
  init(text: String) {
    self = (try? JSONDecoder().decode(JobNeeds.self, from: Data(text.utf8))) ?? JobNeeds()
  }
}
