import Foundation
import Testing

@testable import AssayTask

@Suite struct DurableFolderTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/draft/a/b", withIntermediateDirectories: true)
    for name in ["draft/1", "draft/a/2", "draft/a/b/3"] {
      try Data(name.utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/draft/link", withDestinationPath: "/nowhere")
  }

  private func inode(_ descriptor: Int32) -> ino_t {
    var status = stat()
    fstat(descriptor, &status)
    return status.st_ino
  }

  private func inode(of name: String) -> ino_t {
    var status = stat()
    lstat("\(folder.path)/\(name)", &status)
    return status.st_ino
  }

  @Test("every file and folder goes to the disk, a folder after what it names; links lead nowhere")
  func all() throws {
    var synced: [ino_t] = []
    try DurableFolder.sync(folder.path + "/draft") {
      synced.append(inode($0))
      return 0
    }
    let names = ["draft/1", "draft/a/2", "draft/a/b/3", "draft/a/b", "draft/a", "draft"]
    #expect(Set(synced) == Set(names.map(inode(of:))))
    let order = try ["draft/a/b/3", "draft/a/b", "draft/a", "draft"].map {
      try #require(synced.firstIndex(of: inode(of: $0)))
    }
    #expect(order == order.sorted())
  }

  @Test func aDiskThatTakesNothingIsAnError() throws {
    let error = try #require(throws: TaskError.self) {
      try DurableFolder.sync(folder.path + "/draft") { _ in
        errno = EIO
        return -1
      }
    }
    #expect(error.code == .unwritable)
    #expect(error.message.contains("Input/output error"))
  }

  @Test("a name that is taken stays as it is, and so does the draft")
  func taken() throws {
    let place = folder.path + "/place"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: URL(filePath: place + "/x"))
    #expect(throws: TaskError.self) { try DurableFolder.publish(folder.path + "/draft", as: place) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["x"])
    try FileManager.default.removeItem(atPath: place)
    try DurableFolder.publish(folder.path + "/draft", as: place)
    #expect(FileManager.default.contents(atPath: place + "/a/b/3") == Data("draft/a/b/3".utf8))
  }

  @Test("what is replaced goes for it, also behind a link") func replaced() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/real/place/old", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/linked", withDestinationPath: folder.path + "/real")
    try DurableFolder.publish(folder.path + "/draft", as: folder.path + "/linked/place", replaces: true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/real/place").sorted()
        == ["1", "a", "link"])
  }
}
