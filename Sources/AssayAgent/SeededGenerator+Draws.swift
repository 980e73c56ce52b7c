import AssayRandom

extension SeededGenerator {
  /// A generator for one purpose: the parts decide the stream.
  init(seed: UInt64, _ parts: String...) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
    }
    self.init(seed: hash)
    _ = next()
  }

  /// Uniform in [0, 1).
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// True with this probability.
  mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  /// A draw from the beta distribution, by Jöhnk-free gamma draws (Marsaglia and Tsang).
  mutating func beta(_ a: Double, _ b: Double) -> Double {
    let x = gamma(a)
    let y = gamma(b)
    return x + y > 0 ? x / (x + y) : 0.5
  }

  private mutating func gamma(_ shape: Double) -> Double {
    if shape < 1 { return gamma(shape + 1) * Self.power(max(unit(), 1e-300), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      let u = max(unit(), 1e-300)
      if Self.logarithm(u) < 0.5 * x * x + d - d * v + d * Self.logarithm(v) { return d * v }
    }
  }

  private mutating func normal() -> Double {
    let u = max(unit(), 1e-300)
    return (-2 * Self.logarithm(u)).squareRoot() * Self.cosine(2 * .pi * unit())
  }

  /// The index of a draw in proportion to weights; nil where none is positive.
  mutating func weighted(_ weights: [Double]) -> Int? {
    let total = weights.reduce(0) { $0 + max(0, $1) }
    guard total > 0 else { return nil }
    var left = unit() * total
    var last: Int?
    for (index, weight) in weights.enumerated() where weight > 0 {
      last = index
      left -= weight
      if left < 0 { return index }
    }
    return last
  }
}
