/// What kind of defect a flag names; open for new members. docs/import-format.md has one line for each.
public struct FlagKind: RawRepresentable, Hashable, Codable, Sendable, Comparable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
  private init(_ name: String) { rawValue = name }

  public static func < (a: FlagKind, b: FlagKind) -> Bool { a.rawValue < b.rawValue }

  // The line.
  public static let mangledLine = FlagKind("mangled_line")
  public static let mangledUnrecovered = FlagKind("mangled_unrecovered")
  public static let truncatedLine = FlagKind("truncated_line")
  public static let mergedRows = FlagKind("merged_rows")
  public static let extraCells = FlagKind("extra_cells")
  public static let brokenQuote = FlagKind("broken_quote")
  public static let quotedNewline = FlagKind("quoted_newline")
  public static let oversizedLine = FlagKind("oversized_line")
  public static let invalidText = FlagKind("invalid_utf8")
  public static let controlCharacters = FlagKind("control_characters")
  public static let lineEnds = FlagKind("crlf_line_ends")

  // What stands in it.
  public static let toolResidue = FlagKind("tool_residue")
  public static let placeholderHypothesis = FlagKind("placeholder_hypothesis")
  public static let nonnumericDelta = FlagKind("nonnumeric_delta")
  public static let nonnumericValue = FlagKind("nonnumeric_value")
  public static let unknownLabel = FlagKind("unknown_label")
  public static let quarantined = FlagKind("quarantined")
  public static let infraCounted = FlagKind("infra_counted")
  public static let jobMissing = FlagKind("job_missing")
  public static let jobMismatch = FlagKind("job_mismatch")
  public static let scoreWithoutLegality = FlagKind("score_without_legality")
  public static let clockReversal = FlagKind("clock_reversal")

  // How it hangs together.
  public static let duplicateID = FlagKind("duplicate_id")
  public static let parentPrefixed = FlagKind("parent_prefixed")
  public static let parentUnresolved = FlagKind("parent_unresolved")
  public static let parentForward = FlagKind("parent_forward")
  public static let parentSelf = FlagKind("parent_self")
  public static let parentCycle = FlagKind("parent_cycle")
  public static let parentFailed = FlagKind("parent_failed")

  // The files beside it.
  public static let treeMismatch = FlagKind("tree_mismatch")
  public static let bestMismatch = FlagKind("best_mismatch")
  public static let unreadableFile = FlagKind("unreadable_file")
  public static let columnMeaning = FlagKind("column_meaning_changed")
  public static let unknownColumn = FlagKind("unknown_column")
  public static let directionInferred = FlagKind("direction_inferred")
  public static let labelsDerived = FlagKind("labels_derived")
  public static let baselineUngated = FlagKind("baseline_ungated")
}
