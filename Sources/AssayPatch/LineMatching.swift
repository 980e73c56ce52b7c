/// Which lines of two texts correspond: a longest common subsequence by Myers' greedy algorithm.
///
/// Texts that differ in very many lines are first divided at the lines that occur exactly once in both
/// (patience), so that time and memory stay bounded; what then still differs too much counts as replaced.
struct LineMatching {
  /// The most edits that one greedy pass looks for.
  static let editLimit = 800

  /// For each line of the first text, the line of the second that it corresponds to; ascending.
  private(set) var partner: [Int?]
  private let left: [Int]
  private let right: [Int]

  init(_ left: [Int], _ right: [Int]) {
    self.left = left
    self.right = right
    partner = Array(repeating: nil, count: left.count)
    var pending = [(left.indices, right.indices, true)]
    while let (a, b, mayDivide) = pending.popLast() {
      match(a, b, mayDivide: mayDivide, &pending)
    }
  }

  private mutating func match(
    _ wholeA: Range<Int>, _ wholeB: Range<Int>, mayDivide: Bool,
    _ pending: inout [(Range<Int>, Range<Int>, Bool)]
  ) {
    var a = wholeA
    var b = wholeB
    while let i = a.first, let j = b.first, left[i] == right[j] {
      partner[i] = j
      a = (i + 1)..<a.upperBound
      b = (j + 1)..<b.upperBound
    }
    while let i = a.last, let j = b.last, left[i] == right[j] {
      partner[i] = j
      a = a.lowerBound..<i
      b = b.lowerBound..<j
    }
    if a.isEmpty || b.isEmpty { return }
    if greedy(a, b) || !mayDivide { return }
    var previous = (a.lowerBound, b.lowerBound)
    for (i, j) in anchors(a, b) {
      partner[i] = j
      pending.append((previous.0..<i, previous.1..<j, false))
      previous = (i + 1, j + 1)
    }
    if previous != (a.lowerBound, b.lowerBound) {
      pending.append((previous.0..<a.upperBound, previous.1..<b.upperBound, false))
    }
  }

  /// Myers' forward search. False, with nothing recorded, where more than `editLimit` edits are needed.
  private mutating func greedy(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    let n = a.count
    let m = b.count
    let limit = min(n + m, Self.editLimit)
    let offset = limit + 1
    var furthest = [Int](repeating: 0, count: 2 * limit + 3)
    var history: [[Int]] = []
    for d in 0...limit {
      history.append(Array(furthest[(offset - d - 1)...(offset + d + 1)]))
      for k in stride(from: -d, through: d, by: 2) {
        let down = k == -d || (k != d && furthest[offset + k - 1] < furthest[offset + k + 1])
        var x = down ? furthest[offset + k + 1] : furthest[offset + k - 1] + 1
        var y = x - k
        while x < n, y < m, left[a.lowerBound + x] == right[b.lowerBound + y] {
          x += 1
          y += 1
        }
        furthest[offset + k] = x
        if x >= n, y >= m {
          trace(history, n, m, a.lowerBound, b.lowerBound)
          return true
        }
      }
    }
    return false
  }

  /// Walks the search back and records the diagonals.
  private mutating func trace(_ history: [[Int]], _ n: Int, _ m: Int, _ startA: Int, _ startB: Int) {
    var x = n
    var y = m
    for d in stride(from: history.count - 1, through: 0, by: -1) {
      // history[d] holds diagonals -d-1 ... d+1 as they were before round d.
      let before = history[d]
      func at(_ k: Int) -> Int { before[k + d + 1] }
      let k = x - y
      let previousK = k == -d || (k != d && at(k - 1) < at(k + 1)) ? k + 1 : k - 1
      let previousX = d == 0 ? 0 : at(previousK)
      let previousY = d == 0 ? 0 : previousX - previousK
      while x > previousX, y > previousY {
        x -= 1
        y -= 1
        partner[startA + x] = startB + y
      }
      x = previousX
      y = previousY
    }
  }

  /// Lines that occur once in each text, longest ascending run of them.
  private func anchors(_ a: Range<Int>, _ b: Range<Int>) -> [(Int, Int)] {
    var inA: [Int: (count: Int, index: Int)] = [:]
    var inB: [Int: (count: Int, index: Int)] = [:]
    for i in a { inA[left[i]] = ((inA[left[i]]?.count ?? 0) + 1, i) }
    for j in b { inB[right[j]] = ((inB[right[j]]?.count ?? 0) + 1, j) }
    var unique: [(Int, Int)] = []
    for i in a {
      guard let here = inA[left[i]], here.count == 1, let there = inB[left[i]], there.count == 1 else {
        continue
      }
      unique.append((i, there.index))
    }
    // Longest increasing subsequence of the second members.
    var tails: [Int] = []
    var link = [Int?](repeating: nil, count: unique.count)
    for (position, pair) in unique.enumerated() {
      var low = 0
      var high = tails.count
      while low < high {
        let middle = (low + high) / 2
        if unique[tails[middle]].1 < pair.1 { low = middle + 1 } else { high = middle }
      }
      if low > 0 { link[position] = tails[low - 1] }
      if low == tails.count { tails.append(position) } else { tails[low] = position }
    }
    var chain: [(Int, Int)] = []
    var cursor = tails.last
    while let position = cursor {
      chain.append(unique[position])
      cursor = link[position]
    }
    return chain.reversed()
  }
}
