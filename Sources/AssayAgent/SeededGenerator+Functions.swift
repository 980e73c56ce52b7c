import AssayRandom
import Foundation

extension SeededGenerator {
  static func logarithm(_ x: Double) -> Double { Foundation.log(x) }
  static func power(_ x: Double, _ y: Double) -> Double { Foundation.pow(x, y) }
  static func cosine(_ x: Double) -> Double { Foundation.cos(x) }
}
