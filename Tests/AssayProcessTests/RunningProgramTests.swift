import AssayProcess
import Foundation
import Testing

@Suite struct RunningProgramTests {
  private func start(_ script: String, output: Int32 = 2, environment: [String: String]? = nil) throws
    -> RunningProgram
  {
    try RunningProgram.start(["/bin/sh", "-c", script], environment: environment, output: output)
  }

  @Test func severalAwaitOneEnd() async throws {
    let program = try start("read line; exit 7")
    async let first = program.end()
    async let second = program.end()
    program.signal(SIGTERM)
    #expect(await first == .signalled(SIGTERM))
    #expect(await second == .signalled(SIGTERM))
    // Its number is somebody else's from now on.
    program.signal(SIGKILL)
    #expect(await program.end() == .signalled(SIGTERM))
    #expect(await (try start("exit 7")).end() == .exited(7))
  }

  @Test("a program's input ends with its owner, while programs that were started after it go on")
  func inputs() async throws {
    // What the first says when its input has ended, on a pipe that ends with it.
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var first: RunningProgram? = try start("cat; echo ended", output: ends[1])
    close(ends[1])
    let second = try start("read line; exit 7")
    #expect(first != nil)
    first = nil
    var wanted = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
    try #require(poll(&wanted, 1, 60_000) == 1)
    var said = [UInt8](repeating: 0, count: 16)
    #expect(read(ends[0], &said, said.count) == 6)
    second.signal(SIGKILL)
    #expect(await second.end() == .signalled(SIGKILL))
  }

  @Test("a signal that this process ignores is not ignored by a program")
  func signals() async throws {
    let before = signal(SIGUSR1, SIG_IGN)
    defer { signal(SIGUSR1, before) }
    #expect(await (try start("kill -USR1 $$; exit 4")).end() == .signalled(SIGUSR1))
  }

  @Test func aProgramThatIsNotThere() throws {
    let failure = #expect(throws: ChildProcess.StartFailure.self) {
      try RunningProgram.start(["/not/there"], environment: [:], output: 2)
    }
    #expect(failure?.number == ENOENT)
  }
}
