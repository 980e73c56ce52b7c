/// A unified diff over the files of a recipe: what `diff -u` and `git diff` write, as a value.
///
/// Everything works on bytes. Contents may have any line endings and any encoding, but no zero bytes.
public struct UnifiedDiff: Sendable, Hashable {
  /// The largest patch that is looked at, in bytes.
  public static let maximumBytes = 1 << 20
  /// How far from its stated line a hunk may be found, in lines.
  public static let maximumOffset = 200

  /// What happens to one file.
  public enum Change: Sendable, Hashable {
    case modify, create, delete
  }

  /// One line of a hunk.
  public struct Line: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      case context, delete, insert
    }
    public var kind: Kind
    /// The line with its newline; without one only where the file ends without.
    public var bytes: [UInt8]
  }

  /// A run of lines of one file.
  public struct Hunk: Sendable, Hashable {
    /// The first line in the old file, from 1; the line before the insertion where `oldCount` is 0.
    public var oldStart: Int
    public var newStart: Int
    public var lines: [Line]

    public var oldCount: Int { lines.count { $0.kind != .insert } }
    public var newCount: Int { lines.count { $0.kind != .delete } }
  }

  /// The changes of one file.
  public struct File: Sendable, Hashable {
    public var path: String
    public var change: Change
    public var hunks: [Hunk]
  }

  public var files: [File]

  /// Whether the diff names no file.
  public var isEmpty: Bool { files.isEmpty }

  /// The paths that the diff touches, in its order.
  public var paths: [String] { files.map(\.path) }

  /// The lines inserted and deleted over all files.
  public var lineCounts: (inserted: Int, deleted: Int) {
    var counts = (inserted: 0, deleted: 0)
    for file in files {
      for hunk in file.hunks {
        for line in hunk.lines {
          switch line.kind {
          case .insert: counts.inserted += 1
          case .delete: counts.deleted += 1
          case .context: break
          }
        }
      }
    }
    return counts
  }
}
