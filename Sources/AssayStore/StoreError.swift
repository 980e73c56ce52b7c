import GRDB

/// A failure of a database; the message says the remedy. Nothing is half-written: a failed write changed nothing.
public struct StoreError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// Another process owns the database.
    public static let inUse = Code(name: "in use")
    /// The database was written by a newer program.
    public static let newerVersion = Code(name: "newer version")
    /// No space left, or a quota reached.
    public static let diskFull = Code(name: "disk full")
    /// The file is damaged.
    public static let corrupt = Code(name: "corrupt")
    /// The durability that is promised is not in force.
    public static let notDurable = Code(name: "not durable")
    /// Reading or writing failed.
    public static let inputOutput = Code(name: "input/output")
    /// The same idempotency key came with another body.
    public static let keyReused = Code(name: "key reused")
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }

  /// Whether SQLite speaks of the disk, and not of what it was asked.
  static func isOfTheDisk(_ error: DatabaseError) -> Bool {
    [
      .SQLITE_FULL, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY,
      .SQLITE_PERM,
    ].contains(error.resultCode)
  }

  /// A database error as one of ours; other errors pass as they are.
  static func translate(_ error: any Error, path: String) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    switch error.resultCode {
    case .SQLITE_FULL:
      return StoreError(
        .diskFull, "no space left for \(path). Free some and start again; nothing acknowledged is lost.")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return StoreError(.corrupt, "\(path) is damaged. Restore it from a backup.")
    case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
      return StoreError(
        .inputOutput,
        "cannot use \(path): \(error.message ?? "input/output error"). Check the disk and the folder's permissions."
      )
    default:
      return error
    }
  }
}
