import AssayRandom
import Foundation
import Glibc

/// Feeds inputs to surfaces, each made from the seed and its own number alone.
struct FuzzWorker {
  let seed: UInt64
  let corpus: Corpus
  let only: String?

  /// Names of the surfaces, in their order.
  static let names = [
    MessageSurface.name, ReflectionSurface.name, SignatureSurface.name, EditSurface.name, ServerSurface.name,
    ReplySurface.name,
  ]

  private func load<Value: Surface>(_ surface: Value) throws -> (any Surface, weight: Int, seeds: [[UInt8]]) {
    (surface, Value.weight, surface.seeds + (try corpus.seeds(of: Value.name)))
  }

  /// Runs the inputs `first`, `first + stride`, ... below `end`.
  func run(first: UInt64, end: UInt64, stride: UInt64, progress: Progress) async throws {
    let server = try await ServerSurface()
    let surfaces = [
      try load(MessageSurface()), try load(ReflectionSurface()), try load(SignatureSurface()),
      try load(EditSurface()), try load(server), try load(ReplySurface()),
    ]
    let places = surfaces.indices.filter { only == nil || type(of: surfaces[$0].0).name == only }
      .flatMap { Array(repeating: $0, count: surfaces[$0].weight) }
    guard !places.isEmpty else { throw Finding("there is no surface '\(only ?? "")'") }
    var number = first
    while number < end {
      progress.current = number
      var mutator = Mutator(random: SeededGenerator(seed: seed ^ (number &* 0xd134_2543_de82_ef95)))
      let place = places[mutator.random.below(places.count)]
      let (surface, _, seeds) = surfaces[place]
      let input = mutator.input(from: seeds)
      do {
        if try await surface.consume(input) { progress[accepted: place] += 1 }
      } catch {
        throw Finding("\(type(of: surface).name), input \(number): \(error)\n\(Self.hex(input))")
      }
      progress[given: place] += 1
      number += stride
    }
    await server.close()
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.prefix(2000).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
