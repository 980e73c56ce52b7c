import ArgumentParser
import AssayLineage
import AssayRPC
import AssayServiceHost
import AssayServices
import Foundation
import Logging

/// `assay-lineage`: owns the record.
@main
struct LineageProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-lineage",
    abstract: "Keeps runs, trials and signed verdicts, append-only, and answers views of them.")

  @OptionGroup var service: ServiceOptions
  @OptionGroup var listen: ListenOptions

  @Option(name: .long, help: ArgumentHelp("Folder of the record.", valueName: "dir"))
  var state: String

  @Option(
    name: .long,
    help: ArgumentHelp("Where backups go. Default: backups in the folder of the record.", valueName: "dir"))
  var backups: String?

  func run() async throws {
    var monitoring = service.bootstrap()
    let logger = Logger(label: "assay-lineage")
    do {
      var router = RPCRouter()
      let store = try await LineageStore.open(in: state)
      router.register(LineageServiceProvider(store: store, key: try listen.identity()))
      router.register(
        LineageOperations(
          store: store, backups: URL(filePath: backups ?? state + "/backups"), logger: logger))
      store.observeFailures { logger.error("the record cannot be used: \($0)") }
      monitoring.atScrape { await store.measure() }
      monitoring.readiness.require { store.trouble }
      try await ServiceHost.run(
        [listen.makeService("lineage", router: router, logger: logger)], options: service,
        monitoring: monitoring, logger: logger)
    } catch {
      logger.critical("\(error)")
      throw ExitCode(3)
    }
  }
}
