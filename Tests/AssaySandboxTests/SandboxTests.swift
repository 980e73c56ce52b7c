import Foundation
import Glibc
import Testing

@testable import AssaySandbox

/// The real sandbox against real attempts. Each attack has a control beside it: the honest form of the same thing.
@Suite(.serialized) struct SandboxTests {
  static let launcher: String = {
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    for start in [
      Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" },
      URL(filePath: CommandLine.arguments[0]),
    ].compactMap(\.self) {
      folder = start.deletingLastPathComponent()
      for _ in 0..<4 {
        let candidate = folder.appending(path: "assay-sandbox").path
        if access(candidate, X_OK) == 0 { return candidate }
        folder.deleteLastPathComponent()
      }
    }
    return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: ".build/debug/assay-sandbox").path
  }()

  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-sandbox-\(UUID().uuidString)")

  static let limits = SandboxLimits(
    wallMilliseconds: 20_000, cpuMilliseconds: 10_000, memoryBytes: 256 << 20, processes: 32,
    diskBytes: 8 << 20, outputBytes: 1 << 20)

  private func run(
    _ code: String, limits: SandboxLimits = SandboxTests.limits, mounts: [SandboxCommand.Mount] = [],
    devices: [SandboxCommand.Device] = [], outputs: [SandboxCommand.Output] = [],
    environment: [String: String] = [:], cores: [Int] = []
  ) async throws -> SandboxResult {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let sandbox = try await Sandbox.open(launcher: Self.launcher)
    return try await sandbox.run(
      SandboxCommand(
        arguments: ["/usr/bin/python3", "-c", code], environment: environment, mounts: mounts,
        devices: devices, outputs: outputs, limits: limits, cores: cores))
  }

  @Test("a device is there for those that are given it, and for nobody else")
  func devices() async throws {
    let code =
      "import os; print(sorted(n for n in os.listdir('/dev') if 'nvidia' in n)); print(open('/dev/nvidia3','rb').read(4))"
    let given = try await run(code, devices: [.init("/dev/zero", at: "/dev/nvidia3")])
    #expect(given.outcome == .exited(0), "\(String(decoding: given.log, as: UTF8.self))")
    #expect(String(decoding: given.log, as: UTF8.self).hasPrefix("['nvidia3']"))
    let bare = try await run(code)
    #expect(bare.outcome == .exited(1))
    #expect(String(decoding: bare.log, as: UTF8.self).contains("[]\n"))
    // What is mounted is no device, even where it is one.
    let mounted = try await run(code, mounts: [.init("/dev/zero", at: "/dev/nvidia3")])
    #expect(mounted.outcome == .exited(1))
    await #expect(throws: SandboxError.self) {
      _ = try await run(code, devices: [.init("/etc/passwd", at: "/dev/nvidia3")])
    }
    await #expect(throws: SandboxError.self) {
      _ = try await run(code, devices: [.init("/dev/zero", at: "/etc/zero")])
    }
  }

  /// Runs `code`, which must end with status 0 when it got through, and 7 when it was kept out.
  private func attempt(_ code: String, mounts: [SandboxCommand.Mount] = []) async throws -> (
    through: Bool, log: String
  ) {
    let body = code.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(
      separator: "\n")
    let result = try await run(
      "import os, sys, socket, ctypes\ntry:\n\(body)\nexcept (OSError, PermissionError) as e:\n    print(e); sys.exit(7)\n",
      mounts: mounts)
    let log = String(decoding: result.log, as: UTF8.self)
    if result.outcome == .exited(7) { return (false, log) }
    #expect(result.outcome == .exited(0), "\(result.outcome) \(log)")
    return (true, log)
  }

  private static func syscall(_ number: Int, _ arguments: String) -> String {
    "r = ctypes.CDLL(None, use_errno=True).syscall(\(number), \(arguments))\nif r < 0: raise OSError(ctypes.get_errno(), 'refused')"
  }

  @Test(
    arguments: [
      "open('/etc/shadow').read()", "os.listdir('/root')", "os.listdir('/home')",
      "open('/proc/sys/kernel/core_pattern', 'w')",
      "open('/usr/x', 'w')", "open('/x', 'w')", "open('/recipe/file', 'w')", "os.mkdir('/recipe/folder')",
      "os.mknod('/tmp/null', 0o20666, os.makedev(1, 3))",
      "os.unshare(os.CLONE_NEWUSER) if hasattr(os, 'unshare') else (_ for _ in ()).throw(OSError())",
      "open('/dev/kvm')", "open('/dev/vda')", "os.setuid(0)", "os.kill(1, 0) or os.listdir('/sys/fs/cgroup')",
      "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)",
      "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)",
      "socket.socket(socket.AF_INET6, socket.SOCK_STREAM)",
      // socket, with bits in a word of which the kernel reads half
      SandboxTests.syscall(41, "ctypes.c_uint64((1 << 32) + 10), 1, 0"),
      SandboxTests.syscall(41, "16, 3, ctypes.c_uint64((1 << 32) + 12)"),
      // RTM_NEWLINK, which would set the loopback device down
      "s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\ns.send(__import__('struct').pack('=IHHII BBHiII', 32, 16, 5, 1, 0, 0, 0, 0, 1, 0, 1))\ne = __import__('struct').unpack_from('=i', s.recv(9999), 16)[0]\nif e < 0: raise OSError(-e, 'refused')",
      "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)",
      "socket.create_connection(('192.0.2.1', 80), 2)",
      SandboxTests.syscall(272, "0x10000000"),  // unshare(CLONE_NEWUSER)
      SandboxTests.syscall(248, "b'user', b'a', b'b', 1, -3"),  // add_key
      SandboxTests.syscall(425, "8, 0"),  // io_uring_setup
      SandboxTests.syscall(323, "0"),  // userfaultfd
      SandboxTests.syscall(135, "8"),  // personality
      SandboxTests.syscall(101, "0, 0, 0, 0"),  // ptrace(TRACEME)
      SandboxTests.syscall(165, "b'a', b'/tmp', b'tmpfs', 0, 0"),  // mount
      SandboxTests.syscall(321, "0, 0, 0"),  // bpf
      SandboxTests.syscall(298, "0, 0, 0, 0, 0"),  // perf_event_open
      SandboxTests.syscall(304, "0, 0, 0"),  // open_by_handle_at
    ])
  func keepsIn(_ code: String) async throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: folder.appending(path: "file"))
    let (through, log) = try await attempt(code, mounts: [.init(folder.path, at: "/recipe")])
    #expect(!through, "\(code): \(log)")
  }

  @Test(
    arguments: [
      "import multiprocessing as m\nwith m.get_context('spawn').Pool(2) as p: assert p.map(abs, [-1, 2]) == [1, 2]",
      "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: assert p.map(abs, [-1, 2]) == [1, 2]",
      "from multiprocessing import shared_memory as s\nx = s.SharedMemory(create=True, size=4096); x.buf[0] = 7; x.close(); x.unlink()",
      "import threading\nt = [threading.Thread(target=sum, args=([1],)) for _ in range(8)]\n[x.start() for x in t]\n[x.join() for x in t]",
      "import subprocess\nassert subprocess.run(['/bin/echo', 'x'], capture_output=True).stdout == b'x\\n'",
      "import tempfile\ntempfile.TemporaryFile().write(b'x')\nopen('/work/x', 'w').write('x')\nopen('/out/x', 'w').write('x')",
      "s = socket.create_server(('127.0.0.1', 0))\nc = socket.create_connection(s.getsockname())\nc.send(b'x')\nassert s.accept()[0].recv(1) == b'x'",
      "assert socket.if_nameindex() == [(1, 'lo')]",
      "a, b = socket.socketpair()\na.send(b'x')\nassert b.recv(1) == b'x'",
      "assert open('/recipe/file').read() == 'x'",
      "assert sorted(k for k in os.environ if k not in ('LC_CTYPE', 'PWD')) == ['HOME', 'LANG', 'LOGNAME', 'PATH', 'TMPDIR', 'USER'], os.environ",
      "assert all(int(p) < 50 for p in os.listdir('/proc') if p.isdigit())",
      "assert [f for f in os.listdir('/proc/self/fd') if int(f) > 3] == [], os.listdir('/proc/self/fd')",
    ])
  func letsHonestWorkBe(_ code: String) async throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: folder.appending(path: "file"))
    let (through, log) = try await attempt(code, mounts: [.init(folder.path, at: "/recipe")])
    #expect(through, "\(code): \(log)")
  }

  @Test(
    arguments: [
      ("while True: pass", SandboxResult.Limit.cpu), ("import time\ntime.sleep(60)", .wall),
      ("x = [b'x' * (1 << 20) for _ in range(4000)]", .memory),
      ("open('/out/x', 'wb').write(b'x' * (64 << 20))", .disk),
      ("for i in range(10**7): open(f'/work/{i}', 'w')", .disk),
      ("while True: print('x' * 1000)", .output),
      (
        "import os, time\nfor i in range(200):\n    if os.fork() == 0: time.sleep(5); os._exit(0)", .processes
      ),
    ] as [(String, SandboxResult.Limit)])
  func limitsEndAJobWithTheirName(_ code: String, _ limit: SandboxResult.Limit) async throws {
    var limits = Self.limits
    limits.cpuMilliseconds = limit == .cpu ? 300 : 20_000
    limits.wallMilliseconds = limit == .wall ? 500 : 30_000
    let result = try await run(code, limits: limits)
    #expect(result.outcome == .limit(limit), "\(String(decoding: result.log.suffix(300), as: UTF8.self))")
  }

  @Test func measuresWhatChildrenAndOrphansUse() async throws {
    let result = try await run(
      "import os, time\nif os.fork() == 0:\n    os.setsid()\n    end = time.process_time() + 0.5\n    while time.process_time() < end: pass\n    os._exit(0)\ntime.sleep(1.5)"
    )
    #expect(result.succeeded)
    #expect(result.cpuNanoseconds > 450_000_000)
    #expect(result.wallNanoseconds > 1_400_000_000)
  }

  @Test func nothingOutlivesAJob() async throws {
    let mark = "assay-survivor-\(UUID().uuidString)"
    let result = try await run(
      "import os, signal, sys, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        os.execv('/usr/bin/python3', ['\(mark)', '-c', 'import time; time.sleep(600)'])\n    os._exit(0)\ntime.sleep(0.3)"
    )
    #expect(result.succeeded)
    let lines = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap {
      Int($0) == nil ? nil : try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8)
    }
    #expect(!lines.contains { $0.hasPrefix(mark) })
  }

  @Test func outputsArePlainFilesOnly() async throws {
    let code = """
      import os
      open('/out/good', 'wb').write(b'good')
      os.symlink('/etc/passwd', '/out/link')
      os.mkdir('/out/d'); open('/out/d/inner', 'w').write('x'); os.symlink('d', '/out/e')
      open('/out/one', 'w').write('x'); os.link('/out/one', '/out/two')
      os.mkfifo('/out/pipe')
      f = open('/out/sparse', 'wb'); f.truncate(1 << 40)
      """
    let names = ["good", "link", "e/inner", "one", "pipe", "sparse", "absent", "d", "../work/x"]
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let result = try await run(
      code,
      outputs: names.enumerated().map {
        .init($1, maximumBytes: 100, to: folder.appending(path: "o\($0)").path)
      })
    #expect(result.succeeded, "\(String(decoding: result.log, as: UTF8.self))")
    #expect(
      result.outputs == [
        .present(size: 4), .notAFile, .notAFile, .notAFile, .notAFile, .tooLarge(size: 1 << 40), .missing,
        .notAFile, .notAFile,
      ])
    #expect(try Data(contentsOf: folder.appending(path: "o0")) == Data("good".utf8))
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "o1").path))
  }

  @Test(.enabled(if: geteuid() == 0, "a folder of root's needs root"))
  func privateFoldersAreReadableInsideOnly() async throws {
    let secret = folder.appending(path: "secret")
    try FileManager.default.createDirectory(
      at: secret.appending(path: "in"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    try Data("answer".utf8).write(to: secret.appending(path: "in/file"))
    chmod(secret.path, 0o700)
    chmod(secret.appending(path: "in/file").path, 0o600)
    chmod(folder.path, 0o700)
    let inside = try await run(
      "print(open('/heldout/in/file').read())", mounts: [.init(secret.path, at: "/heldout", isPrivate: true)])
    #expect(String(decoding: inside.log, as: UTF8.self) == "answer\n")
    let bound = try await run("open('/heldout/in/file')", mounts: [.init(secret.path, at: "/heldout")])
    #expect(bound.outcome == .exited(1))
    let elsewhere = try await run("open('\(secret.path)/in/file')")
    #expect(elsewhere.outcome == .exited(1))
  }

  @Test func endsWhenCancelled() async throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let sandbox = try await Sandbox.open(launcher: Self.launcher)
    let command = SandboxCommand(arguments: ["/bin/sleep", "600"], limits: Self.limits)
    let result = await withTaskGroup(of: Result<SandboxResult, any Error>.self) { group in
      group.addTask { await Result { try await sandbox.run(command) } }
      group.cancelAll()
      return await group.next()
    }
    #expect(try #require(try result?.get().outcome) == .signalled(SIGTERM))
  }

  @Test func missingPartsAreExplained() async throws {
    let refusal = await #expect(throws: SandboxError.self) {
      let sandbox = try await Sandbox.open(launcher: Self.launcher)
      _ = try await sandbox.run(SandboxCommand(arguments: ["python3"], limits: Self.limits))
    }
    #expect(refusal?.code == .invalidCommand)
    let missing = await #expect(throws: SandboxError.self) {
      let sandbox = try await Sandbox.open(launcher: Self.launcher)
      _ = try await sandbox.run(
        SandboxCommand(
          arguments: ["/bin/true"], mounts: [.init("/nowhere/at/all", at: "/recipe")], limits: Self.limits))
    }
    #expect(missing?.code == .infrastructure)
    #expect(missing?.message.contains("/nowhere/at/all") == true)
  }

  @Test func aProgramThatIsNotThereIsTheJobsFailureOrOurs() async throws {
    let sandbox = try await Sandbox.open(launcher: Self.launcher)
    await #expect(throws: SandboxError.self) {
      _ = try await sandbox.run(SandboxCommand(arguments: ["/usr/bin/no-such-program"], limits: Self.limits))
    }
  }

  #if arch(x86_64)
    @Test("a job that takes over the first process of its namespace cannot pass its failure off as ours")
    func firstProcess() async throws {
      // What is written over bubblewrap's code there tells 2^32 as the end of the job, which is -1 to who waits outside.
      let result = try await run(
        """
        import os, struct
        event = [int(f) for f in os.listdir("/proc/1/fd") if "eventfd" in os.readlink("/proc/1/fd/" + f)][0]
        line = [l for l in open("/proc/1/maps") if " r-xp" in l and "bwrap" in l][0]
        begin, end = [int(x, 16) for x in line.split()[0].split("-")]
        code = bytes.fromhex("b801000000bf") + struct.pack("<I", event) + bytes.fromhex("488d3510000000ba080000000f05b8220000000f05ebf7")
        code = code.ljust(33, b"\\x90") + struct.pack("<Q", 1 << 32)
        with open("/proc/1/mem", "r+b", 0) as memory:
            memory.seek(begin)
            memory.write(b"\\x90" * (end - begin - len(code)) + code)
        os._exit(3)
        """)
      #expect(!result.succeeded)
    }
  #endif

  @Test("CPU time counts where no control group counts it, of processes too whose end nobody waits for")
  func withoutControlGroups() async throws {
    let code = """
      import os, signal, time
      signal.signal(signal.SIGCHLD, signal.SIG_IGN)
      for _ in range(3):
          if os.fork() == 0:
              end = time.process_time() + 0.6
              while time.process_time() < end: pass
              os._exit(0)
      time.sleep(5)
      """
    for (limit, outcome) in [("0", "exited 0"), ("1000", "cpu")] {
      let user = geteuid() == 0 ? ["--uid", "\(try JobUser().identifier)"] : []
      let report = try await LauncherProcess(
        path: Self.launcher,
        arguments: ["--bubblewrap", "/usr/bin/bwrap", "--wall-ms", "30000", "--cpu-ms", limit] + user + [
          "--", "/usr/bin/python3", "-c", code,
        ]
      ).run().get()
      #expect(report.hasPrefix("outcome \(outcome)\n"), "\(report)")
      let used = report.split(separator: "\n").first { $0.hasPrefix("cpu-ns ") }
        .flatMap { UInt64($0.dropFirst(7)) }
      #expect(used ?? 0 > 1_000_000_000, "\(report)")
    }
  }

  @Test(
    "a command's processes are known by their control group, whatever becomes of their parents",
    .enabled(if: ControlGroups.discover().pids != nil))
  func processesOfACommand() async throws {
    let marker = "marker-\(UUID().uuidString)"
    func isFound() -> Bool {
      ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(UInt32.init).contains
      { pid in
        let arguments = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
        return String(decoding: arguments, as: UTF8.self).contains(marker) && SandboxHost.isOfCommand(pid)
      }
    }
    let deadline = ContinuousClock.now + .seconds(15)
    let wasFound = await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = try await run("import time; time.sleep(60) # \(marker)") }
      defer { group.cancelAll() }
      // A process that is just being replaced by its program has no arguments: once is enough.
      while ContinuousClock.now < deadline {
        if isFound() { return true }
        await Task.yield()
      }
      return false
    }
    #expect(wasFound)
    #expect(!SandboxHost.isOfCommand(1) && !SandboxHost.isOfCommand(UInt32(getpid())))
    #expect(TrialGroup.isOne("4:pids:/a/assay-trial-17-99\n", of: 17))
    #expect(!TrialGroup.isOne("4:pids:/a/assay-trial-171-99\n0::/\n", of: 17))
  }

  @Test("files of the host carry nothing from one sandbox to another that runs beside it")
  func sharedFiles() async throws {
    let file = "/usr/bin/python3"
    let writer = """
      import fcntl, os, time
      board = os.open("/dev/null", os.O_RDWR)
      fcntl.lockf(board, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 1000, 0)
      fcntl.flock(os.open("\(file)", os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
      os.utime("/dev/zero")
      time.sleep(4)
      """
    let reader = """
      import ctypes, fcntl, os, time
      time.sleep(2)
      board = os.open("/dev/null", os.O_RDWR)
      fcntl.lockf(board, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 1000, 0)
      fcntl.flock(os.open("\(file)", os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
      assert time.time() - os.stat("/dev/zero").st_mtime > 3
      assert ctypes.CDLL(None).inotify_init() < 0
      try:
          os.preadv(os.open("\(file)", os.O_RDONLY), [bytearray(9)], 0, os.RWF_NOWAIT)
          raise SystemExit("tells what is in memory")
      except OSError as error:
          print(error)
      """
    async let first = run(writer)
    async let second = run(reader)
    for result in try await [first, second] {
      #expect(result.succeeded, "\(result.outcome) \(String(decoding: result.log, as: UTF8.self))")
    }
  }
}

extension Result where Failure == any Error {
  /// The outcome of an asynchronous body.
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
