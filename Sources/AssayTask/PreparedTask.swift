/// Where a task's environment and data are, ready to use.
public struct PreparedTask: Sendable, Hashable {
  /// The folder of the Python environment, to be mounted at `/env`; nil where the system's Python is enough.
  public let environment: String?
  /// The public split.
  public let train: String
  /// The split that trials are scored on. Only the owner can read it.
  public let heldout: String
  /// The split that is scored once, when a run ends. Only the owner can read it.
  public let sealed: String
  /// SHA-256 of the manifest of all data files.
  public let dataDigest: String

  public init(environment: String?, train: String, heldout: String, sealed: String, dataDigest: String) {
    self.environment = environment
    self.train = train
    self.heldout = heldout
    self.sealed = sealed
    self.dataDigest = dataDigest
  }

  /// The interpreter inside a sandbox.
  public var interpreter: String { environment == nil ? TaskPreparation.systemPython : "/env/bin/python" }
  /// The interpreter on this machine.
  public var hostInterpreter: String {
    environment.map { $0 + "/bin/python" } ?? TaskPreparation.systemPython
  }
}
