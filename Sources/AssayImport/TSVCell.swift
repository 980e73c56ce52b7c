/// One cell of a record.
public struct TSVCell: Sendable, Equatable {
  /// As it stands between the tabs, quotes included.
  public var raw: ArraySlice<UInt8>
  /// What it says: quotes removed, doubled ones undoubled.
  public var text: [UInt8]

  /// The cells of a record. A quote counts only at the start of a cell; what follows a closing quote is kept as it is.
  public static func split(_ bytes: [UInt8]) -> [TSVCell] {
    var cells: [TSVCell] = []
    var start = 0
    var index = 0
    var text: [UInt8] = []
    let quote = UInt8(ascii: "\"")
    let tab = UInt8(ascii: "\t")
    while true {
      text.removeAll(keepingCapacity: true)
      if index < bytes.count, bytes[index] == quote {
        index += 1
        while index < bytes.count {
          if bytes[index] != quote {
            text.append(bytes[index])
            index += 1
          } else if index + 1 < bytes.count, bytes[index + 1] == quote {
            text.append(quote)
            index += 2
          } else {
            index += 1
            break
          }
        }
      }
      let plain = index
      while index < bytes.count, bytes[index] != tab { index += 1 }
      text.append(contentsOf: bytes[plain..<index])
      cells.append(TSVCell(raw: bytes[start..<index], text: text))
      guard index < bytes.count else { return cells }
      index += 1
      start = index
    }
  }

  /// A cell as RFC 4180 writes it when it quotes only what it must.
  public static func quoted(_ text: String) -> String {
    let needs = text.utf8.contains {
      $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
        || $0 == UInt8(ascii: "\"")
    }
    return needs ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
