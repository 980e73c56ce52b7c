import AssayMessages
import AssayRandom

/// Random messages that keep every bound.
struct RandomMessages {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func count(_ most: Int) -> Int { Int.random(in: 0...most, using: &generator) }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
    switch count(4) {
    case 0: 0
    case 1: .min
    case 2: .max
    case 3: Number(truncatingIfNeeded: count(200))
    default: Number(truncatingIfNeeded: generator.next())
    }
  }

  mutating func text(_ most: Int) -> String {
    let scalars: [Unicode.Scalar] = ["a", "\u{1}", "\u{7f}", "é", "€", "🙂", "\u{10ffff}", "\n"]
    var result = String.UnicodeScalarView()
    for _ in 0..<count(most / 4) { result.append(scalars[count(scalars.count - 1)]) }
    return String(result)
  }

  mutating func data(_ most: Int) -> [UInt8] { (0..<count(most)).map { _ in number() } }

  mutating func list<Element>(_ most: Int, _ make: (inout RandomMessages) -> Element) -> [Element] {
    (0..<count(most)).map { _ in make(&self) }
  }

  mutating func shade() -> ConformanceV1.Shade { ConformanceV1.Shade.declared[count(2)].value }

  mutating func leaf() -> ConformanceV1.Leaf {
    var leaf = ConformanceV1.Leaf()
    leaf.text = text(80)
    leaf.number = number()
    return leaf
  }

  mutating func branch() -> ConformanceV1.Everything.Branch {
    var branch = ConformanceV1.Everything.Branch()
    if count(1) == 0 { branch.leaf = leaf() }
    branch.leaves = list(5) { $0.leaf() }
    branch.inner = count(1) == 0 ? .one : .unspecified
    return branch
  }

  mutating func everything() -> ConformanceV1.Everything {
    var message = ConformanceV1.Everything()
    message.plainInt32 = number()
    message.plainInt64 = number()
    message.plainUint32 = number()
    message.plainUint64 = number()
    message.zigzag32 = number()
    message.zigzag64 = number()
    message.fixed32 = number()
    message.fixed64 = number()
    message.sfixed32 = number()
    message.sfixed64 = number()
    message.real64 = [0, -1.5, .infinity, .leastNonzeroMagnitude][count(3)]
    message.real32 = [0, -1.5, .infinity, .greatestFiniteMagnitude][count(3)]
    message.flag = count(1) == 0
    message.text = text(256)
    message.data = data(256)
    message.shade = shade()
    if count(1) == 0 { message.branch = branch() }
    message.numbers = list(64) { $0.number() }
    message.flags = list(9) { $0.count(1) == 0 }
    message.texts = list(9) { $0.text(64) }
    message.blobs = list(9) { $0.data(50) }
    message.shades = list(9) { $0.shade() }
    message.branches = list(4) { $0.branch() }
    message.reals = list(9) { Double($0.count(1000)) / 8 }
    switch count(6) {
    case 0: message.choice = .name(text(64))
    case 1: message.choice = .id(number())
    case 2: message.choice = .leaf(leaf())
    case 3: message.choice = .tint(shade())
    case 4: message.choice = .yes(count(1) == 0)
    case 5: message.choice = .raw(data(30))
    default: break
    }
    message.`class` = text(30)
    message.`default` = count(1) == 0
    return message
  }
}
