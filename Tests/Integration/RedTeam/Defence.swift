import AssayPatch
import Foundation
import Glibc

/// One defence, and the attack that gets through when it is not there.
struct Defence {
  /// What became of the attack.
  struct Seen {
    var label: String
    var rule: String
    var log: String
    /// SHA-256 of the artifacts that were scored.
    var artifacts: [String]
    /// The task's prepared data on this host.
    var data: String
    /// From submission to verdict.
    var seconds: Double
  }

  let name: String
  let attack: String
  let place: Attack.Place
  let code: String
  /// What is taken away.
  var off = WeakSandbox()
  /// Changes of the task in place of that: what its owner would have left out.
  var task: [TaskCopy.Change] = []
  /// Whether the attack got what it wanted.
  let gained: @Sendable (Seen) async -> Bool
  /// What that is, in words.
  let gain: String
  /// For what happens in both runs alike.
  var always = WeakSandbox()

  private static func logs(_ marker: String) -> @Sendable (Seen) async -> Bool {
    { $0.log.contains(marker) }
  }

  private static let unlimited = [
    TaskCopy.Change("task.yaml", "memory_mb: 256", "memory_mb: 4096"),
    .init("task.yaml", "processes: 16", "processes: 500"),
    .init("task.yaml", "disk_mb: 8", "disk_mb: 200"),
    .init("task.yaml", "output_kb: 64", "output_kb: 4096"),
    .init("task.yaml", "cpu_seconds: 1", "cpu_seconds: 20"),
    .init("task.yaml", "wall_seconds: 10", "wall_seconds: 200"),
  ]
  private static let ran: @Sendable (Seen) async -> Bool = { ["keep", "discard"].contains($0.label) }

  static let all: [Defence] = namespaces + files + limits + judging

  /// Without a pid namespace of its own nobody may mount a new /proc.
  private static let hostProcesses =
    "at = words.index('--proc')\nwords[at:at + 2] = ['--bind', '/proc', '/proc']"

  private static let namespaces: [Defence] = [
    Defence(
      name: "network namespace", attack: "asks the network", place: .train,
      code: """
        import socket
        try:
            socket.create_connection(("127.0.0.1", \(Listener.shared.port)), 1).sendall(b"from inside")
            print("CONNECTED", flush=True)
        except OSError:
            pass
        """, off: WeakSandbox(bubblewrap: "drop('--unshare-net')"), gained: logs("CONNECTED"),
      gain: "reaches a server of the host"),
    Defence(
      name: "system call filter", attack: "opens sockets that nobody needs", place: .train,
      code: """
        import socket
        try:
            socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            print("OPENED", flush=True)
        except OSError:
            pass
        """, off: WeakSandbox(bubblewrap: "drop('--seccomp', 1)"), gained: logs("OPENED"),
      gain: "gets a socket of another family"),
    Defence(
      name: "pid namespace", attack: "reads what other processes were started with", place: .train,
      code: """
        import os
        for pid in os.listdir("/proc"):
            try:
                if pid.isdigit() and "assay-evaluator" in open(f"/proc/{pid}/cmdline").read():
                    print("FOUND the evaluator", flush=True)
            except OSError:
                pass
        """, off: WeakSandbox(bubblewrap: "drop('--unshare-pid')\n" + hostProcesses),
      gained: logs("FOUND the evaluator"),
      gain: "sees the evaluator's command line"),
    Defence(
      name: "pid namespace and control groups, by which all is killed before anything is read",
      attack: "leaves a daemon", place: .train,
      code: """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(\(Int(Self.outlasting)))
            os._exit(0)
        """,
      off: WeakSandbox(
        launcher: "drop('--cgroup', 1)\ndrop('--kill-file', 1)",
        bubblewrap: "drop('--unshare-pid')\ndrop('--die-with-parent')\n" + hostProcesses),
      gained: { $0.seconds >= Self.outlasting },
      gain:
        "works on after its end and past its wall limit; only the launcher's wait for the last process ends the job"
    ),
    Defence(
      name: "cleared environment", attack: "reads keys from its environment", place: .train,
      code: "import os\nprint([v for v in os.environ.values() if 'sesame' in v], flush=True)",
      off: WeakSandbox(bubblewrap: "drop('--clearenv')"), gained: logs("sesame"),
      gain: "prints a secret of the host's environment",
      always: WeakSandbox(launcher: "os.environ['HOST_SECRET'] = 'open sesame'")),
  ]

