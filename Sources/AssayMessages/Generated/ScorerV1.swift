// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
internal import CAssayProto
internal import CProtobufC

/// Messages of package `assay.scorer.v1`.
public enum ScorerV1 {}

extension ScorerV1 {
  /// `assay.scorer.v1.ScoredFile`.
  public struct ScoredFile: WireMessage, PackedMessage {
    /// Nothing passes between groups: each is a prediction of its own.
    public var group: String = ""
    /// Relative, '/' between components.
    public var path: String = ""
    /// SHA-256, lower-case hex.
    public var digest: String = ""
    public var size: UInt64 = 0
    public init() {}
    public static let fullName = "assay.scorer.v1.ScoredFile"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__ScoredFile
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ScoredFile>) { assay__scorer__v1__scored_file__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ScoredFile>, _ arena_: inout Arena) {
      pointer.pointee.group = arena_.text(group)
      pointer.pointee.path = arena_.text(path)
      pointer.pointee.digest = arena_.text(digest)
      pointer.pointee.size = size
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__ScoredFile>) throws(MessageError) {
      group = try decodeText(pointer.pointee.group, limit: 64, field: "group")
      path = try decodeText(pointer.pointee.path, limit: 512, field: "path")
      digest = try decodeText(pointer.pointee.digest, limit: 64, field: "digest")
      size = pointer.pointee.size
    }
  }

  /// `assay.scorer.v1.ListInputsRequest`.
  public struct ListInputsRequest: WireMessage, PackedMessage {
    public var taskName: String = ""
    /// True for the data that the search never sees; it is used once, when a run ends.
    public var sealed: Bool = false
    /// The same for the inputs and the judging of one measurement; unknown to recipes.
    public var nonce: String = ""
    public init() {}
    public static let fullName = "assay.scorer.v1.ListInputsRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__ListInputsRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ListInputsRequest>) { assay__scorer__v1__list_inputs_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ListInputsRequest>, _ arena_: inout Arena) {
      pointer.pointee.task_name = arena_.text(taskName)
      pointer.pointee.sealed = sealed ? 1 : 0
      pointer.pointee.nonce = arena_.text(nonce)
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__ListInputsRequest>) throws(MessageError) {
      taskName = try decodeText(pointer.pointee.task_name, limit: 64, field: "task_name")
      sealed = pointer.pointee.sealed != 0
      nonce = try decodeText(pointer.pointee.nonce, limit: 128, field: "nonce")
    }
  }

  /// `assay.scorer.v1.ListInputsResponse`.
  public struct ListInputsResponse: WireMessage, PackedMessage {
    public var files: [ScorerV1.ScoredFile] = []
    public init() {}
    public static let fullName = "assay.scorer.v1.ListInputsResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__ListInputsResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ListInputsResponse>) { assay__scorer__v1__list_inputs_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ListInputsResponse>, _ arena_: inout Arena) {
      if !files.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Scorer__V1__ScoredFile>?.self, count: files.count)
        for index_ in files.indices { items_[index_] = arena_.message(files[index_]) }
        pointer.pointee.n_files = files.count
        pointer.pointee.files = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__ListInputsResponse>) throws(MessageError) {
      let filesCount_ = try decodeCount(pointer.pointee.n_files, limit: 4096, field: "files")
      if filesCount_ > 0, let items_ = pointer.pointee.files {
        files.reserveCapacity(filesCount_)
        for index_ in 0..<filesCount_ { files.append(try decodeMessage(items_[index_], field: "files")) }
      }
    }
  }

  /// `assay.scorer.v1.ReadInputRequest`.
  public struct ReadInputRequest: WireMessage, PackedMessage {
    public var taskName: String = ""
    public var digest: String = ""
    public var offset: UInt64 = 0
    /// At most 1048576.
    public var maxBytes: UInt32 = 0
    public init() {}
    public static let fullName = "assay.scorer.v1.ReadInputRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__ReadInputRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ReadInputRequest>) { assay__scorer__v1__read_input_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ReadInputRequest>, _ arena_: inout Arena) {
      pointer.pointee.task_name = arena_.text(taskName)
      pointer.pointee.digest = arena_.text(digest)
      pointer.pointee.offset = offset
      pointer.pointee.max_bytes = maxBytes
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__ReadInputRequest>) throws(MessageError) {
      taskName = try decodeText(pointer.pointee.task_name, limit: 64, field: "task_name")
      digest = try decodeText(pointer.pointee.digest, limit: 64, field: "digest")
      offset = pointer.pointee.offset
      maxBytes = pointer.pointee.max_bytes
    }
  }

  /// `assay.scorer.v1.ReadInputResponse`.
  public struct ReadInputResponse: WireMessage, PackedMessage {
    public var data: [UInt8] = []
    public var size: UInt64 = 0
    public init() {}
    public static let fullName = "assay.scorer.v1.ReadInputResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__ReadInputResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ReadInputResponse>) { assay__scorer__v1__read_input_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ReadInputResponse>, _ arena_: inout Arena) {
      pointer.pointee.data = arena_.blob(data)
      pointer.pointee.size = size
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__ReadInputResponse>) throws(MessageError) {
      data = try decodeBlob(pointer.pointee.data, limit: 1048576, field: "data")
      size = pointer.pointee.size
    }
  }

  /// `assay.scorer.v1.PutPredictionRequest`.
  public struct PutPredictionRequest: WireMessage, PackedMessage {
    public var digest: String = ""
    public var size: UInt64 = 0
    public var offset: UInt64 = 0
    public var data: [UInt8] = []
    public init() {}
    public static let fullName = "assay.scorer.v1.PutPredictionRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__PutPredictionRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__PutPredictionRequest>) { assay__scorer__v1__put_prediction_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__PutPredictionRequest>, _ arena_: inout Arena) {
      pointer.pointee.digest = arena_.text(digest)
      pointer.pointee.size = size
      pointer.pointee.offset = offset
      pointer.pointee.data = arena_.blob(data)
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__PutPredictionRequest>) throws(MessageError) {
      digest = try decodeText(pointer.pointee.digest, limit: 64, field: "digest")
      size = pointer.pointee.size
      offset = pointer.pointee.offset
      data = try decodeBlob(pointer.pointee.data, limit: 1048576, field: "data")
    }
  }

  /// `assay.scorer.v1.PutPredictionResponse`.
  public struct PutPredictionResponse: WireMessage, PackedMessage {
    /// Bytes that the scorer holds; continue from here.
    public var received: UInt64 = 0
    public var complete: Bool = false
    public init() {}
    public static let fullName = "assay.scorer.v1.PutPredictionResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__PutPredictionResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__PutPredictionResponse>) { assay__scorer__v1__put_prediction_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__PutPredictionResponse>, _ arena_: inout Arena) {
      pointer.pointee.received = received
      pointer.pointee.complete = complete ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__PutPredictionResponse>) throws(MessageError) {
      received = pointer.pointee.received
      complete = pointer.pointee.complete != 0
    }
  }

  /// `assay.scorer.v1.JudgeRequest`.
  public struct JudgeRequest: WireMessage, PackedMessage {
    public var taskName: String = ""
    public var sealed: Bool = false
    public var nonce: String = ""
    public var predictions: [ScorerV1.ScoredFile] = []
    public init() {}
    public static let fullName = "assay.scorer.v1.JudgeRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__JudgeRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__JudgeRequest>) { assay__scorer__v1__judge_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__JudgeRequest>, _ arena_: inout Arena) {
      pointer.pointee.task_name = arena_.text(taskName)
      pointer.pointee.sealed = sealed ? 1 : 0
      pointer.pointee.nonce = arena_.text(nonce)
      if !predictions.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Scorer__V1__ScoredFile>?.self, count: predictions.count)
        for index_ in predictions.indices { items_[index_] = arena_.message(predictions[index_]) }
        pointer.pointee.n_predictions = predictions.count
        pointer.pointee.predictions = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__JudgeRequest>) throws(MessageError) {
      taskName = try decodeText(pointer.pointee.task_name, limit: 64, field: "task_name")
      sealed = pointer.pointee.sealed != 0
      nonce = try decodeText(pointer.pointee.nonce, limit: 128, field: "nonce")
      let predictionsCount_ = try decodeCount(pointer.pointee.n_predictions, limit: 4096, field: "predictions")
      if predictionsCount_ > 0, let items_ = pointer.pointee.predictions {
        predictions.reserveCapacity(predictionsCount_)
        for index_ in 0..<predictionsCount_ { predictions.append(try decodeMessage(items_[index_], field: "predictions")) }
      }
    }
  }

  /// `assay.scorer.v1.ScoredMetric`.
  public struct ScoredMetric: WireMessage, PackedMessage {
    public var name: String = ""
    /// Decimal text.
    public var value: String = ""
    public init() {}
    public static let fullName = "assay.scorer.v1.ScoredMetric"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__ScoredMetric
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ScoredMetric>) { assay__scorer__v1__scored_metric__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__ScoredMetric>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.value = arena_.text(value)
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__ScoredMetric>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 64, field: "name")
      value = try decodeText(pointer.pointee.value, limit: 64, field: "value")
    }
  }

  /// `assay.scorer.v1.JudgeResponse`.
  public struct JudgeResponse: WireMessage, PackedMessage {
    public var metrics: [ScorerV1.ScoredMetric] = []
    /// The rule that was broken, with what shows it; empty when none was.
    public var illegalRule: String = ""
    public var illegalEvidence: String = ""
    /// Why the predictions cannot be used; empty when they can.
    public var malformed: String = ""
    public init() {}
    public static let fullName = "assay.scorer.v1.JudgeResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Scorer__V1__JudgeResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__JudgeResponse>) { assay__scorer__v1__judge_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Scorer__V1__JudgeResponse>, _ arena_: inout Arena) {
      if !metrics.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Scorer__V1__ScoredMetric>?.self, count: metrics.count)
        for index_ in metrics.indices { items_[index_] = arena_.message(metrics[index_]) }
        pointer.pointee.n_metrics = metrics.count
        pointer.pointee.metrics = items_
      }
      pointer.pointee.illegal_rule = arena_.text(illegalRule)
      pointer.pointee.illegal_evidence = arena_.text(illegalEvidence)
      pointer.pointee.malformed = arena_.text(malformed)
    }
    init(_ pointer: UnsafePointer<Assay__Scorer__V1__JudgeResponse>) throws(MessageError) {
      let metricsCount_ = try decodeCount(pointer.pointee.n_metrics, limit: 256, field: "metrics")
      if metricsCount_ > 0, let items_ = pointer.pointee.metrics {
        metrics.reserveCapacity(metricsCount_)
        for index_ in 0..<metricsCount_ { metrics.append(try decodeMessage(items_[index_], field: "metrics")) }
      }
      illegalRule = try decodeText(pointer.pointee.illegal_rule, limit: 128, field: "illegal_rule")
      illegalEvidence = try decodeText(pointer.pointee.illegal_evidence, limit: 2000, field: "illegal_evidence")
      malformed = try decodeText(pointer.pointee.malformed, limit: 2000, field: "malformed")
    }
  }

}
