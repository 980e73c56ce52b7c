import Foundation
import Glibc
import Testing

/// Disks that fail and wall clocks that are set, each for the processes of one program: a library that is loaded into them
/// (Fixtures/faults.c) does as a file says that is mapped by both.
struct InjectedFaults {
  /// Kinds of calls, as faults.c numbers them.
  struct Calls: OptionSet {
    let rawValue: Int32
    static let write = Calls(rawValue: 1)
    static let sync = Calls(rawValue: 2)
    static let open = Calls(rawValue: 4)
    static let name = Calls(rawValue: 8)
    static let truncate = Calls(rawValue: 16)
    static let read = Calls(rawValue: 32)
    static let changing: Calls = [.write, .sync, .open, .name, .truncate]
  }

  /// What one program is done to.
  final class Control {
    let path: String
    private let memory: UnsafeMutableRawPointer
    private static let size = 4096

    init(_ path: String, seed: UInt64) throws {
      self.path = path
      let file = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
      try #require(file >= 0 && ftruncate(file, off_t(Self.size)) == 0)
      defer { close(file) }
      let mapped = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
      memory = try #require(mapped == MAP_FAILED ? nil : mapped)
      memory.storeBytes(of: seed, toByteOffset: 40, as: UInt64.self)
    }

    deinit { munmap(memory, Self.size) }

    private func set(_ text: String, at offset: Int, capacity: Int) {
      let bytes = Array(text.utf8.prefix(capacity - 1)) + [0]
      bytes.withUnsafeBytes {
        (memory + offset).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: $0.count)
      }
    }

    private func set(_ number: Int32, at offset: Int) {
      memory.storeBytes(of: number, toByteOffset: offset, as: Int32.self)
    }

    /// By how much the program's wall clock is ahead, in seconds.
    func setClock(seconds: Int64) { memory.storeBytes(of: seconds * 1000, toByteOffset: 0, as: Int64.self) }

    /// How many calls have failed.
    var hits: Int { Int(memory.loadUnaligned(fromByteOffset: 24, as: Int32.self)) }

    /// Which files are meant: those whose path has both texts.
    func concern(_ folder: String, part: String = "") {
      set(folder, at: 48, capacity: 512)
      set(part, at: 560, capacity: 64)
    }

    /// Keeps in a folder what would be on disk if the power failed.
    func keep(in folder: String) { set(folder, at: 624, capacity: 512) }

    /// From now on calls fail with EIO, each with a chance, and writes are cut short.
    func arm(_ calls: Calls, permille: Int32 = 1000, short: Int32 = 0, left: Int32 = .max) {
      set(0, at: 8)
      set(permille, at: 12)
      set(left, at: 16)
      set(EIO, at: 20)
      set(short, at: 28)
      set(calls.rawValue, at: 8)
    }

    func disarm() {
      set(0, at: 28)
      set(0, at: 8)
    }
  }

  let folder: String
  /// Where the programs are that the faults are in; for `ASSAY_BIN`.
  var programs: String { folder + "/bin" }
  private let controls: [String: Control]
  private var library: String { folder + "/libfaults.so" }

  init(_ names: [String], seed: UInt64 = 1) throws {
    let files = FileManager.default
    folder = files.temporaryDirectory.appending(path: "assay-faults-\(UUID().uuidString.prefix(8))").path
    try files.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/cc")
    compiler.arguments = [
      "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", folder + "/libfaults.so",
      Program.repository.appending(path: "Tests/Integration/Fixtures/faults.c").path, "-ldl", "-pthread",
    ]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    var controls: [String: Control] = [:]
    for name in try files.contentsOfDirectory(atPath: Program.folder.path)
    where name == "assay" || name.hasPrefix("assay-") {
      let original = Program.folder.appending(path: name).path
      guard names.contains(name) else {
        try files.createSymbolicLink(atPath: "\(folder)/bin/\(name)", withDestinationPath: original)
        continue
      }
      let control = try Control("\(folder)/\(name).control", seed: seed)
      controls[name] = control
      let variables = "LD_PRELOAD='\(folder)/libfaults.so' ASSAY_FAULTS='\(control.path)'"
      let script = "#!/bin/sh\nexec env \(variables) '\(original)' \"$@\"\n"
      try script.write(toFile: "\(folder)/bin/\(name)", atomically: true, encoding: .utf8)
      try #require(chmod("\(folder)/bin/\(name)", 0o755) == 0)
    }
    self.controls = controls
  }

  func of(_ name: String) throws -> Control { try #require(controls[name]) }

  /// The variables with which a program is started that the faults are in.
  func environment(of name: String) throws -> [String: String] {
    ["LD_PRELOAD": library, "ASSAY_FAULTS": try of(name).path]
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
