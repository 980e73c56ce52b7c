import Foundation
import Testing

/// A whole deployment in containers, for real: built, started, scaled, crashed, attacked from inside, scraped, stopped.
@Suite(
  .serialized, .tags(.slow), .timeLimit(.minutes(12)),
  .enabled(
    if: ContainerEngine.isRequired || ContainerEngine.missing == nil,
    "containers are not tested here: \(ContainerEngine.missing ?? "")"))
struct ContainerTests {
  @Test func deploymentScalesSurvivesCrashesAndKeepsItsBoundaries() async throws {
    let engine = try await ContainerEngine.start()
    let deployment = Deployment(engine: engine)
    do {
      let began = ContinuousClock.now
      print(try await deployment.images(), "images took \(began.duration(to: .now))")
      try await deployment.up()
      print("up after \(began.duration(to: .now))")
      try await boundaries(deployment)
      try await runUnderStress(deployment)
      print("run done after \(began.duration(to: .now))")
      try await record(deployment)
      try await scraped(deployment)
      try await stops(deployment)
      print("all done after \(began.duration(to: .now))")
    } catch {
      try await deployment.down()
      try await engine.stop()
      throw error
    }
    try await deployment.down()
    try await engine.stop()
  }

  /// The files that are shipped, as the programs that read them see them.
  @Test(arguments: [
    [], ["compose.override.yaml"], ["compose.classic.yaml", "compose.smoke.yaml"],
    ["compose.monitoring.yaml"], ["compose.artifacts.yaml"],
    ["compose.gpu.yaml"], ["compose.hosts.yaml"], ["compose.external.yaml"],
  ])
  func composeFilesAreValid(_ overlays: [String]) async throws {
    let checked = try await Deployment.check(["compose.yaml"] + overlays)
    #expect(checked.status == 0, "\(checked.errors)")
  }

  @Test func otherProjectsAreValid() async throws {
    for file in ["compose.bench.yaml", "compose.worker.yaml"] {
      let checked = try await Deployment.check([file])
      #expect(checked.status == 0, "\(checked.errors)")
    }
  }

  @Test func prometheusTakesConfigurationAndRulesAndAlertsFire() async throws {
    let folder = Deployment.folder + "/monitoring/"
    for arguments in [
      ["check", "config", folder + "prometheus.yml"], ["check", "rules", folder + "alerts.yml"],
      ["test", "rules", folder + "alerts.test.yml"],
    ] {
      let checked = try await Program.run("/usr/bin/promtool", arguments)
      #expect(checked.status == 0, "\(checked.output) \(checked.errors)")
    }
  }

  /// Agents 1 → 3 → 1 and runners 1 → 2 while a run goes on, and a container of each service killed.
  private func runUnderStress(_ deployment: Deployment) async throws {
    let run = try deployment.composing(["run", "--rm", "-T", "operator"])
    // A fifth is decided: everything is at work.
    #expect(await run.output { $0.components(separatedBy: "\n").count > deployment.trials / 5 })
    try await deployment.up("--scale", "agent-opt=3", "--scale", "runner=2")
    #expect(try await deployment.containers("agent-opt").count == 3)
    let backup = try await deployment.operate("backup", "--json")
    #expect(backup.rows.count == 2, "\(backup.errors.suffix(1000))")
    // The evaluator first: what it counts begins anew, and Prometheus is to see it count.
    for service in ["evaluator", "lineage", "runner", "agent-opt"] {
      let victim = try #require(try await deployment.containers(service).first)
      let before = try await restarts(deployment, victim)
      try await deployment.crash(victim)
      // Back by the engine's restart policy.
      while try await restarts(deployment, victim) == before { try await Task.sleep(for: .milliseconds(200)) }
    }
    try await deployment.up("--scale", "agent-opt=1", "--scale", "runner=2")
    #expect(try await deployment.containers("agent-opt").count == 1)
    let ended = try await run.ended()
    #expect(ended.status == 0, "\(ended.errors.suffix(2000))")
    #expect(ended.output.contains("re-scored on fresh seeds"))
    // The copies that were made meanwhile are whole, as the documentation restores them.
    for part in backup.rows {
      let service = try #require(part["service"] as? String)
      let volume = service == "lineage" ? "record" : "evaluation"
      let restored = try await deployment.engine.docker(
        "run", "--rm", "--network", "none", "--user", "0:0", "--entrypoint", "bash",
        "-v", "\(deployment.project)_\(volume):/old:ro", "-v",
        "\(deployment.project)_restored-\(volume):/state",
        "assaytest/assay", "-c",
        "assay restore /old/backups/\(URL(filePath: try #require(part["folder"] as? String)).lastPathComponent) --state /state && chown -R 10001:10001 /state"
      )
      #expect(restored.status == 0, "\(restored.errors)")
    }
  }

