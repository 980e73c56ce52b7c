import Foundation
import Testing

@testable import AssayRunner

@Suite("The scratch folder of a runner")
struct ScratchTests {
  @Test("what cannot be written is said, until it can be")
  func trouble() throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-scratch-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    let scratch = Scratch(place)
    try scratch.check()
    #expect(scratch.trouble == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
    try FileManager.default.removeItem(at: place)
    try Data().write(to: place)
    #expect(throws: RunnerError.self) { try scratch.check() }
    #expect(scratch.trouble?.contains(place.path) == true)
    try FileManager.default.removeItem(at: place)
    try scratch.check()
    #expect(scratch.trouble == nil)
  }
}
