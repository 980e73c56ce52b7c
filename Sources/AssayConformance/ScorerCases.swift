import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict

/// Inputs that are what their digests say, predictions that arrive whole, and judgements that do not change.
struct ScorerCases: Sendable {
  let subject: Subject
  let task: String

  @_optimize(none) private func asking<Value>(_ body: (ScorerServiceClient) async throws -> Value)
    async throws -> Value
  {
    try await subject.with("evaluator") { try await body(ScorerServiceClient($0)) }
  }

  private func list(_ client: ScorerServiceClient, sealed: Bool = false, nonce: String = "n")
    async throws -> [ScorerV1.ScoredFile]
  {
    var request = ScorerV1.ListInputsRequest()
    (request.taskName, request.sealed, request.nonce) = (task, sealed, nonce)
    return try await client.listInputs(request).files
  }

  private func read(_ client: ScorerServiceClient, _ file: ScorerV1.ScoredFile, part: UInt32 = 1 << 20)
    async throws -> [UInt8]
  {
    var bytes: [UInt8] = []
    while UInt64(bytes.count) < file.size {
      var request = ScorerV1.ReadInputRequest()
      (request.taskName, request.digest, request.offset, request.maxBytes) = (
        task, file.digest, UInt64(bytes.count), part
      )
      let answer = try await client.readInput(request)
      try Expect.equal(answer.size, file.size, "the size of \(file.path)")
      guard !answer.data.isEmpty else { throw Mismatch("\(file.path) ends after \(bytes.count) bytes") }
      bytes += answer.data
    }
    return bytes
  }

  private func put(_ bytes: [UInt8], digest: String? = nil, size: Int? = nil, offset: Int = 0)
    -> ScorerV1.PutPredictionRequest
  {
    var request = ScorerV1.PutPredictionRequest()
    request.digest = digest ?? VerdictStatement.digest(bytes)
    request.size = UInt64(size ?? bytes.count)
    request.offset = UInt64(offset)
    request.data = bytes
    return request
  }

  /// Asks for a judgement of the same bytes under each of these names, in each group of the inputs.
  private func judge(
    _ client: ScorerServiceClient, _ bytes: [UInt8], paths: [String], sending: Bool = true,
    sealed: Bool = false
  ) async throws -> ScorerV1.JudgeResponse {
    var request = ScorerV1.JudgeRequest()
    (request.taskName, request.sealed, request.nonce) = (task, sealed, "n")
    let groups = Set(try await list(client, sealed: sealed).map(\.group)).sorted()
    for group in groups {
      for path in paths {
        var file = ScorerV1.ScoredFile()
        (file.group, file.path, file.digest, file.size) = (
          group, path, VerdictStatement.digest(bytes), UInt64(bytes.count)
        )
        request.predictions.append(file)
      }
    }
    if sending, !paths.isEmpty { _ = try await client.putPrediction(put(bytes)) }
    return try await client.judge(request)
  }

  /// Bytes of no prediction: refused as malformed or illegal, never scored with what is no number.
  private func unusable(_ name: String, _ purpose: String, _ bytes: [UInt8]) -> ConformanceCase {
    ConformanceCase(name, purpose, expect: "malformed or illegal; at most finite metrics") {
      try await asking { client in
        let names = ["predictions.bin", "predictions.json", "predictions.npy"]
        let answer = try await judge(client, bytes, paths: names)
        try Expect.that(
          !answer.malformed.isEmpty || !answer.illegalRule.isEmpty || !answer.metrics.isEmpty,
          "an answer that says nothing")
        for metric in answer.metrics {
          try Expect.that(DecimalText.isDecimal(metric.value), "\(metric.name) is '\(metric.value)'")
        }
      }
    }
  }

  var cases: [ConformanceCase] { inputs + predictions + judgements }

  private var inputs: [ConformanceCase] {
    [
      ConformanceCase(
        "scorer/inputs", "the inputs, and their bytes", expect: "sizes and digests that are right"
      ) {
        try await asking { client in
          let files = try await list(client)
          try Expect.that(!files.isEmpty, "there are none")
          try Expect.equal(Set(files.map { "\($0.group)/\($0.path)" }).count, files.count, "how many names")
          for file in files {
            try Expect.equal(
              VerdictStatement.digest(try await read(client, file)), file.digest, "the digest of \(file.path)"
            )
          }
        }
      },
      ConformanceCase(
        "scorer/small_parts", "an input read in parts of 1,000 bytes", expect: "the same bytes"
      ) {
        try await asking { client in
          guard let file = try await list(client).min(by: { $0.size < $1.size }) else { return }
          try Expect.equal(
            VerdictStatement.digest(try await read(client, file, part: 1000)), file.digest, "the digest")
        }
      },
      ConformanceCase("scorer/same_nonce", "the same nonce again", expect: "the same inputs") {
        try await asking { client in
          try Expect.equal(
            try await list(client, nonce: "x"), try await list(client, nonce: "x"), "the second list")
        }
      },
      ConformanceCase(
        "scorer/sealed", "the sealed data is not what the search sees", expect: "no file in common"
      ) {
        try await asking { client in
          let open = Set(try await list(client).map(\.digest))
          let sealed = try await list(client, sealed: true).map(\.digest)
          try Expect.that(!sealed.isEmpty, "there is none")
          try Expect.that(open.isDisjoint(with: sealed), "a sealed file is among the inputs of the search")
        }
      },
      ConformanceCase("scorer/unknown_task", "a task that it does not judge", expect: "NOT_FOUND") {
        var request = ScorerV1.ListInputsRequest()
        request.taskName = "no-such-task"
        try await Expect.refusal(.notFound) { _ = try await asking { try await $0.listInputs(request) } }
      },
      ConformanceCase("scorer/unknown_input", "a digest that was never listed", expect: "refused") {
        var request = ScorerV1.ReadInputRequest()
        (request.taskName, request.digest) = (task, String(repeating: "0", count: 64))
        try await Expect.refusal(.notFound, .permissionDenied) {
          _ = try await asking { try await $0.readInput(request) }
        }
      },
      ConformanceCase("scorer/past_end", "an input from beyond its end", expect: "no bytes, or OUT_OF_RANGE")
      {
        try await asking { client in
          guard let file = try await list(client).first else { return }
          var request = ScorerV1.ReadInputRequest()
          (request.taskName, request.digest, request.offset) = (task, file.digest, .max)
          do {
            try Expect.that(try await client.readInput(request).data.isEmpty, "bytes came")
          } catch let error as RPCError {
            try Expect.that([.outOfRange, .invalidArgument].contains(error.code), error.description)
          }
        }
      },
    ]
  }

