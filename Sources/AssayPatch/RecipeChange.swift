/// What a step from one recipe to another changes, apart from the lines around it: the runs of lines that go and come, with the
/// functions and classes that they stand in.
///
/// Made of recipes in canonical form (docs/lineage.md) it names a change of meaning: the same edit on two parents is the same change.
public struct RecipeChange: Sendable, Hashable {
  /// Neighbouring lines of one file that were replaced.
  public struct Run: Sendable, Hashable {
    public var path: String
    /// Names of the definitions around it, outermost first, as Python's indentation shows them.
    public var scope: [String]
    public var deleted: [[UInt8]]
    public var inserted: [[UInt8]]
  }

  /// In order of path and place.
  public private(set) var runs: [Run] = []

  public init(from old: RecipeTree, to new: RecipeTree) {
    for path in Set(old.paths).union(new.paths).sorted(by: RecipePath.precedes) where old[path] != new[path] {
      append(path, Lines.split(old[path] ?? []), Lines.split(new[path] ?? []))
    }
  }

  /// SHA-256 over every run: path, scope, deleted and inserted lines, each with its length before it. Empty for no change.
  public var digest: String {
    guard !runs.isEmpty else { return "" }
    var bytes = Array("assay-change/v1".utf8)
    func add(_ text: some Collection<UInt8>) {
      bytes += Array("\(text.count):".utf8)
      bytes += text
    }
    for run in runs {
      add(run.path.utf8)
      for lines in [run.scope.map { Array($0.utf8) }, run.deleted, run.inserted] {
        bytes += Array("\(lines.count);".utf8)
        for line in lines { add(line) }
      }
    }
    return SnapshotDigest.hex(ofContent: bytes)
  }

  private mutating func append(_ path: String, _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) {
    let numbers = Lines.number([old, new])
    let partner = LineMatching(numbers[0], numbers[1]).partner
    var at = (old: 0, new: 0)
    func end(_ stop: (old: Int, new: Int)) -> Run? {
      guard at.old < stop.old || at.new < stop.new else { return nil }
      let scope = at.new < stop.new ? Self.scope(of: at.new, in: new) : Self.scope(of: at.old, in: old)
      return Run(
        path: path, scope: scope, deleted: old[at.old..<stop.old].map(Array.init),
        inserted: new[at.new..<stop.new].map(Array.init))
    }
    for (index, other) in partner.enumerated() {
      guard let other else { continue }
      if let run = end((index, other)) { runs.append(run) }
      at = (index + 1, other + 1)
    }
    if let run = end((old.count, new.count)) { runs.append(run) }
  }

  private static func scope(of index: Int, in lines: [ArraySlice<UInt8>]) -> [String] {
    var scope: [String] = []
    var indentation = self.indentation(lines[index]) ?? 0
    for line in lines[..<index].reversed() where indentation > 0 {
      guard let here = self.indentation(line), here < indentation else { continue }
      indentation = here
      let words = line.dropFirst(here)
      for keyword in ["def ", "class ", "async def "] where words.starts(with: keyword.utf8) {
        let name = words.dropFirst(keyword.utf8.count).prefix { isOfName($0) }
        scope.append(String(decoding: name, as: UTF8.self))
      }
    }
    return scope.reversed()
  }

  /// Leading blanks; nil for an empty line.
  private static func indentation(_ line: ArraySlice<UInt8>) -> Int? {
    let count = line.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
    return Lines.body(line).count == count ? nil : count
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte >= 0x80
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }
}