  private func restarts(_ deployment: Deployment, _ container: String) async throws -> Int {
    let answer = try await deployment.engine.docker("inspect", "-f", "{{.RestartCount}}", container)
    return Int(answer.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
  }

  /// Every accepted trial has exactly one verdict, and the record verifies.
  private func record(_ deployment: Deployment) async throws {
    let listed = try await deployment.operate("trials", "--json")
    let numbers = listed.rows.compactMap { $0["trial"] as? Int }
    #expect(numbers.sorted() == Array(0...deployment.trials), "\(listed.errors.suffix(500))")
    let labels = listed.rows.compactMap { $0["label"] as? String }
    #expect(labels.count == deployment.trials + 1 && !labels.contains("harness_abort"))
    let exported = try await deployment.operate("export", "--proofs", "/state/proofs")
    #expect(exported.status == 0, "\(exported.errors.suffix(1000))")
    let verified = try await deployment.operate("verify", "/state/proofs")
    #expect(verified.status == 0, "\(verified.output.suffix(500)) \(verified.errors.suffix(1000))")
  }

  // MARK: From inside

  /// What an agent, and a runner, can reach: tried from inside their containers.
  private func boundaries(_ deployment: Deployment) async throws {
    let agent = try await deployment.python(Self.probe, in: "agent-opt")
    let seenByAgent = try Facts(agent)
    // The evaluator's RPC port and nothing else of it; its metrics are on another network.
    #expect(seenByAgent.list("ports evaluator") == ["7700"])
    #expect(seenByAgent.list("ports lineage") == ["7710"])
    #expect(seenByAgent.list("ports 172.28.99.11") == [])
    #expect(seenByAgent.list("names") == ["evaluator", "lineage"])
    #expect(seenByAgent.list("secrets") == Self.secrets(of: "agent-opt"))
    #expect(seenByAgent.list("folders") == [], "no state, no prepared data, no published data")
    #expect(seenByAgent.list("writable") == ["/dev/shm", "/tmp"])
    #expect(seenByAgent.value("user") == "10003 capabilities 0000000000000000 no-new-privileges 1")
    #expect(seenByAgent.list("outside") == [])

    let runner = try await deployment.python(Self.probe, in: "runner")
    let seenByRunner = try Facts(runner)
    #expect(seenByRunner.list("ports evaluator") == ["7700"])
    #expect(seenByRunner.list("names") == ["evaluator", "runner"])
    #expect(seenByRunner.list("secrets") == Self.secrets(of: "runner-pool"))
    #expect(seenByRunner.list("folders") == ["/published", "/state"])
    // The training split and nothing of the held-out ones.
    #expect(seenByRunner.list("published") == ["tiny-regression/data/examples.bin"])
    #expect(seenByRunner.value("user") == "10004 capabilities 0000000000000000 no-new-privileges 1")

    for service in Deployment.services {
      for container in try await deployment.containers(service) {
        let inspected = try await deployment.engine.docker(
          "inspect", "-f", "{{json .Config.Env}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Privileged}}",
          container)
        #expect(!inspected.output.contains("ed25519"), "\(service) has a key in its environment")
        #expect(inspected.output.contains(" true false"))
      }
    }
  }

  private static func secrets(of name: String) -> [String] {
    ["\(name).key", "\(name).pem", "ca.crl", "ca.pem", "evaluator.pub", "lineage.pub"].sorted()
  }

  private struct Facts {
    private var facts: [String: String] = [:]

    init(_ output: String) throws {
      for line in output.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
          .map { $0.trimmingCharacters(in: .whitespaces) }
        if parts.count == 2 { facts[parts[0]] = parts[1] }
      }
      if facts["user"] == nil { throw ContainerEngine.Failure(text: "the probe failed: \(output)") }
    }

    func value(_ name: String) -> String? { facts[name] }
    func list(_ name: String) -> [String]? { facts[name]?.split(separator: " ").map(String.init) }
  }

