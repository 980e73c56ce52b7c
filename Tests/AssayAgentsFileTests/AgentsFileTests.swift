import Testing

@testable import AssayAgentsFile

@Suite struct AgentsFileTests {
  private let text = """
    assay_agents: 1
    defaults:
      proposer: llm
      model: large
      key_file: secrets/anthropic.key
      thinking: 4000
    specialists:
      arch: {temperature: 0.3, max_turns: 20, fallbacks: [{model: small}, {model: local, api: openai, base_url: "http://127.0.0.1:8000/v1"}]}
      opt: {proposer: command, command: [/usr/bin/python3, /opt/agent.py], network: true, mounts: [/opt]}
      data: {proposer: evolve}
    prices:
      large: {input: 3, output: 15, cache_read: 0.3, cache_write: 3.75}
    """

  @Test func specialistsInheritAndDiffer() throws {
    let file = try AgentsFile(text: text, folder: "/home/me")
    let arch = file.settings(of: "arch")
    #expect(arch.proposer == .llm && arch.maximumTurns == 20)
    #expect(arch.models.map(\.model) == ["large", "small", "local"])
    #expect(arch.models[0].keyFile == "/home/me/secrets/anthropic.key" && arch.models[0].temperature == 0.3)
    #expect(arch.models[0].price == PriceSettings(input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75))
    #expect(arch.models[1].keyFile == arch.models[0].keyFile)
    // The key of one server is not sent to another.
    #expect(arch.models[2].keyFile == nil && arch.models[2].baseURL == "http://127.0.0.1:8000/v1")
    #expect(file.settings(of: "opt").command?.arguments.count == 2)
    #expect(file.settings(of: "opt").command?.network == true)
    #expect(file.settings(of: "data").proposer == .evolve)
    #expect(file.settings(of: "other").models.first?.thinking == .tokens(4000))
  }

  @Test func whatDefaultsLeaveOpenIsFound() throws {
    let file = try AgentsFile(
      text: "assay_agents: 1\ndefaults: {proposer: llm, api: openai}\nspecialists: {a: {model: m}}")
    #expect(file.gap(of: "a") == nil)
    #expect(file.gap(of: "b")?.contains("names no model for 'b'") == true)
    #expect(AgentsFile(all: SpecialistSettings(proposer: .evolve)).gap(of: "b") == nil)
  }

  @Test func jsonIsReadToo() throws {
    let file = try AgentsFile(
      text:
        #"{"assay_agents": 1, "specialists": {"a": {"proposer": "llm", "api": "openai", "model": "m", "key_variable": "MY_KEY"}}}"#
    )
    #expect(file.keyVariables(of: "a") == ["MY_KEY"])
    #expect(file.settings(of: "b").proposer == .evolve)
  }

  @Test(arguments: [
    ("", "empty"), ("a: [", "not YAML"), ("defaults: {}", "no version"), ("assay_agents: 2", "version 2"),
    ("assay_agents: 1\nagents: {}", "unknown key 'agents'"),
    ("assay_agents: 1\nspecialists: {a: {proposer: magic}}", "none of evolve, llm, command"),
    ("assay_agents: 1\nspecialists: {a: {proposer: llm}}", "names no model"),
    ("assay_agents: 1\nspecialists: {a: {proposer: llm, model: m, api_key: sk-1}}", "unknown key 'api_key'"),
    ("assay_agents: 1\nspecialists: {a: {proposer: llm, model: m, base_url: ftp://x}}", "no address"),
    ("assay_agents: 1\nspecialists: {a: {proposer: llm, model: m, thinking: 16000}}", "leaves nothing"),
    ("assay_agents: 1\nspecialists: {a: {proposer: llm, model: m, key_file: a, key_variable: B}}", "both"),
    ("assay_agents: 1\nspecialists: {a: {proposer: llm, model: m, temperature: hot}}", "is no number"),
    ("assay_agents: 1\nspecialists: {a: {proposer: command, command: [agent.py]}}", "absolute path"),
    ("assay_agents: 1\nspecialists: {a: {proposer: command}}", "names no command"),
    ("assay_agents: 1\nprices: {m: {input: 1}}", "needs 'input' and 'output'"),
  ]) func mistakesAreNamed(_ text: String, _ expected: String) {
    do {
      _ = try AgentsFile(text: text)
      Issue.record("accepted: \(text)")
    } catch {
      #expect(error.message.contains(expected), "\(error.message)")
    }
  }
}
