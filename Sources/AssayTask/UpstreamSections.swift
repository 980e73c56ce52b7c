/// Puts section markers into a file whose author knows none.
enum UpstreamSections {
  static func marker(_ name: String) -> String { "# --- section: \(name) ---" }

  /// The text with a marker line before each anchor's line. Line endings of the file become line feeds.
  ///
  /// Throws where an anchor begins no line, or more than one.
  static func insert(
    _ sections: [TaskFile.Upstream.File.Section], into text: String, of path: String
  ) throws(TaskError) -> String {
    var lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
      .map(
        String.init)
    for section in sections {
      let found = lines.indices.filter { lines[$0].hasPrefix(section.anchor) }
      guard found.count == 1 else {
        throw TaskError(
          .upstreamChanged,
          "\(found.isEmpty ? "no line" : "\(found.count) lines") of the upstream file '\(path)' "
            + "begin\(found.isEmpty ? "s" : "") with '\(shown(section.anchor))', where section '\(section.name)' belongs; "
            + "correct upstream.files in task.yaml for this commit")
      }
      lines.insert(marker(section.name), at: found[0])
    }
    return lines.joined(separator: "\n")
  }
}
