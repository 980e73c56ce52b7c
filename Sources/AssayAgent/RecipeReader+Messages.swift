/// A constant in a recipe.
enum LiteralValue: Sendable, Hashable, Codable {
  case flag(Bool)
  case number(Double)
  case text(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let flag): try container.encode(flag)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }

  var number: Double? {
    if case .number(let value) = self { return value }
    return nil
  }

  var shown: String {
    switch self {
    case .flag(let flag): flag ? "True" : "False"
    case .number(let number): numberText(number)
    case .text(let text): text
    }
  }
}

/// A number as a person would write it.
func numberText(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
}

/// The number with three significant digits.
func significant(_ value: Double) -> Double {
  guard value.isFinite, value != 0 else { return value }
  var scale = 1.0
  while abs(value) * scale < 100 { scale *= 10 }
  while abs(value) * scale >= 1000 { scale /= 10 }
  return (value * scale).rounded() / scale
}

/// What can be edited in a recipe, as the reader lists it.
struct Survey: Sendable, Codable {
  struct Problem: Sendable, Codable {
    var path: String
    var message: String
  }
  /// Where a numeric constant stands.
  struct Place: Sendable, Codable {
    var path: String
    var start: Int
    var end: Int
    var integer: Bool
  }

  var digest: String
  var ok: Bool
  var values: [String: LiteralValue]
  var units: [String: String]
  var errors: [Problem]
  var places: [String: Place]
  var candidates: [Candidate]
}

/// One rewrite of one place.
struct Candidate: Sendable, Codable, Hashable {
  struct Edit: Sendable, Codable, Hashable {
    var start: Int
    var end: Int
    var text: String
  }
  /// The family, for example `optimizer` or `constant.rate`.
  var `operator`: String
  var path: String
  var section: String
  /// Names the place; the same place keeps its key in other recipes of the run.
  var key: String
  var line: Int
  var title: String
  var why: String
  var prior: Double
  /// `up`, `down` or empty.
  var direction: String
  var old: String
  var new: String
  var tag: String
  /// Which way the artifact's size and the work of training move: -1, 0 or 1.
  var artifact: Int
  var work: Int
  var edits: [Edit]
}

struct InspectRequest: Encodable, Sendable {
  var op: String
  var trees: [[String: String]]
}

struct InspectAnswer: Decodable, Sendable {
  var trees: [RecipeReader.Inspection]
}

struct SurveyRequest: Encodable, Sendable {
  struct Range: Encodable, Sendable {
    var section: String
    var start: Int
    var end: Int

    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(section)
      try container.encode(start)
      try container.encode(end)
    }
  }
  struct Donor: Encodable, Sendable {
    var trial: Int
    var files: [String: String]
  }
  var op: String
  var files: [String: String]
  var ranges: [String: [Range]]
  var donors: [Donor]
}
