/// The rules for file names inside a recipe.
///
/// Names are printable ASCII, so that two names are the same exactly when their bytes are: no Unicode
/// normalisation, no look-alikes, the same on every file system.
public enum RecipePath {
  /// The longest path, in bytes.
  public static let maximumLength = 240
  /// The deepest path, in components.
  public static let maximumDepth = 8

  /// Refuses a path that is not a plain relative path below the recipe's folder.
  public static func validate(_ path: String) throws(PatchError) {
    let bytes = path.utf8
    func refuse(_ why: String) -> PatchError {
      PatchError(
        .badPath,
        "the path \(quoted(bytes)) \(why); name files relative to the recipe folder, "
          + "for example recipe.py or models/net.py")
    }
    guard !bytes.isEmpty else { throw refuse("is empty") }
    guard bytes.count <= maximumLength else { throw refuse("is longer than \(maximumLength) bytes") }
    guard bytes.first != UInt8(ascii: "/") else { throw refuse("is absolute") }
    for byte in bytes {
      guard byte >= 0x20, byte != 0x7f else { throw refuse("holds a control character") }
      guard byte < 0x80 else { throw refuse("holds characters outside ASCII") }
      guard byte != UInt8(ascii: "\\") else { throw refuse("holds a backslash") }
      guard byte != UInt8(ascii: "\""), byte != UInt8(ascii: ":") else {
        throw refuse("holds a quote or a colon")
      }
    }
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count <= maximumDepth else { throw refuse("is deeper than \(maximumDepth) folders") }
    for part in parts {
      guard let first = part.first, let last = part.last else { throw refuse("has an empty component") }
      guard !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else {
        throw refuse("has a '.' or '..' component")
      }
      guard first != 0x20, last != 0x20 else {
        throw refuse("has a component that begins or ends with a space")
      }
    }
  }

  /// Bytewise order, which is also how a snapshot lists its files.
  static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}

/// A short printable quotation of bytes from outside, for messages.
func quoted(_ bytes: some Collection<UInt8>, limit: Int = 80) -> String {
  var text = "'"
  var cut = false
  var shown: [UInt8] = []
  for byte in bytes {
    if shown.count >= limit {
      cut = true
      break
    }
    shown.append(byte)
  }
  for scalar in String(decoding: shown, as: UTF8.self).unicodeScalars {
    switch scalar {
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _
    where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
      || (0x200b...0x200f).contains(scalar.value) || (0x2028...0x202e).contains(scalar.value)
      || (0x2060...0x206f).contains(scalar.value):
      text += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: text.unicodeScalars.append(scalar)
    }
  }
  return text + (cut ? "...'" : "'")
}
