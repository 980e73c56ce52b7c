import AssayMessages
import AssayRPC
import AssayVerdict
import Glibc

/// What a runner does with jobs: isolates, measures, collects, reports, and tells its own failures from a recipe's.
struct RunnerCases: Sendable {
  let desk: JobDesk
  let control: Subject.Control?
  let secrets: [String]

  /// A job of a shell script.
  private func job(
    _ script: String, outputs: [(String, UInt64)] = [], files: [(String, [UInt8])] = [],
    _ change: (inout RunnerV1.Job) -> Void = { _ in }
  ) -> RunnerV1.Job {
    var job = RunnerV1.Job()
    job.phase = "train"
    job.runId = "conformance"
    job.trial = 1
    job.command = ["/bin/sh", "-c", script]
    job.budget = EvaluatorV1.PhaseBudget()
    job.budget?.wallMs = 20_000
    job.budget?.cpuMs = 20_000
    job.budget?.memoryBytes = 256 << 20
    job.budget?.processes = 32
    job.budget?.diskBytes = 32 << 20
    job.budget?.outputBytes = 64 << 10
    job.cores = 1
    job.leaseMs = 30_000
    job.heartbeatMs = 5000
    job.outputs = outputs.map { path, most in
      var output = RunnerV1.JobOutput()
      (output.path, output.maxBytes) = (path, most)
      return output
    }
    job.files = files.map { path, bytes in
      var file = RunnerV1.JobFile()
      (file.path, file.digest, file.size) = (path, JobPlayer.digest(bytes), UInt64(bytes.count))
      return file
    }
    change(&job)
    return job
  }

  private func clean(_ report: RunnerV1.CompleteJobRequest) throws {
    try Expect.equal(report.outcome, .exited, "the outcome (\(report.infrastructureReason)\(report.log))")
    try Expect.that(
      report.exitCode == 0 && report.signal == 0,
      "exit \(report.exitCode), signal \(report.signal): \(report.log)")
  }

  private func infrastructure(_ report: RunnerV1.CompleteJobRequest) throws {
    try Expect.equal(report.outcome, .infrastructure, "the outcome (exit \(report.exitCode): \(report.log))")
    try Expect.that(!report.infrastructureReason.isEmpty, "no reason")
  }

  /// A limit is reported as such; where only the kernel enforces it, as the failure that follows from it.
  private func limit(
    _ name: String, _ purpose: String, _ wanted: RunnerV1.JobOutcome, mayFailItself: Bool = false,
    _ script: String, _ change: @escaping @Sendable (inout EvaluatorV1.PhaseBudget) -> Void
  ) -> ConformanceCase {
    ConformanceCase(name, purpose, expect: mayFailItself ? "\(wanted), or a failed exit" : "\(wanted)") {
      let limited = job(script) { job in
        if var budget = job.budget {
          change(&budget)
          job.budget = budget
        }
      }
      let report = try await desk.run(limited)
      let failed = report.outcome == .exited && (report.exitCode != 0 || report.signal != 0)
      try Expect.that(
        report.outcome == wanted || mayFailItself && failed,
        "\(report.outcome), exit \(report.exitCode), signal \(report.signal): \(report.log.prefix(300))")
      try clean(try await desk.run(job("true")))
    }
  }

  var cases: [ConformanceCase] { ends + outputs + isolation + limits + leases + restarts }

