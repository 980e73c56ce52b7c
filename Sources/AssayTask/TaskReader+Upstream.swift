import AssayPatch
import Foundation
import Yams

/// Whose files a recipe is made of, and whether they are here.
extension TaskReader {
  mutating func readUpstream(_ top: Fields) -> TaskFile.Upstream? {
    guard let node = top["upstream"],
      let fields = mapping(
        node, "upstream",
        [
          .required("url", "https://github.com/OWNER/NAME"), .required("commit", "40 hexadecimal digits"),
          .required("files", "[{path: train.py}]"),
        ])
    else { return nil }
    let url = string(fields, "url")
    if let url, url.wholeMatch(of: /(https|file):\/\/[A-Za-z0-9._~\/:+-]+/) == nil {
      error(fields["url"], "'upstream.url' is no address that is fetched from", "write https://HOST/PATH")
    }
    let commit = string(fields, "commit")
    if let commit, commit.wholeMatch(of: /[0-9a-f]{40}/) == nil {
      error(
        fields["commit"], "'upstream.commit' is no whole commit name",
        "write all 40 hexadecimal digits, in quotes: a branch or tag can move")
    }
    var files: [TaskFile.Upstream.File] = []
    for (index, entry) in list(fields, "files").enumerated() {
      guard let file = readUpstreamFile(entry, "upstream.files[\(index)]") else { continue }
      if files.contains(where: { $0.path == file.path }) {
        error(entry, "the upstream file '\(file.path)' is listed twice", "list it once")
      }
      files.append(file)
    }
    if files.isEmpty {
      error(fields["files"], "'upstream.files' is empty", "name the files that the recipe is made of")
    }
    guard let url, let commit else { return nil }
    return .init(url: url, commit: commit, files: files)
  }

  private mutating func readUpstreamFile(_ node: Node, _ path: String) -> TaskFile.Upstream.File? {
    guard
      let fields = mapping(
        node, path, [.required("path", "train.py"), .optional("sha256"), .optional("sections")]),
      let name = string(fields, "path"), check(path: name, fields["path"])
    else { return nil }
    let digest = string(fields, "sha256")
    if let digest, digest.wholeMatch(of: /[0-9a-f]{64}/) == nil {
      error(fields["sha256"], "'\(path).sha256' is no SHA-256", "write 64 hexadecimal digits, in quotes")
    }
    var sections: [TaskFile.Upstream.File.Section] = []
    if let node = fields["sections"], let entries = pairs(node, "\(path).sections") {
      for (section, value) in entries {
        guard let anchor = text(value, "\(path).sections.\(shown(section))"), !anchor.isEmpty else {
          continue
        }
        sections.append(.init(name: section, anchor: anchor))
      }
    }
    return .init(path: name, sha256: digest, sections: sections)
  }

  /// Compares the fetched files with what the task names.
  mutating func verify(_ upstream: TaskFile.Upstream) {
    let root = TaskFile.Upstream.folder
    guard let lock = UpstreamLock.read(folder.absolute(root)) else {
      isUpstreamMissing = true
      warn(
        nil, "the files of \(upstream.url) are not here yet",
        "'assay task prepare \(reference)' fetches them at commit \(upstream.commit.prefix(12))")
      return
    }
    let remedy = "remove \(folder.absolute(root)) and run 'assay task prepare \(reference)'"
    guard lock.upstream == UpstreamLock.identity(upstream) else {
      report(root, nil, "its files were fetched for another version of the task", remedy)
      return
    }
    for file in upstream.files {
      let digest = try? FileDigest.sha256(folder.absolute("\(root)/\(file.path)")).hex
      if digest == nil || digest != lock.files[file.path] {
        report("\(root)/\(file.path)", nil, "it was changed after it was fetched", remedy)
      }
    }
  }

  /// A file of a recipe, from the first of its folders that has it; for an upstream file that is not here, its markers alone.
  func recipeFile(_ path: String, _ folders: [String], _ upstream: TaskFile.Upstream?) -> [UInt8]? {
    for root in folders {
      if let bytes = folder.bytes("\(root)/\(path)") { return bytes }
      if isUpstreamMissing, root == TaskFile.Upstream.folder,
        let file = upstream?.files.first(where: { $0.path == path })
      {
        return Array(file.sections.map { UpstreamSections.marker($0.name) + "\n" }.joined().utf8)
      }
    }
    return nil
  }
}