  private var predictions: [ConformanceCase] {
    [
      ConformanceCase(
        "scorer/put_parts", "a prediction in two parts, the first one twice",
        expect: "complete after the second"
      ) {
        let bytes = Array("a prediction in parts".utf8)
        let digest = VerdictStatement.digest(bytes)
        try await asking { client in
          let first = put(Array(bytes.prefix(5)), digest: digest, size: bytes.count)
          for _ in 0..<2 {
            let answer = try await client.putPrediction(first)
            try Expect.equal(answer.received, 5, "what it has received")
            try Expect.that(!answer.complete, "complete too soon")
          }
          let last = put(Array(bytes.dropFirst(5)), digest: digest, size: bytes.count, offset: 5)
          try Expect.that(try await client.putPrediction(last).complete, "not complete")
          try Expect.that(try await client.putPrediction(put(bytes)).complete, "not complete the second time")
        }
      },
      ConformanceCase("scorer/put_gap", "a part that leaves a gap", expect: "told where to go on, or refused")
      {
        try await asking { client in
          let request = put([1, 2, 3], digest: String(repeating: "a", count: 64), size: 100, offset: 50)
          do {
            let answer = try await client.putPrediction(request)
            try Expect.that(answer.received == 0 && !answer.complete, "received \(answer.received)")
          } catch let error as RPCError {
            try Expect.that([.invalidArgument, .failedPrecondition].contains(error.code), error.description)
          }
        }
      },
      ConformanceCase("scorer/put_wrong_digest", "bytes that have another digest", expect: "refused") {
        try await Expect.refusal(.failedPrecondition, .invalidArgument) {
          _ = try await asking {
            try await $0.putPrediction(put([1, 2, 3], digest: VerdictStatement.digest([3, 2, 1])))
          }
        }
      },
      ConformanceCase("scorer/put_too_much", "more bytes than the size says", expect: "INVALID_ARGUMENT") {
        try await Expect.refusal(.invalidArgument) {
          _ = try await asking {
            try await $0.putPrediction(put([1, 2, 3], digest: String(repeating: "b", count: 64), size: 2))
          }
        }
      },
      ConformanceCase("scorer/put_huge", "a size that nobody can hold", expect: "refused") {
        try await Expect.refusal(.invalidArgument, .resourceExhausted) {
          _ = try await asking {
            try await $0.putPrediction(
              put([1], digest: String(repeating: "c", count: 64), size: 1 << 50))
          }
        }
      },
    ]
  }

  private var judgements: [ConformanceCase] {
    [
      unusable("scorer/judge_garbage", "bytes that are no prediction", Array("conformance".utf8)),
      unusable("scorer/judge_nan", "values that are no numbers", Array("[NaN, Infinity, -Infinity]".utf8)),
      unusable(
        "scorer/judge_binary_nan", "values that are no numbers, in binary",
        (0..<200).flatMap { _ in [0, 0, 0, 0, 0, 0, 0xf8, 0x7f] as [UInt8] }),
      unusable(
        "scorer/judge_nesting", "100,000 brackets", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)),
      ConformanceCase(
        "scorer/judge_nothing", "no predictions at all", expect: "malformed, illegal or refused"
      ) {
        try await asking { client in
          do {
            let answer = try await judge(client, [], paths: [])
            try Expect.that(answer.metrics.isEmpty, "metrics for nothing")
            try Expect.that(
              !answer.malformed.isEmpty || !answer.illegalRule.isEmpty, "an answer that says nothing")
          } catch let error as RPCError {
            try Expect.that([.invalidArgument, .failedPrecondition].contains(error.code), error.description)
          }
        }
      },
      ConformanceCase(
        "scorer/judge_not_put", "a prediction that was never sent", expect: "FAILED_PRECONDITION"
      ) {
        try await Expect.refusal(.failedPrecondition, .notFound) {
          _ = try await asking {
            try await judge($0, Array("never sent".utf8), paths: ["predictions.bin"], sending: false)
          }
        }
      },
      ConformanceCase("scorer/judge_same", "the same predictions again", expect: "the same answer") {
        try await asking { client in
          let bytes = Array("conformance".utf8)
          let first = try await judge(client, bytes, paths: ["predictions.bin"])
          try Expect.equal(
            try await judge(client, bytes, paths: ["predictions.bin"]), first, "the second answer")
        }
      },
      ConformanceCase("scorer/judge_unknown_task", "a task that it does not judge", expect: "NOT_FOUND") {
        var request = ScorerV1.JudgeRequest()
        request.taskName = "no-such-task"
        try await Expect.refusal(.notFound) { _ = try await asking { try await $0.judge(request) } }
      },
    ]
  }
}
