public import Foundation
import Glibc

/// The journal of submissions as one small file, replaced as a whole.
public struct SubmissionFile: SubmissionJournal {
  private let url: URL

  public init(_ url: URL) { self.url = url }

  public func pending() -> PendingSubmission? {
    guard let bytes = FileManager.default.contents(atPath: url.path) else { return nil }
    return try? JSONDecoder().decode(PendingSubmission.self, from: bytes)
  }

  public func record(_ submission: PendingSubmission) throws(AgentError) {
    do {
      try DurableFile.replace(url.path, with: Array(try JSONEncoder().encode(submission)))
    } catch {
      throw AgentError(
        .badState, "the submission cannot be noted in \(url.path), so it is not sent; make room there",
        cause: error)
    }
  }

  public func clear() { unlink(url.path) }
}