  private static let probe = """
    import os, socket, concurrent.futures as futures
    def open_port(host, port):
        try:
            with socket.create_connection((host, port), timeout=1): return port
        except OSError: return None
    def resolves(name):
        try: socket.gethostbyname(name); return True
        except OSError: return False
    names = [n for n in ["evaluator", "lineage", "runner", "operator", "keys", "prepare"] if resolves(n)]
    print("names:", *names)
    ports = sorted({22, 80, 443, 2375, 7000, 7700, 7710, 9090, 9464, *range(1024, 10240)})
    with futures.ThreadPoolExecutor(64) as pool:
        for host in names:
            print(f"ports {host}:", *filter(None, pool.map(lambda p: open_port(host, p), ports)))
        print("ports 172.28.99.11:", *filter(None, pool.map(lambda p: open_port("172.28.99.11", p), [7700, 9464])))
    print("outside:", *[h for h, p in [("1.1.1.1", 53), ("8.8.8.8", 443), ("172.28.99.10", 7710)] if open_port(h, p)])
    print("secrets:", *sorted(os.listdir("/secrets")))
    print("folders:", *[d for d in ["/authority", "/prepared", "/published", "/state", "/keys", "/var/run/docker.sock"] if os.path.exists(d)])
    print("published:", *sorted(os.path.relpath(os.path.join(d, f), "/published")
        for d, _, files in os.walk("/published") for f in files if not f.startswith(".")))
    def writable(d):
        try:
            path = os.path.join(d, ".probe")
            open(path, "w").close(); os.unlink(path); return True
        except OSError: return False
    print("writable:", *sorted(d for d in ["/", "/etc", "/usr/lib/assay", "/secrets", "/tmp", "/dev/shm", "/proc/sys/kernel"] if writable(d)))
    status = dict(l.split(":", 1) for l in open("/proc/self/status").read().splitlines() if ":" in l)
    print("user:", status["Uid"].split()[0], "capabilities", status["CapEff"].strip(), "no-new-privileges", status["NoNewPrivs"].strip())
    """

  // MARK: Seen from outside

  /// A real Prometheus scrapes every service, and the shipped rules load into it.
  private func scraped(_ deployment: Deployment) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-prometheus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var targets: [String] = []
    for (service, network) in [
      ("lineage", "monitoring"), ("evaluator", "monitoring"), ("runner", "execution"),
      ("agent-opt", "submission"),
    ] {
      for container in try await deployment.containers(service) {
        let address = try await deployment.engine.docker(
          "inspect", "-f",
          "{{(index .NetworkSettings.Networks \"\(deployment.project)_\(network)\").IPAddress}}", container)
        targets.append(
          "  - {targets: ['\(address.output.trimmingCharacters(in: .whitespacesAndNewlines)):9464'], labels: {job: assay-\(service)}}"
        )
      }
    }
    let configuration = """
      global: {scrape_interval: 1s}
      rule_files: [\(Deployment.folder)/monitoring/alerts.yml]
      scrape_configs:
      - job_name: assay
        static_configs:
      \(targets.joined(separator: "\n"))
      """
    let file = folder.appending(path: "prometheus.yml")
    try configuration.write(to: file, atomically: true, encoding: .utf8)
    let port = 19_464
    let prometheus = try Running(
      "/usr/bin/prometheus",
      [
        "--config.file=\(file.path)", "--storage.tsdb.path=\(folder.path)/data",
        "--web.listen-address=127.0.0.1:\(port)",
      ])
    defer { prometheus.signal(SIGTERM) }
    func ask(_ query: String) async -> [[String: Any]] {
      let answer = try? await Program.run(
        "/usr/bin/promtool", ["query", "instant", "--format=json", "http://127.0.0.1:\(port)", query])
      return (try? JSONSerialization.jsonObject(with: Data((answer?.output ?? "").utf8))) as? [[String: Any]]
        ?? []
    }
    var up = 0
    for _ in 0..<60 {
      up = await ask("up == 1").count
      if up == targets.count { break }
      try await Task.sleep(for: .milliseconds(500))
    }
    #expect(up == targets.count, "\(up) of \(targets.count) targets are up")
    for metric in [
      "assay_log_statements > 24", "assay_record_events > 24", "sum(assay_runner_slots_seen) >= 2",
      "sum(assay_trials_total) > 0", "assay_verdict_latency_seconds_count > 0",
      "sum(assay_rpc_calls_total) > 0", "sum(assay_runner_jobs_total{outcome=\"exited\"}) > 0",
      "assay_outbox_entries == 0", "process_resident_memory_bytes > 0",
    ] {
      #expect(await !ask(metric).isEmpty, "\(metric)")
    }
    prometheus.signal(SIGTERM)
    _ = try await prometheus.ended()
  }

  /// Every service drains when it is asked to stop, long before it is killed.
  private func stops(_ deployment: Deployment) async throws {
    let began = ContinuousClock.now
    try await deployment.compose("stop", "-t", "20")
    #expect(began.duration(to: .now) < .seconds(20))
    for service in Deployment.services {
      for container in try await deployment.compose("ps", "-aq", service).split(separator: "\n") {
        let code = try await deployment.engine.docker(
          "inspect", "-f", "{{.State.ExitCode}}", String(container))
        #expect(
          code.output.trimmingCharacters(in: .whitespacesAndNewlines) == "0", "\(service) did not drain")
      }
    }
  }
}
