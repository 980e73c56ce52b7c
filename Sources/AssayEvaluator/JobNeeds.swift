import AssayGPU
import AssayTask
import AssayVerdict
import Foundation

/// What a job asks of the host that it is given to.
struct JobNeeds: Hashable, Sendable, Codable {
  /// Sorted, each once.
  var labels: [String] = []
  var memoryBytes: UInt64 = 0
  /// Nil where none is needed, as in jobs from before hosts offered any.
  var gpus: GPUNeed?
  /// Model of the processor that the run is measured on; nil for any.
  var processor: String?

  init(labels: [String] = [], memoryBytes: UInt64 = 0, gpus: GPUNeed? = nil) {
    self.labels = labels
    self.memoryBytes = memoryBytes
    self.gpus = gpus
  }

  init(_ environment: TaskFile.Environment, _ phase: TaskFile.Phase) {
    labels = environment.labels.map { "\($0.key)=\($0.value)" }.sorted()
    memoryBytes = UInt64(max(0, phase.limits.memoryBytes))
    gpus = environment.gpus.map { needed in
      GPUNeed(
        count: needed.count, memoryBytes: UInt64(max(0, needed.memoryMB)) << 20,
        computeCapability: needed.computeCapability?.text ?? "")
    }
  }

  /// The same, of a run that is measured on this.
  func on(_ hardware: Hardware) -> JobNeeds {
    var needs = self
    needs.processor = hardware.processor
    needs.gpus?.model = hardware.gpu
    return needs
  }

  /// A host that does not know its memory is taken at its word that it can run anything.
  ///
  /// - Parameter heldGPUs: of the host, by its other jobs. Which those are is the runner's to say, so that each counts as one that would
  ///   have been good enough.
  func isMet(by offer: RunnerOffer, heldGPUs: Int = 0) -> Bool {
    guard Set(labels).isSubset(of: offer.labels), offer.memoryBytes == 0 || memoryBytes <= offer.memoryBytes
    else { return false }
    guard processor == nil || processor == offer.processor else { return false }
    guard let gpus else { return true }
    // A scheduler has a queue of its own: what other jobs hold there is no reason not to ask it.
    if offer.gpus.contains(where: { $0.isGiven(for: gpus) }) { return true }
    return gpus.most(of: offer.devices) - heldGPUs >= gpus.count
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
