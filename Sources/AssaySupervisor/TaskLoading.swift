import AssayTask
import Foundation

/// Loads and prepares tasks, with errors that the program prints as they are.
enum TaskLoading {
  static func load(_ folder: URL) throws -> ResearchTask {
    do {
      return try ResearchTask.load(directory: folder.path)
    } catch {
      throw SupervisorError(
        .invalidTask,
        error.code == .invalid
          ? "\(error.message) `assay task check \(folder.path)` lists every mistake." : error.message)
    }
  }

  /// Fetches the upstream files of a task that has any.
  static func fetch(_ folder: URL, say: @escaping @Sendable (String) -> Void) async throws {
    do {
      guard let fetch = try UpstreamFetch(TaskReference(folder.path)) else { return }
      if try await fetch.run(progress: say) { say("upstream files are here and checked") }
    } catch {
      throw SupervisorError(error.code == .upstreamFailed ? .unavailable : .invalidTask, error.description)
    }
  }

  /// Builds the environment and the data when they are not there yet.
  static func prepare(
    _ task: ResearchTask, into cache: URL, say: @escaping @Sendable (String) -> Void
  ) async throws -> PreparedTask {
    do {
      return try await TaskPreparation(task: task, cache: cache.path).prepare { progress in
        switch progress {
        case .buildingEnvironment(let packages):
          say("preparing \(task.name): installing \(packages) Python packages into an environment of its own")
        case .preparingData: say("preparing \(task.name): making its data from packages")
        case .environmentReady(let reused): if !reused { say("environment ready") }
        case .dataReady(let files, let bytes, let reused):
          if !reused { say("data ready: \(files) files, \(bytes / 1000) kB") }
        case .output: break
        }
      }
    } catch {
      throw SupervisorError(.unavailable, error.message)
    }
  }
}
