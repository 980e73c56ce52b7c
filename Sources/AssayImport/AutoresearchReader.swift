public import AssayTrajectory

/// Interprets the lines of a `results.tsv`, one by one and without memory: same line, same trials.
///
/// Nothing is repaired in place: what is read from a defective line carries a flag that says how, and the raw line stays in
/// the archive beside it.
public struct AutoresearchReader: Sendable {
  public let schema: AutoresearchSchema

  public init(schema: AutoresearchSchema) { self.schema = schema }

  /// The header of a file.
  public init(header: TSVLine) throws(ImportError) {
    guard header.omitted == 0, header.span == 1 else {
      throw ImportError(.malformed, "this is no results.tsv: its first line does not end.")
    }
    var bytes = header.bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    schema = try AutoresearchSchema(header: TSVCell.split(bytes).map { RecordedText($0.text).text })
  }

  /// The trials of a line: one, or two where a torn write put two rows into one line. Positions are left at 0.
  ///
  /// - Parameter idWidth: digits of the ids around this line; where a torn cell runs into an id, this tells where it begins.
  public func read(_ line: TSVLine, idWidth: Int = 3) -> [RecordedTrial] {
    var bytes = line.bytes
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    let cells = TSVCell.split(bytes)
    let width = schema.columns.count
    var flags: [RecordFlag] = []
    if line.isQuoteBroken {
      flags.append(.init(.brokenQuote, line: line.number, "a quote opens here that never closes"))
    }
    if line.omitted > 0 {
      flags.append(
        .init(.oversizedLine, line: line.number, "\(line.omitted) further bytes of this line were not read"))
    }
    if line.span > 1 {
      flags.append(.init(.quotedNewline, line: line.number, "a quoted cell spans \(line.span) lines"))
    }
    if cells.count > width, let torn = tornRow(cells, idWidth) {
      flags.append(.init(.mergedRows, line: line.number, "two rows in one line: the first one is incomplete"))
      let first = trial(texts(Array(cells[...torn.end]), cut: torn.cut), line, flags + [truncated(line)])
      let second = trial(torn.row, line, flags)
      return [first, second]
    }
    if cells.count > width {
      flags.append(
        .init(.extraCells, line: line.number, "\(cells.count) cells where the header has \(width)"))
      return [trial(Array(texts(cells).prefix(width)), line, flags)]
    }
    if cells.count < width {
      if let recovered = FlattenedLine.cells(cells, schema) {
        flags.append(
          .init(
            .mangledLine, line: line.number,
            "\(cells.count) cells where the header has \(width): tabs became spaces; recovered by the known columns"
          ))
        return [trial(recovered, line, flags)]
      }
      flags.append(
        line.isEnded && !line.isQuoteBroken
          ? .init(
            .mangledUnrecovered, line: line.number,
            "\(cells.count) cells where the header has \(width), and no way to tell the others")
          : truncated(line))
    }
    return [trial(texts(cells), line, flags)]
  }

  private func truncated(_ line: TSVLine) -> RecordFlag {
    RecordFlag(.truncatedLine, line: line.number, "the row ends before its last column")
  }

  /// A row that begins inside another one: a cell whose end is an id, followed by a time, and a whole row from there on.
  private func tornRow(_ cells: [TSVCell], _ idWidth: Int) -> (end: Int, cut: Int, row: [String])? {
    let width = schema.columns.count
    guard let id = schema.places["exp_id"], id == 0, schema.places["timestamp"] == 1 else { return nil }
    let end = cells.count - width
    guard end > 0 else { return nil }
    let time = RecordedText(cells[end + 1].text).text
    guard Self.isTime(time) else { return nil }
    let joined = cells[end].text
    let digits = joined.reversed().prefix { $0 >= 48 && $0 <= 57 }
    guard digits.count >= idWidth else { return nil }
    let length = idWidth
    let row = [String(decoding: joined.suffix(length), as: UTF8.self)] + texts(Array(cells[(end + 1)...]))
    guard TrialOutcome(label: row[schema.status]) != nil else { return nil }
    return (end, length, row)
  }

  private func texts(_ cells: [TSVCell], cut: Int = 0) -> [String] {
    var texts = cells.map { RecordedText($0.text).text }
    if cut > 0, let last = texts.popLast() { texts.append(String(last.dropLast(cut))) }
    return texts
  }

  /// `2026-04-22T01:36:09Z` and the like.
  static func isTime(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes.count <= 40 else { return false }
    for (index, byte) in bytes.prefix(19).enumerated() {
      switch index {
      case 4, 7: guard byte == UInt8(ascii: "-") else { return false }
      case 10: guard byte == UInt8(ascii: "T") || byte == UInt8(ascii: " ") else { return false }
      case 13, 16: guard byte == UInt8(ascii: ":") else { return false }
      default: guard byte >= 48 && byte <= 57 else { return false }
      }
    }
    return true
  }
}
