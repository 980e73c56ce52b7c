import AssayMessages
import AssayPatch
import AssayTask

/// Makes the jobs of a measurement.
struct JobSpecification: Sendable {
  var owned: OwnedTask
  var measurement: MeasurementID
  var recipe: RecipeTree
  /// Inputs that were drawn for the baseline, for prediction from what a probe left.
  var knownInputs: InputGroup?

  /// - Parameter attempt: nil for the first; a job of a later one is never taken for one of an earlier.
  static func id(_ measurement: MeasurementID, _ key: TrialStateMachine.JobKey, attempt: Int?) -> String {
    let suffix = attempt.map { "/again/\($0)" } ?? ""
    return switch key {
    case .train(let seed): "\(measurement)/train/\(seed)\(suffix)"
    case .predict(let seed, let group): "\(measurement)/predict/\(seed)/\(group)\(suffix)"
    case .probe(let seed): "\(measurement)/probe/\(seed)\(suffix)"
    case .probePredict(let seed): "\(measurement)/probe-predict/\(seed)\(suffix)"
    }
  }

  func needs(_ key: TrialStateMachine.JobKey) -> JobNeeds {
    let phase: TaskFile.Phase =
      switch key {
      case .train: owned.task.file.train
      case .probe: owned.task.file.probe?.train ?? owned.task.file.train
      case .predict, .probePredict: owned.task.file.predict
      }
    return JobNeeds(owned.task.file.environment, phase)
  }

  func job(_ key: TrialStateMachine.JobKey, _ machine: TrialStateMachine) -> RunnerV1.Job {
    var job = RunnerV1.Job()
    job.jobId = Self.id(measurement, key, attempt: machine.attempt)
    job.runId = measurement.run
    job.trial = measurement.trial
    job.cores = UInt32(clamping: owned.task.file.environment.cores)
    job.gpus = needs(key).gpus?.wire
    job.environment = owned.task.file.environment.variables.sorted { $0.key < $1.key }.map { name, value in
      var variable = RunnerV1.EnvironmentVariable()
      variable.name = name
      variable.value = value
      return variable
    }
    job.files = files(recipe, at: "/recipe") + files(owned.task.harness, at: "/harness")
    if owned.prepared.environment != nil { job.mounts.append(mount("env", at: "/env")) }
    let phase: TaskFile.Phase
    let seed: UInt64
    switch key {
    case .train(let index):
      phase = owned.task.file.train
      seed = machine.seeds.indices.contains(index) ? machine.seeds[index] : 0
      job.phase = "train"
      job.mounts.append(mount("data", at: "/data"))
    case .probe(let index):
      // The seed of the training that follows: nothing passes from one sandbox to the other.
      phase = owned.task.file.probe?.train ?? owned.task.file.train
      seed = machine.seeds.indices.contains(index) ? machine.seeds[index] : 0
      job.phase = "probe"
      job.mounts.append(mount("data", at: "/data"))
    case .predict, .probePredict:
      phase = owned.task.file.predict
      seed = 0
      job.phase = "predict"
      let (artifact, inputs) = parts(key, machine)
      job.files += artifact.map { Self.file("/artifact/\($0.path)", $0.digest, $0.size) }
      job.files += inputs.map { file in
        let isStream = phase.reveal != nil && file.path == RevealStream.file
        return Self.file(isStream ? "/reveal/stream" : "/inputs/\(file.path)", file.digest, file.size)
      }
    }
    job.command = phase.arguments(python: owned.prepared.interpreter, seed: seed)
    job.outputs = phase.outputs.map { declared in
      var output = RunnerV1.JobOutput()
      output.path = declared.path
      output.maxBytes = UInt64(max(0, declared.maximumBytes))
      return output
    }
    job.budget = OwnedTask.budget(phase)
    // A probe that is stopped at the cap itself would not tell by how much it is over.
    if case .probePredict = key { job.budget?.cpuMs *= 2 }
    return job
  }

  /// What a prediction is made from.
  private func parts(_ key: TrialStateMachine.JobKey, _ machine: TrialStateMachine) -> (
    artifact: [JobReport.Output], inputs: [InputGroup.File]
  ) {
    switch key {
    case .predict(let index, let name):
      (
        machine.trained.indices.contains(index) ? machine.trained[index]?.outputs ?? [] : [],
        machine.groups.first { $0.name == name }?.files ?? []
      )
    case .probePredict(let index): (machine.probes?.trained[index]?.outputs ?? [], knownInputs?.files ?? [])
    case .train, .probe: ([], [])
    }
  }

  private func files(_ tree: RecipeTree, at folder: String) -> [RunnerV1.JobFile] {
    tree.paths.map { path in
      let bytes = tree[path] ?? []
      return Self.file("\(folder)/\(path)", BlobStore.digest(bytes), UInt64(bytes.count))
    }
  }

  private static func file(_ path: String, _ digest: String, _ size: UInt64) -> RunnerV1.JobFile {
    var file = RunnerV1.JobFile()
    file.path = path
    file.digest = digest
    file.size = size
    return file
  }

  private func mount(_ name: String, at path: String) -> RunnerV1.HostMount {
    var mount = RunnerV1.HostMount()
    mount.name = name
    mount.taskName = owned.task.name
    mount.taskDigest = owned.task.digest
    mount.path = path
    return mount
  }
}
