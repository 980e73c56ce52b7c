import Foundation
import Testing

@testable import AssayIdentity

@Suite("Keys and trust")
struct IdentityKeyTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private func fault<Value>(_ body: () throws(IdentityError) -> Value) -> IdentityError? {
    do throws(IdentityError) {
      _ = try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func aKeyComesBackFromItsFileThatOnlyItsOwnerReads() throws {
    try withFolder { folder in
      let key = IdentityKey()
      try key.save(to: "\(folder)/k")
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/k")
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder) == ["k"], "nothing is left beside it")
      let again = try IdentityKey.load(from: "\(folder)/k")
      #expect(again.publicIdentity == key.publicIdentity)
      #expect(key.publicIdentity.isValid(signature: again.sign([1, 2]), for: [1, 2]))
    }
  }

  @Test func aKeyIsNeverOverwritten() throws {
    try withFolder { folder in
      let first = IdentityKey()
      try first.save(to: "\(folder)/k")
      #expect(
        fault { () throws(IdentityError) in try IdentityKey().save(to: "\(folder)/k") }?.code == .exists)
      #expect(try IdentityKey.load(from: "\(folder)/k").publicIdentity == first.publicIdentity)
      #expect(try IdentityKey.loadOrCreate(at: "\(folder)/k").publicIdentity == first.publicIdentity)
    }
  }

  @Test(arguments: [0o640, 0o604, 0o660, 0o644, 0o777])
  func aKeyThatOthersMayReadIsRefusedWithTheRemedy(_ mode: Int) throws {
    try withFolder { folder in
      try IdentityKey().save(to: "\(folder)/k")
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(folder)/k")
      let error = fault { () throws(IdentityError) in try IdentityKey.load(from: "\(folder)/k") }
      #expect(error?.code == .unsafeFile)
      #expect(error?.message.contains("chmod 600") == true)
    }
  }

  @Test func whatIsNoKeyFileIsRefused() throws {
    try withFolder { folder in
      #expect(
        fault { () throws(IdentityError) in try IdentityKey.load(from: "\(folder)/none") }?.code
          == .inputOutput)
      #expect(fault { () throws(IdentityError) in try IdentityKey.load(from: folder) }?.code == .unsafeFile)
      for text in ["", "assay-ed25519-private:", "assay-ed25519-private:AAAA", "hello"] {
        let path = "\(folder)/bad"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(
          fault { () throws(IdentityError) in try IdentityKey.load(from: path) }?.code == .malformed,
          "\(text)")
      }
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "\(folder)/bad")
      #expect(fault { () throws(IdentityError) in try IdentityKey.load(from: "\(folder)/link") } != nil)
    }
  }

  @Test func aKeyThatCannotBeWrittenLeavesNothing() throws {
    let error = fault { () throws(IdentityError) in try IdentityKey().save(to: "/no/such/folder/k") }
    #expect(error?.code == .inputOutput)
  }

  @Test func thePublicTextComesBackAndIsChecked() throws {
    let identity = IdentityKey().publicIdentity
    #expect(identity.text.hasPrefix("assay-ed25519:"))
    #expect(try PublicIdentity(text: " \(identity.text)\n") == identity)
    for text in [
      "", "assay-ed25519:", "assay-ed25519:AAAA", String(identity.text.dropFirst(6)), "ssh-ed25519 x",
    ] {
      #expect(throws: IdentityError.self) { try PublicIdentity(text: text) }
    }
    #expect(!identity.isValid(signature: [], for: []))
    #expect(!identity.isValid(signature: [UInt8](repeating: 0, count: 64), for: []))
  }

  @Test func aTrustFileComesBack() throws {
    try withFolder { folder in
      let agent = IdentityKey().publicIdentity
      let store = try TrustStore([
        .init(name: "agent/a", roles: [.agent], identity: agent),
        .init(name: "boss", roles: [.operator, .observer], identity: IdentityKey().publicIdentity),
      ])
      try store.save(to: "\(folder)/trust.json")
      let again = try TrustStore.load(from: "\(folder)/trust.json")
      #expect(again.entries == store.entries)
      #expect(again.entry(for: agent)?.name == "agent/a")
      #expect(again.entry(for: IdentityKey().publicIdentity) == nil)
    }
  }

  @Test func whatIsNoTrustFileIsRefused() throws {
    try withFolder { folder in
      let key = IdentityKey().publicIdentity.text
      let twice = #"{"name":"a","roles":["agent"],"key":"\#(key)"}"#
      for text in [
        "", "{}", #"{"trust":[{"name":"a","roles":["king"],"key":"\#(key)"}]}"#,
        #"{"trust":[{"name":"a","roles":[],"key":"\#(key)"}]}"#,
        #"{"trust":[{"name":"","roles":["agent"],"key":"\#(key)"}]}"#,
        #"{"trust":[{"name":"a","roles":["agent"],"key":"x"}]}"#, #"{"trust":[\#(twice),\#(twice)]}"#,
      ] {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/t"))
        #expect(
          fault { () throws(IdentityError) in try TrustStore.load(from: "\(folder)/t") }?.code == .malformed,
          "\(text)")
      }
      #expect(
        fault { () throws(IdentityError) in try TrustStore.load(from: "\(folder)/no") }?.code == .inputOutput)
    }
  }
}