  private var ends: [ConformanceCase] {
    [
      ConformanceCase("runner/asks", "it asks for jobs, with the name of a slot", expect: "within 30 s") {
        try await desk.wait(.seconds(30), for: "a request for a job") { !$0.askers.isEmpty }
        try Expect.that(desk.state.withLock { !$0.askers.contains("") }, "a slot without a name")
      },
      ConformanceCase(
        "runner/success", "a program that ends well", expect: "EXITED, 0, under the job's token"
      ) {
        let report = try await desk.run(job("echo fine"))
        try clean(report)
        try Expect.equal(report.fencingToken, desk.state.withLock { $0.token }, "the token")
        try Expect.that(desk.state.withLock { $0.askers.contains(report.runner) }, "slot '\(report.runner)'")
      },
      ConformanceCase("runner/exit_status", "a program that ends with status 3", expect: "EXITED, 3") {
        let report = try await desk.run(job("exit 3"))
        try Expect.equal(report.outcome, .exited, "the outcome")
        try Expect.equal(report.exitCode, 3, "the status")
      },
      ConformanceCase("runner/signal", "a program that dies by a signal", expect: "EXITED, signal 9") {
        let report = try await desk.run(job("kill -9 $$"))
        try Expect.equal(report.outcome, .exited, "the outcome")
        try Expect.equal(report.signal, 9, "the signal")
      },
      ConformanceCase(
        "runner/provenance", "what it signs of a job (docs/provenance.md)",
        expect: "signed with the key of its session; says what was asked and what it reports"
      ) {
        let report = try await desk.run(job("echo x > /out/x; echo fine", outputs: [("x", 1000)]))
        try clean(report)
        let (given, reporter) = desk.state.withLock { ($0.given, $0.reporter) }
        guard let given, let reporter else { throw Mismatch("no report") }
        let signed = try ProvenanceStatement.verified(envelope: report.provenance, key: reporter)
        if let part = signed.disagreement(with: given, report) {
          throw Mismatch("it says something else of \(part)")
        }
      },
      ConformanceCase(
        "runner/no_program", "a program that is not there", expect: "a failed exit, not charged to the runner"
      ) {
        let report = try await desk.run(job("") { $0.command = ["/no/such/program"] })
        try Expect.that(report.outcome == .infrastructure || report.exitCode != 0, "exit 0")
      },
      ConformanceCase("runner/measured", "time and CPU are measured", expect: "about what was used") {
        let report = try await desk.run(job("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 0.5"))
        try clean(report)
        try Expect.that(report.cpuNs > 20_000_000, "\(report.cpuNs) ns of CPU")
        try Expect.that(report.wallNs > 500_000_000, "\(report.wallNs) ns")
        try Expect.that(report.wallNs >= report.cpuNs / 2, "more CPU than time")
      },
      ConformanceCase("runner/log", "what the program printed, from both channels", expect: "in the log") {
        let report = try await desk.run(job("echo to-output; echo to-error >&2"))
        try Expect.that(report.log.contains("to-output") && report.log.contains("to-error"), report.log)
      },
      ConformanceCase("runner/hostile_log", "a log of bytes that are no text", expect: "valid UTF-8, bounded")
      {
        let report = try await desk.run(job("head -c 40000 /dev/urandom; printf '\\000\\377'"))
        try Expect.that(report.log.utf8.count <= 262_144, "\(report.log.utf8.count) bytes")
        try Expect.that(!report.log.utf8.contains(0), "a zero byte")
      },
    ]
  }

