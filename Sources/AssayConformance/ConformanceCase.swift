/// One thing that an implementation of a contract has to do.
public struct ConformanceCase: Sendable {
  /// What a case needs beyond an address; an implementation without it says so in a feature file.
  public enum Feature: String, Sendable, CaseIterable {
    /// The program under test is started and stopped by the suite (a command after `--`).
    case restart
    /// It gives jobs to runners.
    case jobs
    /// It answers streaming methods.
    case streams
  }

  /// Stable: lists of known failures name it.
  public let name: String
  public let purpose: String
  public let expected: String
  public let needs: Set<Feature>
  let body: @Sendable () async throws -> Void

  init(
    _ name: String, _ purpose: String, expect expected: String, needs: Set<Feature> = [],
    _ body: @escaping @Sendable () async throws -> Void
  ) {
    self.name = name
    self.purpose = purpose
    self.expected = expected
    self.needs = needs
    self.body = body
  }
}
