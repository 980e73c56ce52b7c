/// Who an agent is and how patient.
public struct AgentConfiguration: Sendable, Hashable {
  /// The partition that it owns.
  public var specialist: String
  /// The run that it works in.
  public var run: String
  /// Which of several processes of the specialist this is; nil where there is one.
  ///
  /// Processes of one specialist work side by side: each submits under keys of its own, and waits for its own trials only.
  public var instance: String?
  /// First pause after a service was not to be had; doubles up to `longestPause`.
  public var firstPause: Duration
  public var longestPause: Duration
  /// The same after an attempt that came to no proposal.
  public var firstAttemptPause: Duration
  public var longestAttemptPause: Duration

  public init(
    specialist: String, run: String, instance: String? = nil, firstPause: Duration = .milliseconds(250),
    longestPause: Duration = .seconds(10), firstAttemptPause: Duration = .seconds(1),
    longestAttemptPause: Duration = .seconds(300)
  ) {
    self.specialist = specialist
    self.run = run
    self.instance = instance
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.firstAttemptPause = firstAttemptPause
    self.longestAttemptPause = longestAttemptPause
  }

  /// The key of a submission. It follows from how many this specialist has made, so an agent that was
  /// killed after submitting names the same submission again.
  public func submissionKey(iteration: Int) -> String {
    "\(run)/\(specialist)/" + (instance.map { "\($0)/" } ?? "") + "\(iteration)"
  }
}
