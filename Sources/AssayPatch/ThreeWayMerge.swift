/// Joins two changes of one tree, line by line (diff3).
public enum ThreeWayMerge {
  /// What came of it.
  public enum Result: Sendable, Hashable {
    case merged(RecipeTree)
    case conflicts([Conflict])
  }

  /// A place where the two sides changed the same lines differently.
  public struct Conflict: Sendable, Hashable {
    public var path: String
    /// The lines of the base file, from 0; empty for an insertion; nil where the whole file conflicts.
    public var baseLines: Range<Int>?
    public var message: String
  }

  /// The tree with the changes of both sides, or every place where they collide. Symmetric in its two sides.
  public static func merge(base: RecipeTree, ours: RecipeTree, theirs: RecipeTree) -> Result {
    var files: [String: [UInt8]] = [:]
    var conflicts: [Conflict] = []
    for path in Set(base.paths).union(ours.paths).union(theirs.paths).sorted(by: RecipePath.precedes) {
      let b = base[path]
      let o = ours[path]
      let t = theirs[path]
      if o == t || b == t {
        files[path] = o
      } else if b == o {
        files[path] = t
      } else if let b, let o, let t {
        var found: [Conflict] = []
        let merged = merge(b, o, t, path, &found)
        conflicts.append(contentsOf: found)
        files[path] = merged
      } else {
        let what =
          b == nil
          ? "both sides create '\(path)' differently" : "one side deletes '\(path)', the other changes it"
        conflicts.append(Conflict(path: path, baseLines: nil, message: what))
      }
    }
    guard conflicts.isEmpty else { return .conflicts(conflicts) }
    do {
      return .merged(try RecipeTree(files))
    } catch {
      return .conflicts([Conflict(path: error.file ?? "", baseLines: nil, message: error.message)])
    }
  }

  private static func merge(
    _ base: [UInt8], _ ours: [UInt8], _ theirs: [UInt8], _ path: String, _ conflicts: inout [Conflict]
  ) -> [UInt8] {
    let b = Lines.split(base)
    let o = Lines.split(ours)
    let t = Lines.split(theirs)
    let numbers = Lines.number([b, o, t])
    let inOurs = LineMatching(numbers[0], numbers[1]).partner
    let inTheirs = LineMatching(numbers[0], numbers[2]).partner
    var output: [ArraySlice<UInt8>] = []
    var at = (b: 0, o: 0, t: 0)
    while true {
      // The next base line that both sides kept ends the current region.
      var stop = (b: b.count, o: o.count, t: t.count)
      for k in at.b..<b.count {
        guard let i = inOurs[k], let j = inTheirs[k] else { continue }
        stop = (k, i, j)
        break
      }
      let region = (b: b[at.b..<stop.b], o: o[at.o..<stop.o], t: t[at.t..<stop.t])
      if region.o == region.t || region.b == region.t {
        output.append(contentsOf: region.o)
      } else if region.b == region.o {
        output.append(contentsOf: region.t)
      } else {
        let lines = region.b.isEmpty ? "after line \(at.b)" : "lines \(at.b + 1) to \(stop.b)"
        conflicts.append(
          Conflict(
            path: path, baseLines: at.b..<stop.b, message: "both sides change '\(path)' \(lines) differently")
        )
      }
      guard stop.b < b.count else { break }
      output.append(b[stop.b])
      at = (stop.b + 1, stop.o + 1, stop.t + 1)
    }
    if conflicts.isEmpty, !Lines.areWhole(output) {
      conflicts.append(
        Conflict(
          path: path, baseLines: nil, message: "the sides disagree on the newline at the end of '\(path)'"))
    }
    return Lines.join(output)
  }
}
