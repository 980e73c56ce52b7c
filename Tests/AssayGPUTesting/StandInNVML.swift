public import Foundation

/// A library that plays NVML from a text; see Fixtures/nvml.c.
public final class StandInNVML: Sendable {
  /// The C compiler does not take the source.
  public struct Uncompiled: Error {}

  public let folder: URL
  public var path: String { folder.appending(path: "libnvidia-ml.so.1").path }

  /// - Parameter options: of the compiler; "-DOLD" leaves out what old drivers lack.
  public init(_ state: String, options: [String] = []) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "assay-nvml-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/nvml.c").path
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/cc")
    compiler.arguments = ["-shared", "-fPIC", "-Wall", "-Werror", "-o", path] + options + [source]
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else { throw Uncompiled() }
    try set(state)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  public func set(_ state: String) throws {
    try Data(state.utf8).write(to: folder.appending(path: "state"), options: .atomic)
  }
}
