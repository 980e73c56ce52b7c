import ArgumentParser

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Read another program's record of a run.",
    discussion: """
      What is imported is somebody's claim: nothing in it is signed, and it is never mixed with runs of your own. Whatever
      is wrong with it is flagged, with the line and what stands there; nothing is repaired and nothing is left out. See
      docs/import-format.md. The imported run is then named to the commands that read:

        assay import autoresearch their-run/blackboard --name theirs
        assay import openevolve output --name evolved
        assay audit theirs
        assay trials --state .assay/theirs
      """,
    subcommands: [ImportAutoresearchCommand.self, ImportOpenEvolveCommand.self, ImportShinkaCommand.self])
}
