import AssayPatch
import Foundation
import Glibc
import Testing

@testable import AssayTools

@Suite struct FolderWorkingCopyTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "assay-copy-\(UUID().uuidString)")

  private func copy(_ paths: [String] = ["recipe.py", "lib/net.py"]) throws -> FolderWorkingCopy {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return FolderWorkingCopy(folder: folder.path, paths: paths)
  }

  @Test func whatIsWrittenIsRead() async throws {
    let copy = try copy()
    let recipe = try RecipeTree(["recipe.py": Array("A = 1\n".utf8), "lib/net.py": Array("B = 2\n".utf8)])
    try await copy.write(recipe)
    try "notes".write(to: folder.appending(path: "own.txt"), atomically: true, encoding: .utf8)
    #expect(try await copy.read() == recipe)
    try await copy.write(recipe.removing("lib/net.py"))
    #expect(try await copy.read().paths == ["recipe.py"])
    try FileManager.default.removeItem(at: folder)
  }

  @Test func linksLeadNowhere() async throws {
    let copy = try copy()
    let secret = folder.appending(path: "../assay-secret-\(UUID().uuidString)").standardizedFileURL
    try "SECRET".write(to: secret, atomically: true, encoding: .utf8)
    let file = folder.appending(path: "recipe.py").path
    symlink(secret.path, file)
    await #expect(throws: ToolError.self) { try await copy.read() }
    // Written over, the link goes; what it pointed at stays.
    try await copy.write(try RecipeTree(["recipe.py": Array("A = 1\n".utf8)]))
    #expect(try String(contentsOf: secret, encoding: .utf8) == "SECRET")
    #expect(try await copy.read().text("recipe.py") == "A = 1\n")
    unlink(file)
    link(secret.path, file)
    await #expect(throws: ToolError.self) { try await copy.read() }
    unlink(file)
    mkfifo(file, 0o600)
    await #expect(throws: ToolError.self) { try await copy.read() }
    unlink(file)
    symlink("/etc", folder.appending(path: "lib").path)
    await #expect(throws: ToolError.self) { try await copy.write(try RecipeTree(["lib/net.py": [1]])) }
    try FileManager.default.removeItem(at: folder)
    try FileManager.default.removeItem(at: secret)
  }

  @Test func aHugeFileIsRefused() async throws {
    let copy = try copy()
    let file = folder.appending(path: "recipe.py").path
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    truncate(file, 1 << 40)
    await #expect(throws: ToolError.self) { try await copy.read() }
    try FileManager.default.removeItem(at: folder)
  }
}
