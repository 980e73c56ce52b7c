import AssayGPUTesting
import AssayIdentity
import AssaySandbox
import AssaySupervisor
import Foundation
import Testing

@testable import AssayDoctor

@Suite struct DoctorTests {
  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-doctor-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test("a key that others may read, one that is none, and a folder that others may write to are failures")
  func keys() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(Doctor.keys(in: folder).map(\.state) == [.fail])
    let file = folder.appending(path: "operator.key").path
    try IdentityKey().save(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
    #expect(Doctor.keys(in: folder).map(\.state) == [.ok])
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    #expect(Doctor.keys(in: folder).map(\.state) == [.fail])
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
    #expect(Doctor.keys(in: folder).first?.remedy.contains("chmod 700") == true)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
    try "nonsense".write(toFile: file, atomically: false, encoding: .utf8)
    #expect(Doctor.keys(in: folder).map(\.state) == [.fail])
  }

  @Test func trust() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let directory = try StateDirectory.create(at: folder)
    #expect(Doctor.trust(in: directory).map(\.state) == [.fail, .fail])
    _ = try KeyRing.prepare(in: directory.keys, specialists: ["opt"], runners: ["r"], lineageEnabled: true)
    #expect(Doctor.trust(in: directory).map(\.state) == [.ok, .ok])
    #expect(Doctor.keys(in: directory.keys).map(\.state) == [.ok])
    try TrustStore([
      .init(name: "all", roles: [.operator, .agent], identity: IdentityKey().publicIdentity)
    ]).save(to: directory.trustFile(of: "lineage").path)
    #expect(Doctor.trust(in: directory).first?.state == .warn)
  }

  @Test func packages() {
    let all = Doctor.wantedPackages.map { "\($0.0) 1.0 installed" }.joined(separator: "\n")
    #expect(Doctor.packages(all).state == .ok)
    let files: Set<String> = ["libmbedtls.so.14", "libsqlite3.so.0", "libseccomp.so.2", "libprotobuf-c.so.1"]
    #expect(Doctor.packages("bubblewrap 0.8 installed\n", beside: files).state == .ok)
    #expect(Doctor.packages("", beside: files).detail == "missing: bubblewrap")
    let without = Doctor.packages(
      all.replacing("bubblewrap 1.0 installed", with: "bubblewrap 1.0 config-files"))
    #expect(without.state == .fail)
    #expect(without.remedy == "apt-get install bubblewrap")
  }

  @Test("a folder that is not there yet is judged by its parent")
  func disk() {
    #expect(Doctor.disk(URL(filePath: "/tmp/not/there/yet")).detail.contains("/tmp/not/there/yet"))
    #expect(Doctor.disk(URL(filePath: "/proc/1")).state == .fail)
  }

  @Test("every finding that is not ok says what to do")
  func remedies() async {
    let findings = await Doctor(directory: nil, folders: [URL(filePath: "/tmp")]).examine()
    #expect(Set(findings.map(\.check)).count == findings.count)
    #expect(findings.contains { $0.check == "gpus" })
    for finding in findings where finding.state != .ok { #expect(!finding.remedy.isEmpty, "\(finding)") }
  }

  @Test("of control groups it tells what the sandbox found", arguments: [true, false], [true, false])
  func controlGroups(limits: Bool, accounting: Bool) {
    let finding = Doctor.controlGroups(
      IsolationReport(
        namespaces: true, dedicatedUser: false, seccomp: true, memoryLimit: limits, processLimit: true,
        cpuAccounting: accounting))
    #expect(finding.state == (limits && accounting ? .ok : .warn))
    #expect(finding.remedy.contains("Delegate=yes") == !limits)
    #expect(finding.remedy.contains("cpuacct") == (limits && !accounting))
  }

  @Test func values() {
    #expect(Doctor.value("ID", in: "VERSION_ID=\"12\"\nID=debian\n") == "debian")
    #expect(Doctor.value("MemAvailable", in: "MemAvailable:   12 kB\n") == "12 kB")
    #expect(Doctor.value("X", in: "XY=1") == nil)
  }

  @Test("GPUs of a host: which there are, and how they are connected")
  func connections() throws {
    let nvml = try StandInNVML(
      """
      gpu GPU-a H100 81559 9.0 0 0
      gpu GPU-b H100 81559 9.0 1 0
      path GPU-a GPU-b 50 18 1
      cores GPU-a 3
      cores GPU-b c

      """)
    let finding = Graphics.finding(library: nvml.path)
    #expect(finding.state == .ok)
    #expect(
      finding.detail
        == "2 × H100 (81559 MiB, compute capability 9.0), driver 550.54.15; 0-1: 18 NVLinks; cores 0-1: 0; cores 2-3: 1"
    )
  }

  @Test("GPUs: without a driver none are missed, unless there are device nodes")
  func graphics() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-doctor-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let absent = folder.appending(path: "libnvidia-ml.so.1").path
    #expect(Graphics.finding(library: absent, nodes: folder.path).state == .ok)
    try Data().write(to: folder.appending(path: "nvidia0"))
    let finding = Graphics.finding(library: absent, nodes: folder.path)
    #expect(finding.state == .fail)
    #expect(finding.detail.contains("1 device nodes; no \(absent)"))
    #expect(!finding.remedy.isEmpty)
    // A library that is none of NVIDIA's.
    let other = Graphics.finding(library: "libm.so.6", nodes: folder.path)
    #expect(other.state == .fail)
    #expect(other.detail.contains("no function nvmlInit_v2"))
  }
}
