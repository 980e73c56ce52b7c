import Foundation
import Testing

/// The manifests, against the published schemas and against the boundary that they are to draw. No cluster is needed.
@Suite(.tags(.slow)) struct KubernetesTests {
  private static let folder = Program.repository.appending(path: "compose/kubernetes/base").path
  private static let python = Program.repository.appending(path: ".build/python/bin").path + "/"

  private func manifests() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: Self.folder)
      .filter { $0.hasSuffix(".yaml") && $0 != "kustomization.yaml" }.map { Self.folder + "/" + $0 }.sorted()
  }

  @Test func manifestsFitThePublishedSchemas() async throws {
    let files = try manifests()
    #expect(files.count >= 8)
    let checked = try await Program.run(
      Self.python + "kubernetes-validate", ["--strict", "--no-warn"] + files)
    #expect(checked.status == 0, "\(checked.output) \(checked.errors)")
    // The kustomization names each of them.
    let kustomization = try String(contentsOfFile: Self.folder + "/kustomization.yaml", encoding: .utf8)
    for file in files { #expect(kustomization.contains("- \(URL(filePath: file).lastPathComponent)\n")) }
    let jobs = try FileManager.default.contentsOfDirectory(atPath: Self.folder + "/../jobs")
      .filter { $0 != "kustomization.yaml" }.map { Self.folder + "/../jobs/" + $0 }
    #expect(jobs.count == 3)
    let others = try await Program.run(Self.python + "kubernetes-validate", ["--strict", "--no-warn"] + jobs)
    #expect(others.status == 0, "\(others.output) \(others.errors)")
    // A misspelled field is found.
    let misspelled = FileManager.default.temporaryDirectory.appending(
      path: "misspelled-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: misspelled) }
    try String(contentsOfFile: Self.folder + "/operator.yaml", encoding: .utf8)
      .replacing("backoffLimit", with: "backofLimit").write(to: misspelled, atomically: true, encoding: .utf8)
    #expect(
      try await Program.run(Self.python + "kubernetes-validate", ["--strict", misspelled.path]).status != 0)
  }

  /// Who may reach what, read from the manifests as the cluster would.
  @Test func podsAndPoliciesDrawTheTrustBoundary() async throws {
    let checked = try await Program.run(Self.python + "python", ["-c", Self.boundary] + manifests())
    #expect(checked.status == 0, "\(checked.output) \(checked.errors)")
    #expect(checked.output.contains("8 workloads"))
  }

  private static let boundary = """
    import sys, yaml
    objects = [o for f in sys.argv[1:] for o in yaml.safe_load_all(open(f)) if o]
    component = lambda o: o["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]
    workloads = [o for o in objects if o["kind"] in ("Deployment", "StatefulSet", "Job")]
    users = set()
    for o in workloads:
        pod, name = o["spec"]["template"]["spec"], o["metadata"]["name"]
        context = pod["securityContext"]
        assert context["runAsNonRoot"] and context["runAsUser"] > 10000, name
        assert pod["automountServiceAccountToken"] is False and not pod.get("hostNetwork"), name
        users.add((component(o), context["runAsUser"]))
        for c in pod["containers"] + pod.get("initContainers", []):
            s = c["securityContext"]
            assert s["readOnlyRootFilesystem"] and not s["allowPrivilegeEscalation"], name
            assert s["capabilities"] == {"drop": ["ALL"]} and "memory" in c["resources"]["limits"], name
            assert not any("key" in str(e.get("value", "")) and "ed25519" in str(e) for e in c.get("env", [])), name
            unmasked = s.get("procMount") == "Unmasked"
            assert unmasked == (c["name"] in ("evaluator", "runner")), name
            assert not unmasked or pod["hostUsers"] is False, name
        secrets = {v["secret"]["secretName"] for v in pod["volumes"] if "secret" in v}
        claims = {v["persistentVolumeClaim"]["claimName"] for v in pod["volumes"] if "persistentVolumeClaim" in v}
        own = {"runner": "assay-runner-pool"}.get(name, "assay-" + (name if name != "run" else "operator"))
        assert secrets == {own}, (name, secrets)
        if component(o) == "agent": assert not claims, name
        if component(o) == "runner":
            assert claims == {"published"} and all(v.get("readOnly") for c in pod["containers"]
                for v in c["volumeMounts"] if v["name"] == "published"), name
    assert len(users) == len({u for _, u in users}) == 5, users
    policies = {o["metadata"]["name"]: o["spec"] for o in objects if o["kind"] == "NetworkPolicy"}
    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    def reach(name):
        return {(p["podSelector"]["matchLabels"]["app.kubernetes.io/component"], q["port"])
                for rule in policies[name]["egress"] for p in rule["to"] if "namespaceSelector" not in p and "podSelector" in p
                for q in rule["ports"]}
    assert reach("agent") == {("evaluator", 7700), ("lineage", 7710)}
    assert reach("runner") == {("evaluator", 7700)}
    assert reach("lineage") == set()
    def admitted(name, port):
        return {p["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for rule in policies[name]["ingress"]
                for p in rule["from"] if "podSelector" in p for q in rule["ports"] if q["port"] == port}
    assert admitted("evaluator", 7700) == {"agent", "runner", "operator"}
    assert admitted("evaluator", 9464) == admitted("agent", 7700) == set()
    assert admitted("lineage", 7710) == {"evaluator", "agent", "operator"}
    print(len(workloads), "workloads")
    """
}