  private var outputs: [ConformanceCase] {
    func state(_ name: String, _ purpose: String, _ wanted: RunnerV1.OutputState, _ script: String)
      -> ConformanceCase
    {
      ConformanceCase(name, purpose, expect: "\(wanted)") {
        let report = try await desk.run(job(script, outputs: [("x", 1000)]))
        try clean(report)
        try Expect.equal(report.outputs.first?.state, wanted, "the state")
        if wanted != .present {
          try Expect.that(desk.state.withLock { $0.uploads.isEmpty }, "something was uploaded")
        }
      }
    }
    return [
      ConformanceCase(
        "runner/output", "an output of 3,000,000 bytes", expect: "PRESENT, uploaded whole before the report"
      ) {
        let report = try await desk.run(
          job(
            "head -c 3000000 /dev/zero > /out/big; mkdir /out/deep; echo x > /out/deep/small",
            outputs: [("big", 4_000_000), ("deep/small", 10)]))
        try clean(report)
        try Expect.equal(report.outputs.map(\.state), [.present, .present], "the states")
        let bytes = [UInt8](repeating: 0, count: 3_000_000)
        try Expect.equal(report.outputs[0].digest, JobPlayer.digest(bytes), "the digest")
        try Expect.equal(report.outputs[0].size, 3_000_000, "the size")
        try Expect.that(
          desk.state.withLock { $0.uploads[report.outputs[0].digest] == bytes }, "it was not uploaded")
      },
      state("runner/output_missing", "an output that was not written", .missing, "true"),
      state(
        "runner/output_at_cap", "an output of exactly its cap", .present, "head -c 1000 /dev/zero > /out/x"),
      state("runner/output_too_large", "one byte more", .tooLarge, "head -c 1001 /dev/zero > /out/x"),
      state("runner/output_link", "a link in the place of an output", .notAFile, "ln -s /etc/passwd /out/x"),
      state("runner/output_folder", "a folder in the place of an output", .notAFile, "mkdir /out/x"),
      state("runner/output_pipe", "a pipe in the place of an output", .notAFile, "mkfifo /out/x"),
      ConformanceCase("runner/output_behind_link", "an output behind a linked folder", expect: "not PRESENT")
      {
        let report = try await desk.run(job("ln -s /etc /out/d", outputs: [("d/passwd", 1 << 20)]))
        try Expect.that(report.outputs.first?.state != .present, "a file of the host was collected")
        try Expect.that(desk.state.withLock { $0.uploads.isEmpty }, "something was uploaded")
      },
    ]
  }

  private var isolation: [ConformanceCase] {
    /// A script that succeeds exactly if it cannot do what it tries.
    func kept(_ name: String, _ purpose: String, _ script: String) -> ConformanceCase {
      ConformanceCase(name, purpose, expect: "it cannot") { try clean(try await desk.run(job(script))) }
    }
    let content = Array("an input\n".utf8)
    return [
      ConformanceCase("runner/inputs", "inputs are where the job puts them", expect: "their bytes") {
        let report = try await desk.run(
          job("cat /inputs/a/x /recipe/r.py", files: [("/inputs/a/x", content), ("/recipe/r.py", content)]),
          blobs: [content])
        try clean(report)
        try Expect.that(report.log.contains("an input\nan input\n"), report.log)
      },
      ConformanceCase("runner/inputs_read_only", "inputs cannot be changed", expect: "they stay") {
        let report = try await desk.run(
          job(
            "echo x >> /inputs/a/x; rm -f /inputs/a/x; mv /inputs/a /inputs/b; cat /inputs/a/x",
            files: [("/inputs/a/x", content)]), blobs: [content])
        try Expect.that(report.log.contains("an input\n"), report.log)
      },
      kept(
        "runner/no_network", "a job sees no network but its own loopback",
        "test \"$(tail -n +3 /proc/net/dev | grep -vc ' *lo:')\" = 0"),
      kept(
        "runner/no_host_processes", "a job sees no process but its own",
        "test $(ls /proc | grep -c '^[0-9]') -lt 8"),
      kept(
        "runner/no_privileges", "a job has no capabilities",
        "grep -q 'CapEff:.0000000000000000' /proc/self/status"),
      kept(
        "runner/no_write", "a job cannot write to the system",
        "for f in /usr/x /etc/x; do ! (echo x >$f) 2>/dev/null && test ! -e $f || exit 1; done"),
      kept(
        "runner/no_environment", "nothing of the runner's environment reaches a job",
        "! env | grep -Ei 'assay|token|secret|password|ssh'"),
      ConformanceCase("runner/no_secrets", "a job cannot read files of the host", expect: "none of them") {
        for path in secrets {
          let report = try await desk.run(job("cat '\(path)'"))
          try Expect.that(report.exitCode != 0, "\(path) can be read")
        }
      },
      ConformanceCase("runner/environment", "variables that the job names", expect: "they are set") {
        let named = job("echo \"<$COLOUR>\"") { job in
          var variable = RunnerV1.EnvironmentVariable()
          (variable.name, variable.value) = ("COLOUR", "green blue")
          job.environment = [variable]
        }
        let report = try await desk.run(named)
        try Expect.that(report.log.contains("<green blue>"), report.log)
      },
      ConformanceCase(
        "runner/no_leftovers", "nothing of a job is left for the next", expect: "no files, no processes"
      ) {
        try clean(
          try await desk.run(job("for d in /tmp /out /dev/shm; do echo x > $d/left; done; sleep 300 & true")))
        try clean(
          try await desk.run(
            job(
              "for d in /tmp /out /dev/shm; do test ! -e $d/left || exit 1; done; ! grep -l sleep /proc/[0-9]*/comm"
            )))
      },
    ]
  }

