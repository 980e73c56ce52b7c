import Crypto
import Foundation
import Glibc
import Testing

@testable import AssayArtifacts

/// A volume that others write too: what is on it is taken as it should be, or not at all.
@Suite struct ArtifactVolumeTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-volume-\(UUID().uuidString)")
  static let content = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
  static let digest = SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
  static let size = UInt64(content.count)

  private func with(_ body: (ArtifactVolume, URL) throws -> Void) throws {
    let shared = folder.appending(path: "shared")
    try FileManager.default.createDirectory(at: shared, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appending(path: "source")
    try Self.content.write(to: source)
    try body(try ArtifactVolume(folder: shared.path), source)
  }

  /// What a copy gave, nil when it was refused.
  private func taken(_ volume: ArtifactVolume, digest: String = digest, size: UInt64 = size) throws -> Data? {
    let place = folder.appending(path: UUID().uuidString)
    try Data().write(to: place)
    let target = try FileHandle(forWritingTo: place)
    defer { try? target.close() }
    return try volume.copy(digest, size: size, into: target) ? try Data(contentsOf: place) : nil
  }

  @Test func whatIsPublishedIsFound() throws {
    try with { volume, source in
      #expect(try taken(volume) == nil)
      #expect(try volume.publish(source, size: Self.size, owner: "one") == Self.digest)
      #expect(try volume.publish(source, size: Self.size, owner: "two") == Self.digest)
      #expect(try taken(volume) == Self.content)
      #expect(try FileManager.default.contentsOfDirectory(atPath: volume.folder) == [Self.digest])
      let mode = try FileManager.default.attributesOfItem(atPath: "\(volume.folder)/\(Self.digest)")
      #expect(mode[.posixPermissions] as? Int == 0o644)
      #expect(throws: ArtifactVolumeError.self) {
        try volume.publish(source, size: Self.size + 1, owner: "one")
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: volume.folder).count == 1,
        "nothing half done stays")
    }
  }

  enum Hostility: String, CaseIterable {
    case link, folder, pipe, truncated, longer, changed, zeros, unreadableLoop
  }

  /// Links, pipes, folders, and files that are not what they are called are refused, at once; publishing puts them right.
  @Test(.timeLimit(.minutes(1)), arguments: Hostility.allCases)
  func hostileContentsAreRefused(_ hostility: Hostility) throws {
    try with { volume, source in
      let place = "\(volume.folder)/\(Self.digest)"
      var changed = Self.content
      changed[2_999_999] ^= 1
      switch hostility {
      case .link: #expect(symlink(source.path, place) == 0)
      case .folder: #expect(mkdir(place, 0o755) == 0)
      case .pipe: #expect(mkfifo(place, 0o644) == 0)
      case .truncated: try Self.content.dropLast().write(to: URL(filePath: place))
      case .longer: try (Self.content + [0]).write(to: URL(filePath: place))
      case .changed: try changed.write(to: URL(filePath: place))
      case .zeros: #expect(symlink("/dev/zero", place) == 0)
      case .unreadableLoop: #expect(symlink(place, place) == 0)
      }
      #expect(try taken(volume) == nil)
      guard hostility != .folder else { return }
      _ = try volume.publish(source, size: Self.size, owner: "one")
      #expect(try taken(volume) == Self.content)
    }
  }

  /// A file that is cut off while it is read ends the reading, and no process.
  @Test func aFileThatIsCutOffMeanwhileIsRefused() throws {
    try with { volume, source in
      _ = try volume.publish(source, size: Self.size, owner: "one")
      let file = try #require(volume.open(Self.digest, size: Self.size))
      #expect(file.part(at: 0, count: 1000) == Array(Self.content[..<1000]))
      #expect(truncate("\(volume.folder)/\(Self.digest)", 500) == 0)
      #expect(file.part(at: 0, count: 1000) == nil)
      #expect(file.part(at: 2_000_000, count: 1) == nil)
    }
  }

  @Test(arguments: ["", "..", "../source", "/etc/passwd", String(repeating: "A", count: 64), digest + "/"])
  func namesAreDigestsAlone(_ name: String) throws {
    try with { volume, _ in
      let found = try taken(volume, digest: name)
      #expect(found == nil)
    }
  }

  @Test func whatIsOldOrHalfDoneGoes() throws {
    try with { volume, source in
      let digest = try volume.publish(source, size: Self.size, owner: "one")
      for owner in ["one", "two"] {
        let prefix = SHA256.hash(data: Data(owner.utf8)).map { String(format: "%02x", $0) }.joined().prefix(
          16)
        try Data("half".utf8).write(to: URL(filePath: "\(volume.folder)/.publishing-\(prefix)-x"))
      }
      try Data().write(to: URL(filePath: "\(volume.folder)/README"))
      func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: volume.folder) }
      volume.clear()
      #expect(try names().count == 4)
      volume.clear(owner: "one")
      #expect(try names().count == 3)
      let old = Date(timeIntervalSinceNow: -Double(ArtifactVolume.keptSeconds) - 60)
      for name in try names() {
        try FileManager.default.setAttributes(
          [.modificationDate: old], ofItemAtPath: "\(volume.folder)/\(name)")
      }
      volume.clear()
      #expect(!FileManager.default.fileExists(atPath: "\(volume.folder)/\(digest)"))
      #expect(
        try names() == ["README"],
        "what is nobody's artifact is left alone")
    }
  }

  @Test func aVolumeIsAFolder() throws {
    #expect(throws: ArtifactVolumeError.self) { try ArtifactVolume(folder: "/nowhere/at/all") }
    #expect(throws: ArtifactVolumeError.self) { try ArtifactVolume(folder: "/etc/passwd") }
  }
}
