/// The part of KNOWLEDGE.md that people wrote: from the heading to the end, verbatim.
public enum KeyInsights {
  public static func text(in knowledge: String) -> String {
    let parts = knowledge.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = parts.firstIndex(where: { $0.hasPrefix("## Key Insights") }) else { return "" }
    return parts[start...].joined(separator: "\n")
  }
}