  private var limits: [ConformanceCase] {
    [
      limit("runner/cpu_limit", "more CPU than allowed", .cpuLimit, "while :; do :; done") {
        $0.cpuMs = 1000
      },
      limit("runner/wall_limit", "more time than allowed", .wallLimit, "sleep 300") { $0.wallMs = 1000 },
      limit(
        "runner/memory_limit", "more memory than allowed", .memoryLimit, mayFailItself: true,
        "x=$(head -c 200000000 /dev/zero | tr '\\0' a); echo ${#x}; test ${#x} -lt 100000000 && exit 1"
      ) { $0.memoryBytes = 48 << 20 },
      limit(
        "runner/process_limit", "more processes than allowed", .processLimit, mayFailItself: true,
        "i=0; while [ $i -lt 60 ]; do sleep 300 & i=$((i+1)); done; test $i = 60 && test $(ls /proc | grep -c '^[0-9]') -lt 40 && exit 1"
      ) { $0.processes = 12 },
      limit(
        "runner/disk_limit", "more files than allowed", .diskLimit, mayFailItself: true,
        "head -c 60000000 /dev/zero > /out/x"
      ) { $0.diskBytes = 8 << 20 },
      ConformanceCase(
        "runner/endless_output", "a program that never stops printing",
        expect: "OUTPUT_LIMIT, or a bounded log"
      ) {
        let report = try await desk.run(
          job("yes") { job in
            job.budget?.wallMs = 3000
            job.budget?.outputBytes = 65_536
          })
        try Expect.that([.outputLimit, .wallLimit].contains(report.outcome), "\(report.outcome)")
        try Expect.that(report.log.utf8.count <= 262_144, "\(report.log.utf8.count) bytes of log")
      },
    ]
  }

