public import AssayAgentsFile
public import AssayModel
import Foundation

/// A model that a specialist may ask: where, how, and at what price.
public struct ModelChoice: Sendable, Hashable {
  public var endpoint: ModelEndpoint
  public var model: String
  public var temperature: Double?
  public var thinking: Thinking
  public var maximumOutput: Int
  public var price: TokenPrice?

  public init(
    endpoint: ModelEndpoint, model: String, temperature: Double? = nil, thinking: Thinking = .none,
    maximumOutput: Int = 16_000, price: TokenPrice? = nil
  ) {
    self.endpoint = endpoint
    self.model = model
    self.temperature = temperature
    self.thinking = thinking
    self.maximumOutput = maximumOutput
    self.price = price
  }

  /// Reads the key that the settings name. A key that is missing is no error here: the server will say what it thinks of that.
  public init(_ settings: ModelSettings, environment: [String: String]) {
    var key: Secret?
    if let file = settings.keyFile {
      key = (try? String(contentsOfFile: file, encoding: .utf8)).flatMap { Secret($0) }
    } else if let variable = settings.keyVariable {
      key = environment[variable].flatMap { Secret($0) }
    }
    endpoint = ModelEndpoint(
      name: settings.provider, api: settings.api == .anthropic ? .anthropic : .openai,
      baseURL: settings.baseURL,
      key: key, streams: settings.streams)
    model = settings.model
    temperature = settings.temperature
    thinking =
      switch settings.thinking {
      case .none: .none
      case .adaptive: .adaptive
      case .tokens(let count): .tokens(count)
      }
    maximumOutput = settings.maximumOutputTokens
    // Dollars a million tokens, times 1000, are nanodollars a token.
    func nano(_ dollars: Double) -> Int64 { Int64((dollars * 1000).rounded()) }
    price = settings.price.map {
      TokenPrice(
        input: nano($0.input), output: nano($0.output), cacheRead: nano($0.cacheRead),
        cacheWrite: nano($0.cacheWrite))
    }
  }
}
