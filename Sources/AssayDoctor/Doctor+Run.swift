import AssayIdentity
import AssayMessages
import AssayRPC
import AssaySupervisor
import Foundation
import Glibc

extension Doctor {
  private static func mode(of path: String) -> UInt32? {
    var status = stat()
    return lstat(path, &status) == 0 ? UInt32(status.st_mode) : nil
  }

  /// Keys that others may read are worth nothing.
  static func keys(in folder: URL) -> [Finding] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    let keys = names.filter { $0.hasSuffix(".key") }
    guard !keys.isEmpty else {
      return [
        Finding(
          "keys", .fail, "no keys in \(folder.path)",
          remedy: "`assay run` makes them, or `assay keys init --directory \(folder.path)`")
      ]
    }
    let open = keys.filter { (mode(of: folder.appending(path: $0).path) ?? 0) & 0o077 != 0 }
    let damaged = keys.filter { (try? IdentityKey.load(from: folder.appending(path: $0).path)) == nil }
    var findings: [Finding] = []
    if !open.isEmpty {
      findings.append(
        Finding(
          "keys", .fail, "others may read \(open.joined(separator: ", "))",
          remedy:
            "chmod 600 \(folder.path)/*.key; whoever could read them may have them: `assay keys rotate` makes new ones"
        ))
    }
    for name in damaged where !open.contains(name) {
      findings.append(
        Finding(
          "keys", .fail, "\(name) holds no key",
          remedy: "restore it from a backup, or `assay keys rotate` the identity"))
    }
    if let mode = mode(of: folder.path), mode & 0o022 != 0 {
      findings.append(
        Finding("keys", .fail, "others may write to \(folder.path)", remedy: "chmod 700 \(folder.path)"))
    }
    return findings.isEmpty
      ? [Finding("keys", .ok, "\(keys.count) in \(folder.path), for their owner only")] : findings
  }

  static func trust(in directory: StateDirectory) -> [Finding] {
    ["lineage", "evaluator"].map { service in
      let path = directory.trustFile(of: service).path
      let check = "trust \(service)"
      do throws(IdentityError) {
        let entries = try TrustStore.load(from: path).entries
        guard entries.contains(where: { $0.roles == [.observer] }) else {
          return Finding(
            check, .warn, "nobody may only look: the dashboard cannot read the run",
            remedy: "`assay run` on the folder names an observer")
        }
        if let both = entries.first(where: { $0.roles.count > 1 }) {
          return Finding(
            check, .warn, "\(both.name) has \(both.roles.count) roles",
            remedy: "an identity for each role keeps those who propose from those who measure")
        }
        return Finding(check, .ok, "\(entries.count) identities")
      } catch {
        return Finding(check, .fail, error.message, remedy: "`assay keys init` writes trust files anew")
      }
    }
  }

  /// Whether those answer that should.
  static func services(of directory: StateDirectory) async -> [Finding] {
    guard let access = try? RecordAccess(directory) else {
      return [
        Finding(
          "services", .warn, "no run was started in \(directory.root.path), or it has no observer",
          remedy: "start it with `assay run`")
      ]
    }
    defer { access.close() }
    let isOwned = (try? directory.lock(isReader: true)) == nil
    let options = CallOptions(timeout: .seconds(2))
    var request = LineageV1.GetRunRequest()
    request.runId = access.description.runID
    let lineage = await problem { _ = try await access.lineage.getRun(request, options) }
    var state = EvaluatorV1.GetRunStateRequest()
    state.runId = access.description.runID
    let evaluator = await problem { _ = try await access.evaluator.getRunState(state, options) }
    if !isOwned, lineage != nil {
      return [Finding("services", .ok, "the run is stopped; `assay run` goes on with it")]
    }
    return [("lineage", lineage), ("evaluator", evaluator)].map { name, problem in
      problem.map {
        Finding(
          name, .fail, "does not answer: \($0)",
          remedy: "look at the end of \(directory.logs.appending(path: "\(name).log").path)")
      } ?? Finding(name, .ok, "answers")
    }
  }

  /// Why a call failed, nil when it was answered, even with "not found".
  private static func problem(_ call: () async throws -> Void) async -> String? {
    do {
      try await call()
      return nil
    } catch let error as RPCError {
      return error.code == .notFound ? nil : error.message
    } catch {
      return "\(error)"
    }
  }
}
