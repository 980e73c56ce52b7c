/// Who vouches for the figures of a record.
public enum Provenance: String, Codable, Sendable {
  /// An evaluator signed every verdict, and the signatures are checked where single trials are shown.
  case signed
  /// Somebody wrote the figures down, perhaps the recipe itself. Nothing proves them.
  case recipeClaimed = "recipe-claimed"
}
