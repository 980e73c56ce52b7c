/// The sections of a recipe file.
///
/// A line `# --- section: NAME ---` begins a section, which runs to the next such line or the end of the
/// file. What comes before the first belongs to the section `preamble`. Only the line feed ends a line.
public struct Sections: Sendable, Hashable {
  /// The name of what comes before the first marker.
  public static let preamble = "preamble"

  /// One section.
  public struct Section: Sendable, Hashable {
    public var name: String
    /// The line of the marker, from 0; nil for the preamble.
    public var markerLine: Int?
    /// The lines of the content, from 0, without the marker.
    public var lines: Range<Int>
    /// The content, without the marker line.
    public var content: [UInt8]
    /// The marker line as it stands, with its line ending; empty for the preamble.
    var marker: [UInt8]
  }

  /// The sections in file order; the preamble is first, also where it is empty.
  public let all: [Section]

  /// The names in file order, `preamble` first.
  public var names: [String] { all.map(\.name) }

  /// Whether the file has any marker.
  public var isDivided: Bool { all.count > 1 }

  /// The section of this name.
  public subscript(name: String) -> Section? { all.first { $0.name == name } }

  /// Reads the markers of a file. Refuses misspelt markers, bad names and names used twice.
  public init(parsing bytes: [UInt8]) throws(PatchError) {
    let lines = Lines.split(bytes)
    var sections: [Section] = []
    var current = (name: Self.preamble, marker: Int?.none, bytes: ArraySlice<UInt8>())
    var start = 0
    func close(_ end: Int) {
      sections.append(
        Section(
          name: current.name, markerLine: current.marker, lines: start..<end,
          content: Lines.join(lines[start..<end]), marker: Array(current.bytes)))
    }
    for (index, line) in lines.enumerated() {
      guard Self.looksLikeMarker(line) else { continue }
      guard let name = Self.name(line) else {
        throw PatchError(
          .badSections,
          "line \(index + 1): \(quoted(Lines.body(line))) is not a section marker; write "
            + "'# --- section: NAME ---' at the beginning of the line, NAME of letters, digits, '_' and '-'")
      }
      guard name != Self.preamble, name != current.name, !sections.contains(where: { $0.name == name }) else {
        throw PatchError(
          .badSections,
          "line \(index + 1): the section name '\(name)' is already used; every section needs its own name")
      }
      close(index)
      current = (name, index, line)
      start = index + 1
    }
    close(lines.count)
    all = sections
  }

  /// A line that a reader would take for a marker.
  private static func looksLikeMarker(_ line: ArraySlice<UInt8>) -> Bool {
    let packed = line.lazy.filter { $0 > 0x20 }
    return packed.starts(with: "#---section".utf8)
  }

  /// The name in an exactly written marker line.
  private static func name(_ line: ArraySlice<UInt8>) -> String? {
    var body = Lines.body(line)
    if body.last == UInt8(ascii: "\r") { body = body.dropLast() }
    let prefix = "# --- section: ".utf8
    let suffix = " ---".utf8
    guard body.count > prefix.count + suffix.count, body.starts(with: prefix),
      body.suffix(suffix.count).elementsEqual(suffix)
    else { return nil }
    let name = body.dropFirst(prefix.count).dropLast(suffix.count)
    return isName(name) ? String(decoding: name, as: UTF8.self) : nil
  }

  /// Whether a text may name a section: letters, digits, `_` and `-`, at most 64 of them.
  static func isName(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.count <= 64
      && bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
