/// Cuts bytes into records as RFC 4180 quotes them, with tabs between cells, in memory that does not grow with the input.
///
/// A quote counts only at the start of a cell, as the writers that are known write it. One that never closes would swallow
/// the rest of the file: it is given up at `limit` bytes or at the end, the record ends at its first line end, and what
/// follows is read anew.
public struct TSVScanner: Sendable {
  private enum State: Sendable { case cellStart, plain, quoted, quoteInQuoted, skipping }

  private let limit: Int
  private var state = State.cellStart
  private var buffer: [UInt8] = []
  private var firstLineEnd: Int?
  private var lineEnds = 0
  private var number = 1
  private var omitted = 0

  /// - Parameter limit: the most bytes of one record that are kept.
  public init(limit: Int = 1 << 20) { self.limit = limit }

  /// Takes the next bytes, and gives every record that ends in them to `emit`.
  public mutating func feed(_ bytes: [UInt8], _ emit: (TSVLine) throws -> Void) rethrows {
    var pending = [bytes[...]]
    while let next = pending.popLast() {
      if let rest = try scan(next, emit) {
        pending.append(rest.after)
        pending.append(rest.again)
      }
    }
  }

  /// Ends the input.
  public mutating func finish(_ emit: (TSVLine) throws -> Void) rethrows {
    while let cut = firstLineEnd, state == .quoted {
      let again = Array(buffer[(cut + 1)...])
      try breakQuote(at: cut, emit)
      try feed(again, emit)
    }
    guard !buffer.isEmpty || omitted > 0 else { return }
    try end(ended: false, emit)
  }

  private mutating func scan(_ bytes: ArraySlice<UInt8>, _ emit: (TSVLine) throws -> Void) rethrows
    -> (again: ArraySlice<UInt8>, after: ArraySlice<UInt8>)?
  {
    var start = bytes.startIndex
    var index = start
    let stop = bytes.endIndex
    while index < stop {
      let byte = bytes[index]
      switch state {
      case .cellStart, .plain, .quoteInQuoted:
        if byte == UInt8(ascii: "\n") {
          buffer.append(contentsOf: bytes[start..<index])
          start = index + 1
          try end(ended: true, emit)
        } else if byte == UInt8(ascii: "\t") {
          state = .cellStart
        } else if byte == UInt8(ascii: "\"") {
          switch state {
          case .cellStart, .quoteInQuoted: state = .quoted
          default: break
          }
        } else {
          state = .plain
        }
      case .quoted:
        if byte == UInt8(ascii: "\"") {
          state = .quoteInQuoted
        } else if byte == UInt8(ascii: "\n") {
          lineEnds += 1
          if firstLineEnd == nil { firstLineEnd = buffer.count + (index - start) }
        }
      case .skipping:
        if byte == UInt8(ascii: "\n") {
          omitted += index - start
          start = index + 1
          try end(ended: true, emit)
        }
      }
      index += 1
      if state != .skipping, buffer.count + (index - start) >= limit {
        buffer.append(contentsOf: bytes[start..<index])
        start = index
        if state == .quoted, let cut = firstLineEnd {
          let again = buffer[(cut + 1)...]
          try breakQuote(at: cut, emit)
          return (again, bytes[index...])
        }
        state = .skipping
      }
    }
    if state == .skipping {
      omitted += stop - start
    } else {
      buffer.append(contentsOf: bytes[start..<stop])
    }
    return nil
  }

  private mutating func breakQuote(at cut: Int, _ emit: (TSVLine) throws -> Void) rethrows {
    let line = TSVLine(number: number, bytes: Array(buffer[..<cut]), isQuoteBroken: true)
    reset(lines: 1)
    try emit(line)
  }

  private mutating func end(ended: Bool, _ emit: (TSVLine) throws -> Void) rethrows {
    let line = TSVLine(
      number: number, span: lineEnds + 1, bytes: buffer, isEnded: ended, isQuoteBroken: state == .quoted,
      omitted: omitted)
    reset(lines: lineEnds + 1)
    try emit(line)
  }

  private mutating func reset(lines: Int) {
    number += lines
    state = .cellStart
    buffer = []
    firstLineEnd = nil
    lineEnds = 0
    omitted = 0
  }
}
