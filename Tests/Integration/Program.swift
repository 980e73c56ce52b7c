import Foundation
import Glibc
import Synchronization

/// The programs under test, run as a person runs them.
enum Program {
  /// Where the build put them: beside the test bundle.
  static let folder: URL = {
    let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
    let executable = URL(filePath: CommandLine.arguments[0])
    for start in [bundle, executable].compactMap(\.self) {
      var folder = start.deletingLastPathComponent()
      for _ in 0..<4 {
        if FileManager.default.isExecutableFile(atPath: folder.appending(path: "assay").path) {
          return folder
        }
        folder.deleteLastPathComponent()
      }
    }
    return repository.appending(path: ".build/debug")
  }()

  static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Prepared tasks, shared by all tests of one process.
  static let prepared = FileManager.default.temporaryDirectory.appending(
    path: "assay-integration-\(getpid())-prepared")

  struct Ended: Sendable {
    var status: Int32
    var output: String
    var errors: String

    /// Standard output as JSON objects, one a line.
    var rows: [[String: Any]] {
      output.split(separator: "\n").compactMap { line in
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
      }
    }
  }

  /// Runs to the end.
  static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) async throws
    -> Ended
  {
    try await Running(name, arguments, environment: environment).ended()
  }

  static func assay(_ arguments: String...) async throws -> Ended { try await run("assay", arguments) }
}

/// A program that is running. Unchecked: the process is used from one test at a time, its output under a lock.
final class Running: @unchecked Sendable {
  private let process = Process()
  private let output = Pipe()
  private let errors = Pipe()
  private let state = Mutex(Collected())

  private struct Collected {
    var output = Data()
    var errors = Data()
    var lines: [CheckedContinuation<Bool, Never>] = []
    var openEnds = 2
  }

  var pid: Int32 { process.processIdentifier }

  init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    process.executableURL = name.hasPrefix("/") ? URL(filePath: name) : Program.folder.appending(path: name)
    process.arguments = arguments
    process.currentDirectoryURL = Program.repository
    process.environment = ProcessInfo.processInfo.environment
      .merging(["ASSAY_PREPARED": Program.prepared.path, "SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(
        environment
      ) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    collect(output.fileHandleForReading, \.output)
    collect(errors.fileHandleForReading, \.errors)
  }

  private func collect(_ handle: FileHandle, _ part: any WritableKeyPath<Collected, Data> & Sendable) {
    Thread.detachNewThread { [self] in
      // `availableData` returns what is there; `read(upToCount:)` waits until it is full.
      while case let data = handle.availableData, !data.isEmpty {
        wake { $0[keyPath: part].append(data) }
      }
      wake { $0.openEnds -= 1 }
    }
  }

  private func wake(_ change: (inout Collected) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      defer { state.lines = [] }
      return state.lines
    }
    for waiter in waiting { waiter.resume(returning: true) }
  }

  /// Waits until the standard output fulfils a condition. False when the program ended first.
  func output(fulfils condition: (String) -> Bool) async -> Bool {
    while true {
      let (text, over) = state.withLock { (String(decoding: $0.output, as: UTF8.self), $0.openEnds == 0) }
      if condition(text) { return true }
      if over { return false }
      _ = await withCheckedContinuation { continuation in
        let changed = state.withLock { state -> Bool in
          if state.output.count != text.utf8.count || state.openEnds == 0 { return true }
          state.lines.append(continuation)
          return false
        }
        if changed { continuation.resume(returning: true) }
      }
    }
  }

  /// Standard output so far.
  func text() -> String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }

  /// Whether it has closed its output, as it does when it ends.
  var isOver: Bool { state.withLock { $0.openEnds == 0 } }

  /// Waits until standard error fulfils a condition. False when the program ended first.
  func errors(fulfil condition: (String) -> Bool) async -> Bool {
    while true {
      let (text, over) = state.withLock { (String(decoding: $0.errors, as: UTF8.self), $0.openEnds == 0) }
      if condition(text) { return true }
      if over { return false }
      _ = await withCheckedContinuation { continuation in
        let changed = state.withLock { state -> Bool in
          if state.errors.count != text.utf8.count || state.openEnds == 0 { return true }
          state.lines.append(continuation)
          return false
        }
        if changed { continuation.resume(returning: true) }
      }
    }
  }

  func signal(_ number: Int32) { kill(pid, number) }

  func ended() async throws -> Program.Ended {
    _ = await output { _ in false }
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [process] in
        process.waitUntilExit()
        continuation.resume()
      }
    }
    return state.withLock {
      Program.Ended(
        status: process.terminationStatus, output: String(decoding: $0.output, as: UTF8.self),
        errors: String(decoding: $0.errors, as: UTF8.self))
    }
  }
}
