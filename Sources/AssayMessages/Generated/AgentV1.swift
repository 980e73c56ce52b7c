// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
internal import CAssayProto
internal import CProtobufC

/// Messages of package `assay.agent.v1`.
public enum AgentV1 {}

extension AgentV1 {
  /// A proposed edit of a recipe, as a specialist submits it.
  public struct Proposal: WireMessage, PackedMessage {
    /// Name of the specialist, which owns one partition of the recipe.
    public var specialist: String = ""
    /// Number of the trial whose recipe the edit applies to; 0 is the baseline.
    public var parent: UInt32 = 0
    /// Why the edit should help, in one or two sentences.
    public var hypothesis: String = ""
    /// Predicted change of the score as a decimal string, empty when there is no prediction.
    public var expectedDelta: String = ""
    /// Unified diff against the parent's recipe, UTF-8.
    public var edit: [UInt8] = []
    /// Free text for later readers.
    public var notes: String = ""
    /// How the proposal came about, for reports: an operator name such as "mutate.optimizer" or "repair.size".
    public var motive: String = ""
    public init() {}
    public static let fullName = "assay.agent.v1.Proposal"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Agent__V1__Proposal
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Agent__V1__Proposal>) { assay__agent__v1__proposal__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Agent__V1__Proposal>, _ arena_: inout Arena) {
      pointer.pointee.specialist = arena_.text(specialist)
      pointer.pointee.parent = parent
      pointer.pointee.hypothesis = arena_.text(hypothesis)
      pointer.pointee.expected_delta = arena_.text(expectedDelta)
      pointer.pointee.edit = arena_.blob(edit)
      pointer.pointee.notes = arena_.text(notes)
      pointer.pointee.motive = arena_.text(motive)
    }
    init(_ pointer: UnsafePointer<Assay__Agent__V1__Proposal>) throws(MessageError) {
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      parent = pointer.pointee.parent
      hypothesis = try decodeText(pointer.pointee.hypothesis, limit: 4000, field: "hypothesis")
      expectedDelta = try decodeText(pointer.pointee.expected_delta, limit: 32, field: "expected_delta")
      edit = try decodeBlob(pointer.pointee.edit, limit: 1048576, field: "edit")
      notes = try decodeText(pointer.pointee.notes, limit: 4000, field: "notes")
      motive = try decodeText(pointer.pointee.motive, limit: 128, field: "motive")
    }
  }

  /// A lesson that a specialist wants others to see. Agent's words: quoted and bounded wherever they are shown.
  public struct Insight: WireMessage, PackedMessage {
    public var specialist: String = ""
    public var text: String = ""
    /// Trials that the insight speaks of.
    public var trials: [UInt32] = []
    public init() {}
    public static let fullName = "assay.agent.v1.Insight"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Agent__V1__Insight
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Agent__V1__Insight>) { assay__agent__v1__insight__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Agent__V1__Insight>, _ arena_: inout Arena) {
      pointer.pointee.specialist = arena_.text(specialist)
      pointer.pointee.text = arena_.text(text)
      if !trials.isEmpty {
        let items_ = arena_.array(UInt32.self, count: trials.count)
        for index_ in trials.indices { items_[index_] = trials[index_] }
        pointer.pointee.n_trials = trials.count
        pointer.pointee.trials = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Agent__V1__Insight>) throws(MessageError) {
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      text = try decodeText(pointer.pointee.text, limit: 1000, field: "text")
      let trialsCount_ = try decodeCount(pointer.pointee.n_trials, limit: 32, field: "trials")
      if trialsCount_ > 0, let items_ = pointer.pointee.trials {
        trials.reserveCapacity(trialsCount_)
        for index_ in 0..<trialsCount_ { trials.append(items_[index_]) }
      }
    }
  }

}
