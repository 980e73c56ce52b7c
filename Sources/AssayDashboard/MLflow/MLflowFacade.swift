import AssayRPC
import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// The part of MLflow's REST API that reads: a run is an experiment, a trial is a run (mlflow.org, "REST API", 2.0).
struct MLflowFacade: Sendable {
  let mirrors: [any ShownRun]

  func register(on router: Router<BasicRequestContext>) {
    let api = "/api/2.0/mlflow"
    router.post("\(api)/experiments/search") { _, _ in
      try await answer { MLflowWire.Experiments(experiments: try await experiments()) }
    }
    router.get("\(api)/experiments/get-by-name") { request, _ in
      try await answer {
        try await experiment { $0.name == Self.query(request, "experiment_name") }
      }
    }
    router.get("\(api)/experiments/get") { request, _ in
      try await answer {
        try await experiment { $0.experimentId == Self.query(request, "experiment_id") }
      }
    }
    router.post("\(api)/runs/search") { request, _ in
      try await answer {
        var request = request
        let body = try await request.collectBody(upTo: AccessControl.maximumBody)
        guard let search = try? JSONDecoder().decode(MLflowWire.Search.self, from: Data(buffer: body)) else {
          throw MLflowRefusal("INVALID_PARAMETER_VALUE", "the search is not one of MLflow's")
        }
        return try await runs(search)
      }
    }
    // Clients look here for models among the artifacts; Assay logs none.
    router.post("\(api)/logged-models/search") { _, _ in
      try await answer { ["models": [String]()] }
    }
    router.get("\(api)/runs/get") { request, _ in
      try await answer {
        let (mirror, trial) = try await find(Self.query(request, "run_id", "run_uuid"))
        guard let point = await mirror.point(trial) else { throw MLflowRefusal.noRun }
        // Here, other than in lists, with all of its words.
        let words = try await mirror.words(of: trial)
        return MLflowWire.Found(
          run: MLflowWire.Run(
            point, of: await mirror.view, hypothesis: words.hypothesis, reason: words.reason))
      }
    }
    router.get("\(api)/metrics/get-history") { request, _ in
      try await answer {
        let (mirror, trial) = try await find(Self.query(request, "run_id", "run_uuid"))
        guard let point = await mirror.point(trial) else { throw MLflowRefusal.noRun }
        let key = Self.query(request, "metric_key")
        return MLflowWire.History(metrics: MLflowWire.metrics(of: point).filter { $0.key == key })
      }
    }
    let artifacts = "/api/2.0/mlflow-artifacts/artifacts"
    router.get("\(artifacts)") { request, _ in
      try await answer {
        let (mirror, trial, path) = try await place(Self.query(request, "path"))
        return MLflowWire.Files(files: MLflowArtifacts(files: try await mirror.files(of: trial)).list(path))
      }
    }
    router.get("\(artifacts)/**") { _, context in
      do {
        let (mirror, trial, path) = try await place(context.parameters.getCatchAll().joined(separator: "/"))
        guard let bytes = try await mirror.files(of: trial)[path] else {
          throw MLflowRefusal("RESOURCE_DOES_NOT_EXIST", "there is no such artifact")
        }
        return Response(
          status: .ok,
          headers: [.contentType: "application/octet-stream", .contentDisposition: "attachment"],
          body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
      } catch let refusal as MLflowRefusal {
        return try refusal.answer()
      }
    }
  }

  private func answer(_ body: () async throws -> some Encodable) async throws -> Response {
    do {
      return JSONAnswer.data(try MLflowWire.encode(try await body()))
    } catch let refusal as MLflowRefusal {
      return try refusal.answer()
    } catch let error as RPCError {
      let code = error.code == .notFound ? "RESOURCE_DOES_NOT_EXIST" : "TEMPORARILY_UNAVAILABLE"
      return try MLflowRefusal(code, error.message).answer()
    }
  }

  /// A value of the query, written as forms are: a plus stands for a space.
  private static func query(_ request: Request, _ names: String...) -> String {
    for pair in (request.uri.query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, names.contains(String(parts[0])) else { continue }
      return parts[1].replacing("+", with: " ").removingPercentEncoding ?? ""
    }
    return ""
  }

  private func experiments() async throws -> [MLflowWire.Experiment] {
    var experiments: [MLflowWire.Experiment] = []
    for mirror in mirrors {
      await mirror.loaded()
      experiments.append(MLflowWire.Experiment(await mirror.view))
    }
    return experiments
  }

  private func experiment(_ isWanted: (MLflowWire.Experiment) -> Bool) async throws
    -> MLflowWire.OneExperiment
  {
    guard let found = try await experiments().first(where: isWanted) else {
      throw MLflowRefusal("RESOURCE_DOES_NOT_EXIST", "there is no such experiment")
    }
    return MLflowWire.OneExperiment(experiment: found)
  }

  private func runs(_ search: MLflowWire.Search) async throws -> MLflowWire.Runs {
    let filter = try MLflowFilter(search.filter ?? "")
    var found: [MLflowWire.Run] = []
    for mirror in mirrors {
      await mirror.loaded()
      let view = await mirror.view
      guard (search.experimentIds ?? []).contains(MLflowWire.experimentID(view.run)) else { continue }
      found += await mirror.all.map { MLflowWire.Run($0, of: view) }.filter(filter.admits)
    }
    found = try MLflowOrder(search.orderBy ?? []).sorted(found)
    let start = max(0, search.pageToken.flatMap(Int.init) ?? 0)
    let size = min(max(1, search.maxResults ?? 1000), 50_000)
    let page = found.dropFirst(start).prefix(size)
    return MLflowWire.Runs(
      runs: Array(page), nextPageToken: start + page.count < found.count ? String(start + page.count) : nil)
  }

  private func find(_ id: String) async throws -> (any ShownRun, UInt32) {
    for mirror in mirrors {
      await mirror.loaded()
      let run = await mirror.view.run
      for point in await mirror.all where MLflowWire.runID(run, point.trial) == id {
        return (mirror, point.trial)
      }
    }
    throw MLflowRefusal.noRun
  }

  /// The trial of an artifact's path, `EXPERIMENT/RUN/artifacts/...`, and what is below it.
  private func place(_ path: String) async throws -> (any ShownRun, UInt32, String) {
    let parts = path.split(separator: "/")
    guard parts.count >= 3, parts[2] == "artifacts" else { throw MLflowRefusal.noRun }
    let (mirror, trial) = try await find(String(parts[1]))
    return (mirror, trial, parts.dropFirst(3).joined(separator: "/"))
  }
}

/// A question that has no answer, as MLflow's clients read it.
struct MLflowRefusal: Error {
  let code: String
  let message: String

  init(_ code: String, _ message: String) {
    self.code = code
    self.message = message
  }

  static let noRun = MLflowRefusal("RESOURCE_DOES_NOT_EXIST", "there is no such run")

  func answer() throws -> Response {
    JSONAnswer.data(
      try MLflowWire.encode(["error_code": code, "message": message]),
      status: code == "RESOURCE_DOES_NOT_EXIST"
        ? .notFound : code == "TEMPORARILY_UNAVAILABLE" ? .serviceUnavailable : .badRequest)
  }
}
