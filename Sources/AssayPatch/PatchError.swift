/// Why a patch, a recipe tree, or a section layout was refused. The message says what to do about it.
public struct PatchError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of refusal it is; stable, for programs.
  public struct Code: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }

    /// A path is absolute, leaves its folder, or holds characters that recipes may not use.
    public static let badPath = Code(rawValue: "bad_path")
    /// The patch, a file or the tree is over its size limit.
    public static let tooLarge = Code(rawValue: "too_large")
    /// The patch changes nothing.
    public static let empty = Code(rawValue: "empty")
    /// The text is not a unified diff.
    public static let malformed = Code(rawValue: "malformed")
    /// The patch or the file is binary.
    public static let binary = Code(rawValue: "binary")
    /// The patch renames or copies a file.
    public static let rename = Code(rawValue: "rename")
    /// The patch changes file modes.
    public static let modeChange = Code(rawValue: "mode_change")
    /// The patch makes a symbolic link or a submodule.
    public static let symlink = Code(rawValue: "symlink")
    /// One file appears twice.
    public static let duplicateFile = Code(rawValue: "duplicate_file")
    /// The patch changes a file that the tree lacks.
    public static let missingFile = Code(rawValue: "missing_file")
    /// The patch creates a file that the tree has.
    public static let fileExists = Code(rawValue: "file_exists")
    /// The lines that a hunk expects are not in the file.
    public static let contextMismatch = Code(rawValue: "context_mismatch")
    /// A section marker line is misspelt, or a section name is used twice.
    public static let badSections = Code(rawValue: "bad_sections")
  }

  public let code: Code
  /// What is wrong and what to do, in one or two sentences.
  public let message: String
  /// The recipe file it is about, where there is one.
  public let file: String?
  /// The number of the hunk within its file, from 1, where there is one.
  public let hunk: Int?

  public init(_ code: Code, _ message: String, file: String? = nil, hunk: Int? = nil) {
    self.code = code
    self.message = message
    self.file = file
    self.hunk = hunk
  }

  public var description: String { "\(code): \(message)" }
}
