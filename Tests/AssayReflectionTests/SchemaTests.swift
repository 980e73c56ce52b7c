import AssayMessages
import AssayReflection
import Foundation
import Testing

@Suite("Reflection")
struct SchemaTests {
  private let schema: Schema
  init() throws { schema = try Schema(descriptorSet: DescriptorSet.bytes) }

  private func json(_ text: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }

  @Test func namesWhatTheProtosDeclare() throws {
    let (service, follow) = try schema.method("LineageService/FollowEvents")
    #expect(service.name == "assay.lineage.v1.LineageService")
    #expect(follow.streaming)
    #expect(follow.idempotent)
    #expect(follow.roles.contains("agent"))
    #expect(follow.input == "assay.lineage.v1.FollowEventsRequest")
    let submit = try schema.method("/assay.evaluator.v1.EvaluatorService/SubmitTrial").method
    #expect(!submit.idempotent)
    #expect(submit.roles == ["agent", "operator"])
    #expect(schema.text(service, follow).contains("a stream of assay.lineage.v1.FollowEventsResponse"))
  }

  @Test func everyKindOfFieldGoesBothWays() throws {
    var leaf = ConformanceV1.Leaf()
    leaf.text = "täxt"
    leaf.number = -7
    var branch = ConformanceV1.Everything.Branch()
    branch.leaf = leaf
    branch.leaves = [leaf, leaf]
    branch.inner = .one
    var everything = ConformanceV1.Everything()
    everything.plainInt32 = -1
    everything.plainInt64 = .min
    everything.plainUint32 = .max
    everything.plainUint64 = .max
    everything.zigzag32 = .min
    everything.zigzag64 = .max
    everything.fixed32 = 5
    everything.fixed64 = .max
    everything.sfixed32 = -5
    everything.sfixed64 = .min
    everything.real64 = -0.1
    everything.real32 = 1.5
    everything.flag = true
    everything.text = "a\"b\n"
    everything.data = [0, 255, 1]
    everything.shade = .dark
    everything.branch = branch
    everything.numbers = [1, -2, .max]
    everything.flags = [true, false]
    everything.texts = ["", "x"]
    everything.blobs = [[], [9]]
    everything.shades = [.light, .dark]
    everything.branches = [branch]
    everything.reals = [.infinity, 0]
    everything.class = "c"
    let name = ConformanceV1.Everything.fullName
    let shown = try schema.json(name, everything.serialized())
    let back = try schema.bytes(name, from: shown)
    #expect(try ConformanceV1.Everything(serialized: back) == everything)
    // And through text, as the command line has it.
    let text = try JSONEncoder().encode(shown)
    let again = try schema.bytes(name, from: try JSONDecoder().decode(JSONValue.self, from: text))
    #expect(try ConformanceV1.Everything(serialized: again) == everything)
  }

  @Test func takesBothNamesOfAFieldAndNumbersAsText() throws {
    for text in [#"{"trial": 7, "runId": "r"}"#, #"{"trial": "7", "run_id": "r"}"#] {
      let bytes = try schema.bytes("assay.lineage.v1.GetTrialRequest", from: try json(text))
      let request = try LineageV1.GetTrialRequest(serialized: bytes)
      #expect(request.trial == 7)
      #expect(request.runId == "r")
    }
  }

  @Test(arguments: [
    (#"{"trials": 1}"#, "has no field 'trials'. It has: runId, trial"),
    (#"{"trial": -1}"#, "trial must be an integer of 32 bits that is not negative"),
    (#"{"trial": 4294967296}"#, "trial must be an integer"), (#"{"runId": 3}"#, "runId must be a string"),
    ("[]", "must be a JSON object"),
  ])
  func saysWhatIsWrong(_ text: String, _ part: String) throws {
    let body = try json(text)
    let error = #expect(throws: ReflectionError.self) {
      try schema.bytes("assay.lineage.v1.GetTrialRequest", from: body)
    }
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  @Test func namesTheAlternatives() {
    let method = #expect(throws: ReflectionError.self) { try schema.method("LineageService/Nope") }
    #expect(method?.message.contains("GetTrial") == true)
    let service = #expect(throws: ReflectionError.self) { try schema.service("Nope") }
    #expect(service?.message.contains("assay.lineage.v1.LineageService") == true)
  }

  @Test func hostileSchemasAndMessagesAreRefused() throws {
    for length in 0..<min(2000, DescriptorSet.bytes.count) {
      _ = try? Schema(descriptorSet: Array(DescriptorSet.bytes.prefix(length)))
    }
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var bytes = DescriptorSet.bytes
      for _ in 0..<8 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255) }
      _ = try? Schema(descriptorSet: bytes)
      let noise = (0..<40).map { _ in UInt8.random(in: 0...255) }
      _ = try? schema.json(ConformanceV1.Everything.fullName, noise)
    }
    #expect(throws: ReflectionError.self) {
      try schema.json(ConformanceV1.Leaf.fullName, [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])
    }
  }
}