  private static let files: [Defence] = [
    Defence(
      name: "held-out data kept out of every mount", attack: "hunts held-out data", place: .train,
      code: """
        import os
        for folder, _, files in os.walk("/heldout"):
            for name in files:
                print("FOUND", open(os.path.join(folder, name), "rb").read()[:40], flush=True)
        """,
      off: WeakSandbox(
        launcher: "words[0:0] = ['--private', HELDOUT, '/heldout']"),
      gained: { $0.log.contains(RedTeamTests.canary) }, gain: "prints the canary of the held-out data"),
    Defence(
      name: "read-only mounts of another owner", attack: "poisons the training data for the next trial",
      place: .train,
      code: """
        try:
            with open("/data/examples.bin", "r+b") as file:
                file.write(b"poison")
        except OSError:
            pass
        """,
      off: WeakSandbox(
        launcher: "os.chmod(DATA + '/train/examples.bin', 0o666)",
        bubblewrap: """
          for at, word in enumerate(words):
              if word == "--ro-bind" and words[at + 2] == "/data":
                  words[at] = "--bind"
          """),
      gained: { seen in
        FileManager.default.contents(atPath: seen.data + "/train/examples.bin")?.starts(
          with: Data("poison".utf8)) == true
      }, gain: "the host's copy of the data is changed"),
    Defence(
      name: "a fresh sandbox for each group of inputs", attack: "answers at random, and remembers",
      place: .answer,
      code: "remembered(xs, values)",
      off: WeakSandbox(
        launcher: "os.umask(0)\nos.makedirs(SHARED, exist_ok=True)",
        bubblewrap: """
          at = words.index("/tmp", words.index("--tmpfs"))
          while words[at - 1] != "--tmpfs":
              at = words.index("/tmp", at + 1)
          words[at - 3:at + 1] = ["--bind", SHARED, "/tmp"]
          """),
      gained: { $0.label == "discard" || $0.label == "keep" },
      gain: "the probe of the scorer sees nothing: both groups got the same"),
    Defence(
      name: "outputs collected as plain files", attack: "leaves a link as its artifact", place: .train,
      code: "import os\nos.symlink('\(Self.secret)', '/out/artifact.bin')\nos._exit(0)",
      off: WeakSandbox(
        bubblewrap: """
          words[words.index("/out") - 1] = OUT
          """,
        instead: """
          import shutil, subprocess
          out = words[words.index("--output") + 3]
          os.umask(0)
          OUT += "-" + str(os.getpid())
          os.makedirs(OUT)
          (inner, end) = os.pipe()
          report_to = os.dup(3)
          os.dup2(end, 3)
          os.close(end)
          child = subprocess.Popen([REAL] + words, pass_fds=[3], env={"WEAK_OUT": OUT})
          os.close(3)
          report = os.fdopen(inner).read()
          child.wait()
          name = OUT + "/" + words[words.index("--output") + 1]
          if os.path.exists(name):
              shutil.copyfile(name, out)
              report = report.replace("output missing 0", f"output present {os.path.getsize(out)}")
          os.write(report_to, report.encode())
          sys.exit(0)
          """),
      gained: { seen in seen.artifacts.contains(Self.secretDigest) },
      gain: "a file of the runner's host is its artifact"),
  ]

  private static let limits: [Defence] = [
    Defence(
      name: "CPU limit, from outside", attack: "trains longer than it may", place: .module,
      code: "def work():\n    return sum(i * i for i in range(80_000_000))\n\n\nwork()", task: unlimited,
      gained: ran, gain: "uses several times the CPU time"),
    Defence(
      name: "memory limit", attack: "takes more memory", place: .train,
      code: "x = [b'x' * (1 << 20) for _ in range(600)]",
      task: unlimited, gained: ran, gain: "takes 600 MB where 256 are allowed"),
    Defence(
      name: "process limit", attack: "starts more processes", place: .train,
      code: """
        import os
        children = []
        for _ in range(60):
            child = os.fork()
            if child == 0:
                import time
                time.sleep(0.3)
                os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        """, task: unlimited, gained: ran, gain: "60 processes at once where 16 are allowed"),
    Defence(
      name: "disk limit", attack: "writes more", place: .train,
      code: "with open('/tmp/x', 'wb') as file:\n    file.write(b'x' * (40 << 20))", task: unlimited,
      gained: ran,
      gain: "40 MB where 8 are allowed"),
    Defence(
      name: "output limit", attack: "prints more", place: .train,
      code: "for _ in range(500):\n    print('x' * 1000)", task: unlimited, gained: ran,
      gain: "500 kB where 64 are allowed"),
  ]

  private static let judging: [Defence] = [
    Defence(
      name: "the scorer's probe of order", attack: "predicts from the place of an input", place: .answer,
      code: "[v + 1e-3 * i for i, v in enumerate(values)]",
      task: [.init("scorer/score.py", "TOLERANCE = 1e-9", "TOLERANCE = 1e9")], gained: ran,
      gain: "what is no function of its input counts as a prediction"),
    Defence(
      name: "the scorer's count of predictions", attack: "leaves the hard inputs out", place: .answer,
      code: "values[:-1]",
      task: [
        .init("scorer/score.py", "if status.st_size != 8 * count:", "if False:"),
        .init(
          "scorer/score.py", "values = struct.unpack(f\"<{count}d\", file.read(8 * count))",
          "data = file.read(8 * count)\n        values = struct.unpack(f\"<{count}d\", data + bytes(8 * count - len(data)))"
        ),
        .init("scorer/score.py", "TOLERANCE = 1e-9", "TOLERANCE = 1e9"),
      ], gained: ran, gain: "a prediction that is not there is judged as one"),
    Defence(
      name: "the gate", attack: "misses the gate on purpose", place: .answer, code: "[0.0 for v in values]",
      task: [.init("task.yaml", "at_least: \"0.1\"", "at_least: \"-99\"")], gained: ran,
      gain: "a useless model takes part"),
    Defence(
      name: "static rules", attack: "prints the scorer's answer", place: .train, code: "print('mse 0.0')",
      gained: ran, gain: "runs; nothing it prints is read"),
  ]

  // MARK: What attacks are after

  /// Seconds: far more than a trial takes, and than its wall limit.
  static let outlasting = 25.0

  /// A file that only the runner's own user can read.
  static let secret: String = {
    let path = WeakSandbox.root + "/secret"
    try? "what only the host may read".write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o600)
    return path
  }()
  static let secretDigest = SnapshotDigest.hex(ofContent: Array("what only the host may read".utf8))
}
