import AssayProcess
import Foundation
import Synchronization
import Testing

@testable import AssayTask

@Suite struct TaskPreparationTests {
  private final class Log: Sendable {
    private let events = Mutex<[TaskPreparation.Progress]>([])
    func add(_ event: TaskPreparation.Progress) { events.withLock { $0.append(event) } }
    var all: [TaskPreparation.Progress] { events.withLock { $0 } }
  }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).intValue
  }

  private func failure(_ preparation: TaskPreparation) async throws -> TaskError {
    try await #require(throws: TaskError.self) { try await preparation.prepare() }
  }

  @Test func makesDataOnceAndProtectsIt() async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    let task = try ResearchTask.load(directory: sample.path)
    let log = Log()
    let prepared = try await TaskPreparation(task: task, cache: cache.path).prepare { log.add($0) }
    #expect(prepared.environment == nil)
    #expect(prepared.interpreter == "/usr/bin/python3")
    #expect(log.all == [.preparingData, .dataReady(files: 3, bytes: 840 * 24, reused: false)])
    #expect(try mode(prepared.heldout) == 0o700)
    #expect(try mode(prepared.sealed) == 0o700)
    #expect(try mode(prepared.heldout + "/points.bin") == 0o600)
    #expect(try mode(prepared.train) == 0o755)
    #expect(try mode(prepared.train + "/points.bin") == 0o644)
    let again = Log()
    #expect(try await TaskPreparation(task: task, cache: cache.path).prepare { again.add($0) } == prepared)
    #expect(again.all == [.dataReady(files: 3, bytes: 840 * 24, reused: true)])
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path + "/data").count == 1)
    #expect(try sample.check().isEmpty)
  }

  @Test(arguments: ["change", "remove", "add"]) func noticesChangedData(how: String) async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    let preparation = TaskPreparation(task: try ResearchTask.load(directory: sample.path), cache: cache.path)
    let prepared = try await preparation.prepare()
    switch how {
    case "change": try Data("x".utf8).write(to: URL(fileURLWithPath: prepared.heldout + "/points.bin"))
    case "remove": try FileManager.default.removeItem(atPath: prepared.sealed + "/points.bin")
    default: try Data("x".utf8).write(to: URL(fileURLWithPath: prepared.train + "/more.bin"))
    }
    let error = try await failure(preparation)
    #expect(error.code == .dataChanged)
    #expect(error.message.contains("and start again, they are made anew"))
  }

  @Test func failedDataLeaveNothingBehind() async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    try sample.write("data/prepare.py", "import sys\nprint('half way')\nsys.exit('no such corpus')\n")
    let error = try await failure(
      TaskPreparation(task: try ResearchTask.load(directory: sample.path), cache: cache.path))
    #expect(error.code == .dataFailed)
    #expect(error.message.contains("correct data/prepare.py"))
    #expect(error.message.contains("no such corpus"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path + "/data").isEmpty)
    try sample.write("data/prepare.py", "import sys, os\nos.makedirs(sys.argv[2] + '/train')\n")
    let incomplete = try await failure(
      TaskPreparation(task: try ResearchTask.load(directory: sample.path), cache: cache.path))
    #expect(incomplete.message.contains("made no folder 'heldout'; let it write DIR/heldout"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path + "/data").isEmpty)
  }

  @Test func saysWhatIsNotInstalled() async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    let task = try ResearchTask.load(directory: sample.path)
    let error = try await failure(
      TaskPreparation(task: task, cache: cache.path, python: "/nonexistent/python3"))
    #expect(error.code == .missingProgram)
    #expect(error.message.contains("apt-get install python3"))
  }

  @Test func saysThatVenvIsNotInstalled() async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    try requirements(sample, "six==1.16.0 --hash=sha256:\(String(repeating: "0", count: 64))\n")
    // An interpreter without the venv package, as Debian's is before python3-venv is installed.
    let fake = cache.path + "/python3"
    let script = """
      #!/bin/sh
      if [ "$1" = -I ]; then echo 3.11; exit 0; fi
      echo 'The virtual environment was not created successfully because ensurepip is not'
      echo 'available.'; exit 1
      """
    try Data(script.utf8).write(to: URL(fileURLWithPath: fake))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
    let error = try await failure(
      TaskPreparation(task: try ResearchTask.load(directory: sample.path), cache: cache.path, python: fake))
    #expect(error.code == .missingProgram)
    #expect(error.message.contains("apt-get install python3-venv"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path + "/environments").isEmpty)
  }

  @Test func whatTakesTooLongIsStopped() async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    try Data("import time\ntime.sleep(600)\n".utf8).write(
      to: URL(fileURLWithPath: sample.path + "/data/prepare.py"))
    let began = ContinuousClock.now
    let error = try await failure(
      TaskPreparation(
        task: try ResearchTask.load(directory: sample.path), cache: cache.path, limit: .milliseconds(300)))
    #expect(error.code == .dataFailed)
    #expect(error.message.contains("took more than"), "\(error.message)")
    #expect(began.duration(to: .now) < .seconds(60))
  }

  /// A real environment, without network: the package is a wheel made here.
  @Test func buildsTheEnvironmentOnce() async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    let wheel = cache.path + "/tinypkg-1.0-py3-none-any.whl"
    let make = """
      import zipfile, sys, hashlib
      z = zipfile.ZipFile(sys.argv[1], "w")
      z.writestr("tinypkg.py", "ANSWER = 42\\n")
      z.writestr("tinypkg-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tinypkg\\nVersion: 1.0\\n")
      z.writestr("tinypkg-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
      z.writestr("tinypkg-1.0.dist-info/RECORD", "tinypkg.py,,\\ntinypkg-1.0.dist-info/METADATA,,\\ntinypkg-1.0.dist-info/WHEEL,,\\ntinypkg-1.0.dist-info/RECORD,,\\n")
      z.close()
      print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())
      """
    let python = TaskPreparation.systemPython
    let path = ["PATH": "/usr/bin:/bin"]
    let hash = try #require(
      try await ChildProcess.run([python, "-c", make, wheel], environment: path).tail.last)
    let variables = path.merging(["PIP_NO_INDEX": "1", "PIP_FIND_LINKS": cache.path]) { $1 }
    try requirements(sample, "tinypkg==1.0 --hash=sha256:\(hash)\n")
    // The environment's own interpreter prepares the data.
    try sample.write("data/prepare.py", "import tinypkg\n" + sample.read("data/prepare.py"))
    let log = Log()
    let task = try ResearchTask.load(directory: sample.path)
    let preparation = TaskPreparation(task: task, cache: cache.path, variables: variables)
    let prepared = try await preparation.prepare { log.add($0) }
    #expect(prepared.interpreter == "/env/bin/python")
    let answer = try await ChildProcess.run(
      [prepared.hostInterpreter, "-c", "import tinypkg; print(tinypkg.ANSWER)"], environment: path)
    #expect(answer.tail == ["42"])
    #expect(log.all.contains(.buildingEnvironment(packages: 1)))
    #expect(log.all.contains(.environmentReady(reused: false)))
    let again = Log()
    #expect(try await preparation.prepare { again.add($0) } == prepared)
    #expect(again.all.first == .environmentReady(reused: true))

    try requirements(sample, "tinypkg==1.0 --hash=sha256:\(String(repeating: "0", count: 64))\n", again: true)
    let wrong = try await failure(
      TaskPreparation(
        task: try ResearchTask.load(directory: sample.path), cache: cache.path, variables: variables))
    #expect(wrong.code == .environmentFailed)
    #expect(wrong.message.contains("correct the hashes"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path + "/environments").count == 1)
  }

  @Test func sweepsWhatAKilledProcessLeft() async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    let manager = FileManager.default
    for (name, age) in [("old", -90_000.0), ("young", -60.0)] {
      let path = cache.path + "/data/.partial-\(name)"
      try manager.createDirectory(atPath: path + "/train", withIntermediateDirectories: true)
      try manager.setAttributes([.modificationDate: Date(timeIntervalSinceNow: age)], ofItemAtPath: path)
    }
    let prepared = try await TaskPreparation(
      task: try ResearchTask.load(directory: sample.path), cache: cache.path
    ).prepare()
    let left = try manager.contentsOfDirectory(atPath: cache.path + "/data").filter { $0.hasPrefix(".") }
    #expect(left == [".partial-young"])
    #expect(manager.fileExists(atPath: prepared.train))
  }

  private func requirements(_ sample: SampleTask, _ text: String, again: Bool = false) throws {
    if !again { try sample.replace("environment: {", "environment: {requirements: requirements.txt, ") }
    try sample.write("requirements.txt", text)
  }

  @Test(.timeLimit(.minutes(1))) func cancellationStopsTheProgram() async throws {
    let sample = try SampleTask()
    let cache = try TemporaryFolder()
    try sample.write(
      "data/prepare.py",
      "import subprocess, time\nsubprocess.Popen(['sleep', '1000'])\nprint('up', flush=True)\ntime.sleep(1000)\n"
    )
    let task = try ResearchTask.load(directory: sample.path)
    let (lines, feed) = AsyncStream.makeStream(of: String.self)
    let work = Task {
      try await TaskPreparation(task: task, cache: cache.path).prepare { event in
        if case .output(let line) = event { feed.yield(line) }
      }
    }
    for await line in lines where line == "up" { break }
    work.cancel()
    let error = try await #require(throws: TaskError.self) { try await work.value }
    #expect(error.code == .cancelled)
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path + "/data").isEmpty)
  }
}
