import AssaySandbox
import AssaySupervisor
import Foundation
import Glibc

extension Doctor {
  static func text(of path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  /// A value of a file of `KEY=value` or `Key: value` lines.
  static func value(_ key: String, in text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      let rest = line.dropFirst(key.count)
      guard let mark = rest.first, mark == "=" || mark == ":" else { continue }
      return rest.dropFirst().trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
    }
    return nil
  }

  static func system() -> Finding {
    let name = text(of: "/etc/os-release").flatMap { value("PRETTY_NAME", in: $0) } ?? "unknown system"
    let kernel = (text(of: "/proc/sys/kernel/osrelease") ?? "").trimmingCharacters(
      in: .whitespacesAndNewlines)
    let id = text(of: "/etc/os-release").flatMap { value("VERSION_ID", in: $0) } ?? ""
    let isKnown = name.contains("Debian") && id == "12"
    return Finding(
      "system", isKnown ? .ok : .warn, "\(name), kernel \(kernel)",
      remedy: isKnown ? "" : "Assay is built and tested on Debian 12; packages may have other names here")
  }

  static func programs() -> Finding {
    let names = [
      "assay-agent", "assay-evaluator", "assay-runner", "assay-lineage", "assay-sandbox",
    ]
    let missing = names.filter { (try? Executables.locate($0)) == nil }
    return missing.isEmpty
      ? Finding("programs", .ok, "all beside this one, in \(Executables.directory.path)")
      : Finding(
        "programs", .fail, "\(missing.joined(separator: ", ")) not in \(Executables.directory.path)",
        remedy: "build all with `make build`, or set ASSAY_BIN to their folder")
  }

  /// Runs a program in a sandbox, as a runner does before it takes a job.
  static func sandbox() async -> [Finding] {
    do throws(SandboxError) {
      let isolation = try await Sandbox.open().isolation
      let isWhole = isolation.level == .full
      return [
        Finding(
          "sandbox", isWhole ? .ok : .warn, isolation.description,
          remedy: isWhole ? "" : isolation.remarks.joined(separator: "; ")), controlGroups(isolation),
      ]
    } catch {
      return [
        Finding("sandbox", .fail, "a program could not be run in isolation", remedy: error.message)
      ]
    }
  }

  static func controlGroups(_ isolation: IsolationReport) -> Finding {
    guard isolation.memoryLimit, isolation.processLimit else {
      return Finding(
        "control groups", .warn, "none that a job's memory and processes can be bound by",
        remedy:
          "\(IsolationReport.delegationRemedy); without one, memory is limited for each process, not for all of a job"
      )
    }
    guard isolation.cpuAccounting else {
      return Finding(
        "control groups", .warn, "none that counts a job's CPU time",
        remedy: IsolationReport.accountingRemedy + "; without it, that of its processes is added up")
    }
    return Finding("control groups", .ok, "memory, processes and CPU time are counted for each whole job")
  }

  static func namespaces() -> Finding {
    let most = text(of: "/proc/sys/user/max_user_namespaces").flatMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    guard let most, most > 0 else {
      return Finding(
        "user namespaces", .fail, "none may be made",
        remedy:
          "sysctl user.max_user_namespaces=10000; in a container, also allow them in its seccomp profile")
    }
    if text(of: "/proc/sys/kernel/unprivileged_userns_clone")?.hasPrefix("0") == true, geteuid() != 0 {
      return Finding(
        "user namespaces", .fail, "only root may make them",
        remedy: "sysctl kernel.unprivileged_userns_clone=1")
    }
    return Finding("user namespaces", .ok, "up to \(most)")
  }

  static func seccomp() -> Finding {
    let actions = text(of: "/proc/sys/kernel/seccomp/actions_avail") ?? ""
    return actions.contains("errno")
      ? Finding("seccomp", .ok, "filters with errno and kill")
      : Finding(
        "seccomp", .fail, "this kernel takes no filters",
        remedy: "use a kernel with CONFIG_SECCOMP_FILTER")
  }

  static func users() -> Finding {
    guard geteuid() == 0 else {
      return Finding(
        "users", .warn, "this is user \(geteuid()): all jobs are too",
        remedy: "run as root to give each job a user of its own")
    }
    return Finding("users", .ok, "root: each job gets a user of its own")
  }

  static func clock() -> Finding {
    // Released after this; a clock before it breaks certificates and the order of the record.
    let oldest = 1_735_689_600.0
    let now = Date().timeIntervalSince1970
    guard now > oldest else {
      return Finding(
        "clock", .fail, "it says \(Date().formatted(.iso8601))", remedy: "set the time, such as with chronyd")
    }
    let services = ["chronyd", "ntpd", "systemd-timesyncd", "systemd-timesyn", "openntpd"]
    let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter {
      $0.allSatisfy(\.isNumber)
    }
    let keeper = processes.lazy.compactMap { text(of: "/proc/\($0)/comm") }.map {
      $0.trimmingCharacters(in: .whitespacesAndNewlines)
    }.first(where: services.contains)
    let said = Date().formatted(.iso8601)
    return keeper.map { Finding("clock", .ok, "\(said), kept by \($0)") }
      ?? Finding(
        "clock", .warn, "\(said), kept by no time service that runs here",
        remedy: "with services on several machines, keep their clocks with chronyd or systemd-timesyncd")
  }

  static func memory() -> Finding {
    let kilobytes = text(of: "/proc/meminfo").flatMap { value("MemAvailable", in: $0) }.flatMap {
      Int($0.split(separator: " ").first ?? "")
    }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    guard let kilobytes else { return Finding("memory", .warn, "how much is free is not told here") }
    let detail = "\(kilobytes / 1_000_000) GB free, \(cores) cores"
    return kilobytes < 1_000_000
      ? Finding(
        "memory", .warn, detail,
        remedy: "training a bundled task needs about 1 GB a slot: use fewer with --slots")
      : Finding("memory", .ok, detail)
  }

  /// - Parameter folder: may not exist yet; then its nearest parent is looked at.
  static func disk(_ folder: URL) -> Finding {
    var place = folder.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
      place = place.deletingLastPathComponent()
    }
    var facts = statvfs()
    guard statvfs(place.path, &facts) == 0 else {
      return Finding(
        "disk", .fail, "\(place.path) cannot be looked at", remedy: "choose another folder with --state")
    }
    let free = UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    let detail = "\(free / 1_000_000_000) GB free for \(folder.path)"
    if access(place.path, W_OK) != 0 {
      return Finding(
        "disk", .fail, "\(place.path) may not be written to", remedy: "choose another folder with --state")
    }
    if facts.f_files > 0, facts.f_favail < 1000 {
      return Finding(
        "disk", .fail, "no inodes left for \(folder.path)", remedy: "delete files, or use another folder")
    }
    if free < 500_000_000 {
      return Finding(
        "disk", .fail, detail, remedy: "free some space, or use another folder: --state, --prepared")
    }
    return free < 5_000_000_000
      ? Finding("disk", .warn, detail, remedy: "environments of tasks take up to 1 GB, a long run as much")
      : Finding("disk", .ok, detail)
  }
}
