import AssayProcess
import Foundation
import Testing

@Suite struct ChildProcessTests {
  private static let environment = ["PATH": "/usr/bin:/bin"]

  private func sh(
    _ script: String, input: Data? = nil, folder: String? = nil, maximumOutput: Int = 1 << 16,
    timeLimit: Duration = .seconds(60)
  ) async throws -> ChildProcess.Captured {
    try await ChildProcess.capture(
      ["/bin/sh", "-c", script], environment: Self.environment, folder: folder, input: input,
      maximumOutput: maximumOutput, timeLimit: timeLimit)
  }

  @Test func reportsSignalsAndCutsOutput() async throws {
    let killed = try await ChildProcess.run(["/bin/sh", "-c", "kill -9 $$"], environment: [:])
    #expect(killed.status == 137)
    let long = try await ChildProcess.run(
      [
        "/usr/bin/python3", "-c",
        "print('x' * 10_000_000); [print(i) for i in range(100)]; raise SystemExit(3)",
      ],
      environment: [:])
    #expect(long.status == 3)
    #expect(long.tail.count == ChildProcess.tailLines)
    #expect(long.tail.last == "99")
  }

  @Test("a program has its environment, folder, input and a group of its own, and no descriptors besides")
  func whatItGets() async throws {
    // Not close-on-exec, and far above the standard three.
    let mine = fcntl(0, F_DUPFD, 700)
    try #require(mine >= 700)
    defer { close(mine) }
    let said = try await sh(
      "env | grep -v -e PWD -e SHLVL -e _=; pwd; cat; ls /proc/$$/fd; cut -d ' ' -f 5 /proc/$$/stat; echo $$",
      input: Data("hello\n".utf8), folder: "/usr")
    #expect(said.succeeded)
    let lines = String(decoding: said.output, as: UTF8.self).split(separator: "\n")
    #expect(lines.dropLast(2) == ["PATH=/usr/bin:/bin", "/usr", "hello", "0", "1", "2"])
    #expect(lines.count == 8 && lines[6] == lines[7])
    #expect(try await sh("cat").output.isEmpty)
  }

  @Test func aSignalIsNoExitStatus() async throws {
    let killed = try await sh("printf before; kill -9 $$")
    #expect(killed.end == .signalled(SIGKILL))
    #expect(killed.limit == nil)
    #expect(!killed.succeeded)
    #expect(killed.output == Data("before".utf8))
    let failed = try await sh("exit 9")
    #expect(failed.end == .exited(9))
    #expect(!failed.succeeded)
  }

  @Test("input and output larger than a pipe pass whole; one byte more than the bound ends the program")
  func boundOnOutput() async throws {
    let bytes = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let whole = try await sh("cat", input: bytes, maximumOutput: bytes.count)
    #expect(whole.succeeded)
    #expect(whole.output == bytes)
    let cut = try await sh("cat; exec sleep 600", input: bytes, maximumOutput: bytes.count - 1)
    #expect(cut.limit == .output)
    #expect(cut.end == .signalled(SIGKILL))
    #expect(cut.output == bytes.dropLast())
    let endless = try await sh("exec yes", maximumOutput: 10)
    #expect(endless.limit == .output)
    #expect(endless.output == Data("y\ny\ny\ny\ny\n".utf8))
  }

  @Test(
    "a program has its time, whether it keeps its output open, closes it, or leaves it to a descendant",
    arguments: [
      "printf begun; exec sleep 600", "printf begun; exec >&-; exec sleep 600", "printf begun; sleep 600",
      "printf begun; setsid sleep 5 & sleep 600",
    ])
  func timeLimit(_ script: String) async throws {
    let stopped = try await sh(script, timeLimit: .seconds(1))
    #expect(stopped.limit == .time)
    #expect(stopped.end == .signalled(SIGKILL))
    #expect(stopped.output == Data("begun".utf8))
  }

  @Test("what a program left behind in its group ends with it")
  func descendants() async throws {
    let fifo = FileManager.default.temporaryDirectory.appending(path: "assay-fifo-\(UUID().uuidString)").path
    try #require(mkfifo(fifo, 0o600) == 0)
    defer { unlink(fifo) }
    let end = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    try #require(end >= 0)
    defer { close(end) }
    #expect(try await sh("exec 9>\(fifo); sleep 600 >/dev/null & exit 0").succeeded)
    var wanted = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
    #expect(poll(&wanted, 1, 20_000) == 1)
  }

  @Test func aProgramThatIsNotThere() async throws {
    let failure = await #expect(throws: ChildProcess.StartFailure.self) {
      try await ChildProcess.capture(
        ["/not/there"], environment: [:], maximumOutput: 1, timeLimit: .seconds(60))
    }
    #expect(failure?.number == ENOENT)
    await #expect(throws: ChildProcess.StartFailure.self) {
      try await ChildProcess.run(["/not/there"], environment: [:])
    }
    await #expect(throws: ChildProcess.StartFailure.self) { try await sh("true", folder: "/not/there") }
  }
}
