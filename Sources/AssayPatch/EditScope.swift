/// The part of a recipe that somebody may edit: whole files, or named sections of files.
///
/// What was edited is found by comparing the sections of the two trees, not by reading a diff, so it does not
/// depend on how a change is written down.
public struct EditScope: Sendable, Hashable {
  /// What of one file.
  public enum Extent: Sendable, Hashable {
    /// All of it. Its marker lines, if it has any, stay as they are nevertheless.
    case whole
    /// These sections of it.
    case sections(Set<String>)
  }

  /// The files, by path.
  public var files: [String: Extent]

  public init(files: [String: Extent]) { self.files = files }

  /// A change outside what is allowed.
  public struct Violation: Sendable, Hashable, CustomStringConvertible {
    public var path: String
    /// The section, where it is about one.
    public var section: String?
    public var message: String
    public var description: String { message }
  }

  /// One thing that differs between two trees.
  public struct Edited: Sendable, Hashable {
    public var path: String
    /// The section; nil where the file was created or deleted.
    public var section: String?

    public init(path: String, section: String?) {
      self.path = path
      self.section = section
    }
  }

  /// The sections whose content differs between two trees, in order of path and place. A file whose sections
  /// cannot be compared (created, deleted, markers changed) is listed without a section.
  public static func editedSections(before: RecipeTree, after: RecipeTree) -> [Edited] {
    var edited: [Edited] = []
    for path in Set(before.paths).union(after.paths).sorted(by: RecipePath.precedes) {
      if before[path] == after[path] { continue }
      switch compare(before[path], after[path], path) {
      case .success(let sections): edited += sections.map { Edited(path: path, section: $0) }
      case .failure: edited.append(Edited(path: path, section: nil))
      }
    }
    return edited
  }

  /// Every way in which the step from `before` to `after` leaves `allowed`; empty means it stays inside.
  public static func check(before: RecipeTree, after: RecipeTree, allowed: EditScope) -> [Violation] {
    var violations: [Violation] = []
    for path in Set(before.paths).union(after.paths).sorted(by: RecipePath.precedes) {
      let old = before[path]
      let new = after[path]
      if old == new { continue }
      guard let extent = allowed.files[path] else {
        violations.append(
          Violation(
            path: path, section: nil,
            message: "'\(path)' is not yours to \(old == nil ? "create" : new == nil ? "delete" : "edit"); "
              + "you may edit \(allowed.summary)"))
        continue
      }
      switch compare(old, new, path) {
      case .failure(let violation):
        if case .whole = extent, old == nil { continue }
        violations.append(violation)
      case .success(let sections):
        guard case .sections(let names) = extent else { continue }
        for section in sections where !names.contains(section) {
          violations.append(
            Violation(
              path: path, section: section,
              message:
                "section '\(section)' of '\(path)' is not yours to edit; you may edit \(allowed.summary)"))
        }
      }
    }
    return violations
  }

  /// The scope in words, for messages.
  public var summary: String {
    if files.isEmpty { return "nothing" }
    return files.sorted { RecipePath.precedes($0.key, $1.key) }.map { path, extent in
      switch extent {
      case .whole: "all of '\(path)'"
      case .sections(let names):
        "section\(names.count == 1 ? "" : "s") " + names.sorted().map { "'\($0)'" }.joined(separator: ", ")
          + " of '\(path)'"
      }
    }.joined(separator: "; ")
  }

  private enum Comparison {
    case success([String])
    case failure(Violation)
  }

  private static func compare(_ old: [UInt8]?, _ new: [UInt8]?, _ path: String) -> Comparison {
    func failure(_ message: String) -> Comparison {
      .failure(Violation(path: path, section: nil, message: message))
    }
    guard let old else { return failure("'\(path)' is new; only the task's author adds recipe files") }
    guard let new else {
      return failure("'\(path)' may not be deleted; empty the parts that are yours instead")
    }
    let before: Sections
    let after: Sections
    do {
      before = try Sections(parsing: old)
    } catch {
      return failure("the parent's '\(path)' has broken section markers: " + error.message)
    }
    do {
      after = try Sections(parsing: new)
    } catch {
      return failure("the edit breaks the section markers of '\(path)': " + error.message)
    }
    let oldMarkers = before.all.map { Array(Lines.body($0.marker[...])) }
    let newMarkers = after.all.map { Array(Lines.body($0.marker[...])) }
    guard oldMarkers == newMarkers else {
      let lost = before.names.filter { !after.names.contains($0) }
      let added = after.names.filter { !before.names.contains($0) }
      let what =
        !lost.isEmpty
        ? "removes " + lost.map { "'\($0)'" }.joined(separator: ", ")
        : !added.isEmpty
          ? "adds " + added.map { "'\($0)'" }.joined(separator: ", ") : "changes or reorders them"
      return failure(
        "the edit changes the section marker lines of '\(path)' (\(what)); leave '# --- section: NAME ---' lines alone"
      )
    }
    // A marker's own line ending counts as content of its section.
    return .success(
      zip(before.all, after.all).filter { $0.content != $1.content || $0.marker != $1.marker }.map(\.0.name))
  }
}
