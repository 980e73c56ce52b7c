extension TaskFile {
  /// Files of somebody else's repository that are a task's baseline. They are fetched on the user's machine and are no part of the task
  /// folder as it is handed on.
  public struct Upstream: Sendable, Hashable {
    /// A file, and where sections begin in it: upstream marks none.
    public struct File: Sendable, Hashable {
      /// A marker line is put before the only line that begins with the anchor.
      public struct Section: Sendable, Hashable {
        public var name: String
        public var anchor: String
      }
      /// In the repository, and below `upstream/`.
      public var path: String
      /// Of the file as it is in the repository; nil where the commit alone pins it.
      public var sha256: String?
      public var sections: [Section]
    }
    /// The folder, in the task folder, that the files are fetched to.
    public static let folder = "upstream"

    public var url: String
    /// The commit's whole name, 40 hexadecimal digits.
    public var commit: String
    public var files: [File]
  }

  /// What a phase needs of GPUs, on one host.
  public struct GPUs: Sendable, Hashable {
    public var count: Int
    /// Of each, in MiB; 0 for any.
    public var memoryMB: Int
    /// Such as "9.0"; nil for any.
    public var computeCapability: ExactDecimal?
  }
}
