/// Which other trials a text speaks of: `exp_077`, `exp077`, `trial 77`, `#77`.
enum Citations {
  private static let words: [[UInt8]] = ["exp_", "exp", "trial ", "trials ", "#"].map { Array($0.utf8) }

  static func ids(in texts: String..., and notes: String, except own: String) -> [String] {
    var found: [String] = []
    for text in texts + [notes] {
      for id in ids(in: text) where id != own && !found.contains(id) {
        found.append(id)
        if found.count >= 64 { return found }
      }
    }
    return found
  }

  private static func ids(in text: String) -> [String] {
    let bytes = Array(text.utf8)
    var found: [String] = []
    var index = 0
    while index < bytes.count {
      guard let word = words.first(where: { matches($0, bytes, index) }) else {
        index += 1
        continue
      }
      var end = index + word.count
      let start = end
      while end < bytes.count, bytes[end] >= 48, bytes[end] <= 57, end - start < 9 { end += 1 }
      if end > start { found.append(String(decoding: bytes[start..<end], as: UTF8.self)) }
      index = max(end, index + 1)
    }
    return found
  }

  private static func matches(_ word: [UInt8], _ bytes: [UInt8], _ index: Int) -> Bool {
    guard index + word.count <= bytes.count, index == 0 || !isLetter(bytes[index - 1]) else { return false }
    for (offset, byte) in word.enumerated() where bytes[index + offset] | 0x20 != byte | 0x20 { return false }
    return true
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 97 && (byte | 0x20) <= 122 }
}
