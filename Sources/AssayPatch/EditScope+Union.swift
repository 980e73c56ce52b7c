extension EditScope {
  /// Everything that one of the two allows.
  public func union(_ other: EditScope) -> EditScope {
    EditScope(
      files: files.merging(other.files) { one, other in
        guard case .sections(let ours) = one, case .sections(let theirs) = other else { return .whole }
        return .sections(ours.union(theirs))
      })
  }
}
