import Foundation
import Testing

@testable import AssaySandbox

/// Predict, then reveal, against programs that want to know more or say more than they may. docs/predict-then-reveal.md.
@Suite(.serialized) struct RevealTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-reveal-\(UUID().uuidString)")
  static let pieces = ["SECRET-0", "SECRET-1", "SECRET-2", "SECRET-3"]

  private static func word(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func stream(replyMilliseconds: Int = 2_000, replyBytes: Int = 4, pieces: [String] = pieces)
    -> [UInt8]
  {
    Array("ASSAYRV1".utf8) + word(replyMilliseconds) + word(pieces.count)
      + pieces.flatMap { word($0.utf8.count) + word(replyBytes) + Array($0.utf8) }
  }

  /// `piece()` gives the next piece, or b"" at the end.
  private static let program = """
    import os, socket, struct, sys, time
    def receive(count):
        parts = b""
        while len(parts) < count:
            part = os.read(0, count - len(parts))
            if not part: return b""
            parts += part
        return parts
    def piece():
        head = receive(8)
        return receive(struct.unpack("<II", head)[0]) if head else b""

    """

  private func run(_ code: String, stream: [UInt8] = stream(), maximumBytes: UInt64 = 1 << 20) async throws
    -> (
      result: SandboxResult, record: String, log: String
    )
  {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let source = folder.appending(path: "stream"), record = folder.appending(path: UUID().uuidString)
    try Data(stream).write(to: source)
    let sandbox = try await Sandbox.open(launcher: SandboxTests.launcher)
    let result = try await sandbox.run(
      SandboxCommand(
        arguments: ["/usr/bin/python3", "-c", Self.program + code], limits: SandboxTests.limits,
        reveal: .init(source.path, record: record.path, maximumBytes: maximumBytes)))
    return (
      result, String(decoding: (try? Data(contentsOf: record)) ?? Data(), as: UTF8.self),
      String(decoding: result.log, as: UTF8.self)
    )
  }

  static let honest = "while p := piece(): os.write(0, p[-1:] * 4)"

  @Test func repliesAreRecordedInOrder() async throws {
    let (result, record, log) = try await run(Self.honest)
    #expect(result.succeeded, "\(result.outcome) \(log)")
    #expect(result.outputs == [.present(size: 16)])
    #expect(record == "0000111122223333")
  }

  /// Pieces and replies that are larger than what a socket holds.
  @Test func largePiecesArrive() async throws {
    let large = (0..<3).map { String(repeating: "\($0)", count: 3_000_000) }
    let (result, record, _) = try await run(
      """
      while p := piece():
          out = p[-1:] * 2_000_000
          while out: out = out[os.write(0, out):]
      """, stream: Self.stream(replyMilliseconds: 8000, replyBytes: 2_000_000, pieces: large),
      maximumBytes: 6_000_000)
    #expect(result.outputs == [.present(size: 6_000_000)], "\(result.outcome)")
    #expect(record == (0..<3).map { String(repeating: "\($0)", count: 2_000_000) }.joined())
  }

  /// No file, memory or socket inside holds a piece whose turn has not come.
  @Test func nothingComesBeforeItsTurn() async throws {
    let (result, _, log) = try await run(
      """
      first = piece()
      time.sleep(0.5)
      os.set_blocking(0, False)
      try: early = os.read(0, 1)
      except BlockingIOError: early = b""
      os.set_blocking(0, True)
      found = []
      for root in ("/work", "/tmp", "/out", "/dev/shm", "/inputs", "/reveal", "/proc/self/fd", "/proc/1"):
          for folder, _, names in os.walk(root):
              for name in names:
                  path = os.path.join(folder, name)
                  if not os.path.isfile(path) or "pagemap" in path: continue
                  try:
                      with open(path, "rb") as file:
                          if b"SECRET-" + b"1" in file.read(1 << 20) and "cmdline" not in path: found.append(path)
                  except OSError: pass
      print("early", early, "found", found)
      os.write(0, b"0000")
      """ + "\n" + Self.honest)
    #expect(log.contains("early b'' found []"), "\(log)")
    #expect(result.outputs == [.present(size: 16)], "\(result.outcome)")
  }

  /// A second reply to one piece, at once or at the end, ends in no record.
  @Test(arguments: [
    "piece(); os.write(0, b'aaaabbbb')\n" + honest,
    honest + "\nos.write(0, b'x')",
    "os.write(0, b'a' * 64)\n" + honest,
    "while p := piece(): os.write(0, b'zzzzy')",
  ])
  func aReplyIsGivenOnce(_ code: String) async throws {
    let (result, _, log) = try await run(code)
    guard case .tooLarge? = result.outputs.first else {
      Issue.record("\(result.outcome) \(result.outputs) \(log)")
      return
    }
  }

  @Test(arguments: ["pass", "piece(); os.write(0, b'0000')", "piece(); os.write(0, b'00')", "os.close(0)"])
  func whatWasNotAnsweredIsMissing(_ code: String) async throws {
    let (result, _, _) = try await run(code)
    #expect(result.outputs == [.missing])
    #expect(result.succeeded)
  }

  @Test func aLateReplyIsATimeLimit() async throws {
    let began = ContinuousClock.now
    let (result, _, _) = try await run(
      "piece(); os.write(0, b'0000'); piece(); time.sleep(15)", stream: Self.stream(replyMilliseconds: 300))
    #expect(result.outcome == .limit(.wall))
    #expect(result.outputs == [.missing])
    #expect(ContinuousClock.now - began < .seconds(12))
    // The first reply waits for the program to start.
    let (slow, _, _) = try await run(
      "time.sleep(0.6)\n" + Self.honest, stream: Self.stream(replyMilliseconds: 300))
    #expect(slow.outputs == [.present(size: 16)])
  }

  /// A stream that is damaged is our failure.
  @Test func aDamagedStreamIsRefused() async throws {
    for stream in [[], Array("ASSAYRV1".utf8), Array(Self.stream().dropLast()), Self.stream() + [0]] {
      await #expect(throws: SandboxError.self) { _ = try await run(Self.honest, stream: stream) }
    }
    await #expect(throws: SandboxError.self) { _ = try await run(Self.honest, maximumBytes: 15) }
  }
}