  private var leases: [ConformanceCase] {
    [
      ConformanceCase(
        "runner/heartbeats", "a lease of 4 s is renewed", expect: "3 times in 6 s, under its token"
      ) {
        let long = job("sleep 6") { ($0.leaseMs, $0.heartbeatMs) = (4000, 1000) }
        try clean(try await desk.run(long))
        let beats = desk.state.withLock { $0.heartbeats }
        try Expect.that(beats.count >= 3, "\(beats.count) heartbeats")
        try Expect.that(beats.allSatisfy { $0.fencingToken == beats[0].fencingToken }, "under other tokens")
      },
      ConformanceCase(
        "runner/cancelled", "a job that a heartbeat says is not wanted any more",
        expect: "killed, and the next one taken, within 15 s"
      ) {
        let long = job("sleep 300") { job in
          (job.leaseMs, job.heartbeatMs) = (4000, 500)
          job.budget?.wallMs = 300_000
        }
        desk.give(long)
        try await desk.wait(.seconds(20), for: "a heartbeat") { !$0.heartbeats.isEmpty }
        desk.state.withLock { $0.cancels = true }
        try await desk.wait(.seconds(10), for: "a heartbeat that is told") { $0.heartbeats.count > 1 }
        try clean(try await desk.run(job("true"), within: .seconds(15)))
      },
      ConformanceCase(
        "runner/report_repeated", "a report that could not be taken",
        expect: "the same again, under the same key"
      ) {
        desk.give(job("exit 5"))
        desk.state.withLock {
          $0.reportRefusals = [.init(.unavailable, "not now"), .init(.unavailable, "not now")]
        }
        try Expect.equal(try await desk.report().exitCode, 5, "the status")
        let keys = desk.state.withLock { $0.keys }
        try Expect.equal(keys.count, 3, "how often it was sent")
        try Expect.that(Set(keys).count == 1 && keys[0] != "", "the keys are \(keys)")
      },
      ConformanceCase(
        "runner/report_refused", "a report of a lease that is lost", expect: "dropped, and the next job taken"
      ) {
        desk.give(job("true"))
        desk.state.withLock { $0.reportRefusals = [.init(.failedPrecondition, reason: "LEASE_LOST", "lost")] }
        try await desk.wait(.seconds(30), for: "the report") { !$0.keys.isEmpty }
        try clean(try await desk.run(job("true"), within: .seconds(20)))
      },
      ConformanceCase("runner/upload_repeated", "an upload that could not be taken", expect: "sent again") {
        desk.give(job("echo x > /out/x", outputs: [("x", 10)]))
        desk.state.withLock { $0.uploadRefusals = [.init(.unavailable, "not now")] }
        let report = try await desk.report()
        try Expect.equal(report.outputs.first?.state, .present, "the state")
        try Expect.that(desk.state.withLock { !$0.uploads.isEmpty }, "nothing was uploaded")
      },
      ConformanceCase(
        "runner/wrong_input", "an input whose bytes are not its digest", expect: "INFRASTRUCTURE"
      ) {
        let honest = Array("honest".utf8)
        desk.give(job("true", files: [("/recipe/r.py", honest)]))
        desk.state.withLock { $0.blobs[JobPlayer.digest(honest)] = Array("forged".utf8) }
        try infrastructure(try await desk.report())
      },
      ConformanceCase("runner/missing_input", "an input that cannot be had", expect: "INFRASTRUCTURE") {
        try infrastructure(try await desk.run(job("true", files: [("/recipe/r.py", [1, 2, 3])])))
      },
      ConformanceCase(
        "runner/escaping_input", "an input whose path leaves its place", expect: "INFRASTRUCTURE"
      ) {
        for path in ["/recipe/../../etc/x", "/etc/x", "recipe/x", "/recipe//x"] {
          try infrastructure(try await desk.run(job("true", files: [(path, [1])]), blobs: [[1]]))
        }
      },
      ConformanceCase(
        "runner/unknown_mount", "a folder that its host does not have", expect: "INFRASTRUCTURE"
      ) {
        let mounting = job("true") { job in
          var mount = RunnerV1.HostMount()
          (mount.name, mount.taskName, mount.path) = ("data", "no-such-task", "/data")
          job.mounts = [mount]
        }
        try infrastructure(try await desk.run(mounting))
      },
    ]
  }

  private var restarts: [ConformanceCase] {
    [
      ConformanceCase(
        "restart/killed_mid_job", "killed in the middle of a job",
        expect: "after a restart it takes jobs again",
        needs: [.restart]
      ) {
        guard let control else { return }
        let leases = desk.state.withLock { $0.leases }
        desk.give(job("sleep 300") { $0.budget?.wallMs = 300_000 })
        try await desk.wait(.seconds(20), for: "a lease") { $0.leases > leases }
        control.signal(SIGKILL)
        await control.ended()
        try await control.start()
        try clean(try await desk.run(job("true")))
      },
      ConformanceCase(
        "restart/drain", "asked to stop in the middle of a job",
        expect: "the job is handed back as INFRASTRUCTURE; it ends within 15 s", needs: [.restart]
      ) {
        guard let control else { return }
        let leases = desk.state.withLock { $0.leases }
        desk.give(job("sleep 300") { $0.budget?.wallMs = 300_000 })
        try await desk.wait(.seconds(20), for: "a lease") { $0.leases > leases }
        let started = ContinuousClock.now
        control.signal(SIGTERM)
        await control.ended()
        let took = started.duration(to: .now)
        try await control.start()
        try infrastructure(try await desk.report(within: .seconds(1)))
        try Expect.that(took < .seconds(15), "\(took)")
      },
    ]
  }
}
