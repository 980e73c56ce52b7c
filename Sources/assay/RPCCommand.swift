import ArgumentParser

struct RPCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rpc",
    abstract: "List, describe and call the methods of a running service.",
    discussion: """
      Servers describe themselves: nothing but an address and keys is needed. Within a run's state folder the operator's
      key is used:

        assay rpc list
        assay rpc describe LineageService/GetTrial
        assay rpc call LineageService/Summarize --body '{"runId": "golf-mini-..."}'
        assay rpc call LineageService/FollowEvents --after 120
        assay rpc list --address tcp://host:9000 --server-key assay-ed25519:... --key operator.key
      """,
    subcommands: [RPCListCommand.self, RPCDescribeCommand.self, RPCCallCommand.self])
}
