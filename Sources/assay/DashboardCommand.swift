import ArgumentParser
import AssayDashboard
import AssayServiceHost
import AssaySupervisor
import Foundation
import Logging
import ServiceLifecycle

struct DashboardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard", abstract: "Watch runs in a browser, live; nothing can be changed from there.",
    discussion: """
      Serves a page of its own making at http://127.0.0.1:7780: scores with their noise, the lineage tree, each trial with
      its diff and verdict, what failed and what it cost. It reads as the run's observer. A run that is stopped can be
      looked at as well.

        assay dashboard                                   the newest run below ./.assay
        assay dashboard run-a run-b run-c                 three runs, side by side
        assay dashboard --mlflow                          MLflow's clients can read it too
        assay dashboard --listen 0.0.0.0:7780             for others, who need the token that is printed

      Whoever is let in can read everything of the run. Connections are not encrypted: across a network, put a proxy with TLS
      in front of it, and name the host that it is asked for with --name.
      """)

  @Option(name: .long, help: ArgumentHelp("Address and port to serve at.", valueName: "host:port"))
  var listen: String = "127.0.0.1:7780"

  @OptionGroup var shown: ShownRuns

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A host name under which browsers may ask for the page; may be given several times.", valueName: "name")
  )
  var name: [String] = []

  @Option(
    name: .customLong("token-file"),
    help: ArgumentHelp(
      "File with the token that readers need. Default: none at a loopback address, else a fresh one.",
      valueName: "file"))
  var tokenFile: String?

  @Flag(name: .long, help: "Answer MLflow's clients: MLFLOW_TRACKING_URI is the same address.")
  var mlflow = false

  @OptionGroup var options: StateOptions

  func run() async throws {
    let (host, port) = try address()
    var token: String?
    if let tokenFile {
      let text = try? String(contentsOfFile: tokenFile, encoding: .utf8)
      token = text?.trimmingCharacters(in: .whitespacesAndNewlines)
      guard let token, token.utf8.count >= 16, token.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else {
        throw SupervisorError(
          .usage,
          "\(tokenFile) has no token: one line of at least 16 characters, such as `openssl rand -hex 32` writes."
        )
      }
    } else if !DashboardOptions.isLoopback(host) {
      token = DashboardOptions.freshToken()
    }
    let runs = try shown.locations(options)
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = .warning
      return handler
    }
    let logger = Logger(label: "assay.dashboard")
    let isEverywhere = host == "0.0.0.0" || host == "::"
    let machine = ProcessInfo.processInfo.hostName
    let names = isEverywhere ? name + [machine] : name
    let (json, fragment) = (options.json, token.map { "#token=\($0)" } ?? "")
    let server = try DashboardServer(
      runs,
      options: DashboardOptions(host: host, port: port, token: token, names: names, mlflow: mlflow),
      logger: logger
    ) { port in
      let shown = isEverywhere ? machine : host
      let url = "http://\(shown.contains(":") ? "[\(shown)]" : shown):\(port)/\(fragment)"
      if json {
        print((try? JSONLine.encode(["url": url])) ?? "")
      } else {
        print("dashboard at \(url)  (Ctrl-C ends it; the run goes on)")
      }
      fflush(nil)
    }
    var group = ServiceGroupConfiguration(
      services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(3)
    group.maximumCancellationDuration = .seconds(3)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error as SupervisorError {
      throw error
    } catch let error as DashboardError {
      throw SupervisorError(.unavailable, error.message)
    } catch is CancellationError {
      return
    } catch {
      throw SupervisorError(
        .unavailable,
        "cannot serve at \(host):\(port): \(error). Another process may have that port: choose one with --listen."
      )
    }
  }

  private func address() throws -> (String, Int) {
    let usage = SupervisorError(
      .usage, "--listen '\(listen)' is no address; write 127.0.0.1:7780 or [::1]:7780.")
    guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
      (0...65535).contains(port)
    else { throw usage }
    let host = String(listen[..<colon]).trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    guard !host.isEmpty else { throw usage }
    return (host, port)
  }
}
