// swift-tools-version: 6.2
import PackageDescription

// Not MemberImportVisibility: on Linux `struct stat` belongs to Glibc or CoreFoundation by the luck of build order.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let http: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")

/// A library of ours: its folder is `Sources/<name>`.
func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [],
  linkerSettings: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict,
    linkerSettings: linkerSettings)
}

/// The tests of one library, in `Tests/<library>Tests`.
func tests(_ library: String, _ extra: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: library + "Tests", dependencies: [.byName(name: library)] + extra, swiftSettings: strict)
}

/// A service process: configuration, wiring and lifecycle around one logic library.
func service(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name,
    dependencies: dependencies + ["AssayServiceHost", "AssayServices", "AssayRPC", arguments, logging],
    swiftSettings: strict)
}

let package = Package(
  name: "assay",
  products: [
    .executable(name: "assay", targets: ["assay"]),
    .executable(name: "assay-agent", targets: ["AgentService"]),
    .executable(name: "assay-evaluator", targets: ["EvaluatorService"]),
    .executable(name: "assay-runner", targets: ["RunnerService"]),
    .executable(name: "assay-lineage", targets: ["LineageService"]),
    .executable(name: "assay-sandbox", targets: ["SandboxLauncher"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.0.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.20.0"),
  ],
  targets: [
    // The wire. nng is imported by AssayRPCNNG alone, protobuf-c by AssayMessages alone.
    .systemLibrary(name: "CNNG", providers: [.apt(["libnng-dev", "libmbedtls-dev"])]),
    .target(name: "CNNGCompletion"),
    .systemLibrary(name: "CProtobufC", providers: [.apt(["libprotobuf-c-dev"])]),
    .target(name: "CAssayProto", dependencies: ["CProtobufC"]),
    library("AssayMessages", ["CAssayProto", "CProtobufC"]),
    library("AssayIdentity", [crypto]),
    library("AssayCertificates", [asn1, x509, crypto]),
    library("AssayRPC", ["AssayMessages", "AssayIdentity", crypto, logging, metrics]),
    library(
      "AssayRPCNNG", ["AssayRPC", "CNNG", "CNNGCompletion", logging],
      linkerSettings: [.unsafeFlags(["-Xlinker", "--wrap=nni_aio_begin"])]),
    library("AssayReflection"),
    library("AssayServices", ["AssayMessages", "AssayRPC", "AssayIdentity"]),
    library("AssayVerdict", ["AssayMessages", "AssayIdentity", crypto]),
    library("AssayLog", ["AssayIdentity", crypto]),
    library("AssayProof", ["AssayLog", "AssayIdentity", crypto]),

    // What services share.
    library("AssayPatch", [crypto]),
    library("AssayArtifacts", [crypto]),
    // glibc's extensions that start programs; AssayProcess alone imports it.
    .target(name: "CSpawn"),
    library("AssayProcess", ["CSpawn"]),
    // What NVML's functions look like: the library itself is loaded at run time, by AssayGPU alone.
    .target(name: "CNVML"),
    library("AssayGPU", ["CNVML"]),
    library("AssayTask", ["AssayPatch", "AssayProcess", yams, crypto]),
    library("AssayStore", [grdb, crypto]),
    .executableTarget(
      name: "SandboxLauncher", linkerSettings: [.linkedLibrary("seccomp")]),
    library("AssaySandbox", [crypto, logging]),
    library("AssaySteps", ["AssaySandbox", "AssayRunner", "AssayGPU", "AssayVerdict", logging]),
    library(
      "AssaySlurm", ["AssaySteps", "AssaySandbox", "AssayRunner", "AssayGPU", "AssayProcess", logging]),
    library(
      "AssayKubernetes",
      [
        "AssaySteps", "AssaySandbox", "AssayRunner", "AssayGPU", "AssayReflection", yams, http, nio, nioTLS,
        logging,
      ]),
    library("AssayRandom"),
    library("AssayStatistics"),
    library("AssayMetrics", [coreMetrics, hummingbird, lifecycle, logging]),
    library(
      "AssayServiceHost",
      [
        "AssayMetrics", "AssayRPC", "AssayRPCNNG", "AssayIdentity", lifecycle, signals, logging, metrics,
        arguments,
      ]),

    // Records of runs, live and imported: read, judged, written out.
    library("AssayTrajectory"),
    library("AssayImport", ["AssayTrajectory", grdb, crypto]),
    library("AssayAudit", ["AssayTrajectory"], resources: [.copy("Data")]),
    library("AssayExport", ["AssayTrajectory", "AssayAudit", grdb]),
    // Figures that a recipe claims of itself: nothing here signs, and nothing that signs knows it.
    library("AssayClaim", ["AssaySandbox", "AssayImport", "AssayTrajectory"]),

    // One library a service holds its logic.
    library(
      "AssayLineage",
      [
        "AssayStore", "AssayMessages", "AssayRPC", "AssayServices", "AssayVerdict", "AssayIdentity",
        "AssayLog", "AssayPatch", grdb, logging, metrics,
      ]),
    library(
      "AssayEvaluator",
      [
        "AssayStatistics", "AssayMessages", "AssayRPC", crypto, "AssayStore", "AssayServices", "AssayVerdict",
        "AssayIdentity",
        "AssayLog", "AssayPatch", "AssayTask", "AssaySandbox", "AssayArtifacts", "AssayGPU", grdb, logging,
        metrics,
      ]),
    library(
      "AssayRunner",
      [
        "AssayMessages", "AssayRPC", "AssayServices", "AssaySandbox", "AssayVerdict", "AssayIdentity",
        "AssayArtifacts", "AssayGPU", "AssayProcess", crypto, lifecycle, logging, metrics,
      ]),
    library("AssayModel", ["AssayReflection", http, nio, nioPosix]),
    library(
      "AssayAgent",
      [
        "AssayModel", "AssayRandom", "AssayServices", "AssayPatch", "AssayProcess", "AssaySandbox", crypto,
        logging,
      ],
      resources: [.copy("Python")]),
    library("AssayAgentsFile", [yams]),
    library(
      "AssayTools",
      ["AssayAgent", "AssayModel", "AssayReflection", "AssayMessages", "AssayPatch", "AssayRPC", crypto]),
    library("AssayMCP", ["AssayTools", "AssayReflection", nio, nioPosix]),
    library(
      "AssayProposers",
      [
        "AssayMCP",
        "AssayAgent", "AssayAgentsFile", "AssayModel", "AssayTools", "AssayMessages", "AssayReflection",
        "AssayRPC", "AssaySandbox", "AssayPatch", crypto, logging,
      ]),
    library(
      "AssaySupervisor",
      [
        "AssayStatistics", yams, "AssayMessages", "AssayRPC", "AssayServices", "AssayIdentity",
        "AssayVerdict",
        "AssayPatch",
        "AssayProcess", "AssayProof", "AssayStore", "AssayTask", "AssayServiceHost", "AssayRPCNNG",
        "AssayCertificates",
        "AssayTrajectory",
        "AssayImport", "AssayAudit", "AssayExport", "AssayAgent", "AssayAgentsFile", "AssayTools",
        "AssayProposers", crypto,
        signals, logging,
      ]),

    // What people look at: the page, served live or written to a file, and MLflow's REST API for reading.
    library(
      "AssayDashboard",
      [
        "AssaySupervisor", "AssayMessages", "AssayRPC", "AssayServices", "AssayIdentity", "AssayLog",
        "AssayPatch", "AssayProof", "AssayVerdict", "AssayTrajectory", "AssayAudit", "AssayImport",
        hummingbird,
        hummingbirdCore, lifecycle, crypto, logging,
      ], resources: [.copy("Web")]),

    library(
      "AssayDoctor",
      [
        "AssayGPU", "AssayProcess", "AssaySandbox", "AssaySupervisor", "AssayMessages", "AssayRPC",
        "AssayServices", "AssayIdentity",
      ]),

    library(
      "AssayConformance",
      [
        "AssayMessages", "AssayRPC", "AssayServices", "AssayIdentity", "AssayVerdict", "AssayPatch",
        "AssaySandbox",
        crypto, logging,
      ]),

    service("LineageService", ["AssayLineage"]),
    service("EvaluatorService", ["AssayEvaluator", "AssayArtifacts"]),
    service(
      "RunnerService",
      [
        "AssayRunner", "AssayArtifacts", "AssaySandbox", "AssaySlurm", "AssayKubernetes", "AssaySteps",
        "AssayIdentity", "AssayGPU", signals,
      ]),
    service(
      "AgentService",
      ["AssayAgent", "AssayAgentsFile", "AssayModel", "AssayProposers", "AssaySandbox", "AssayIdentity"]),
    .executableTarget(
      name: "assay",
      dependencies: [
        "AssaySupervisor", "AssayDashboard", "AssayDoctor", "AssayProof", "AssayTask", "AssayReflection",
        "AssayConformance", "AssayTrajectory", "AssayImport", "AssayClaim", "AssayAudit", "AssayExport",
        "AssayMCP",
        "AssayAgentsFile",
        "AssayServiceHost", "AssayRPC", "AssayRPCNNG", "AssayMessages", "AssayIdentity", arguments, lifecycle,
        logging,
      ], swiftSettings: strict),

    // Speed, as ratios to the floor; `make bench`.
    .executableTarget(
      name: "nng-floor", dependencies: ["CNNG"], path: "Benchmarks/NNGFloor",
      linkerSettings: [.linkedLibrary("nng")]),
    .executableTarget(
      name: "assay-bench",
      dependencies: [
        "AssayRPC", "AssayRPCNNG", "AssayMessages", "AssayIdentity", "AssayLineage", "AssayPatch",
        "AssaySandbox", "AssayServices", "AssaySupervisor", "AssayServiceHost", "AssayCertificates",
        "AssayVerdict", "AssayProof", "AssayProofTesting", "AssayTrajectory", "AssayImport", "AssayAudit",
        "AssayRandom", "AssayGPU", "AssayEvaluator", "AssayRunner", "AssayTask", "AssayRPCTesting", crypto,
        grdb, logging,
        arguments,
      ],
      path: "Benchmarks/AssayBench", swiftSettings: strict),

    // Hostile bytes; `make fuzz`.
    .executableTarget(
      name: "assay-fuzz",
      dependencies: [
        "AssayRandom", "AssayRPC", "AssayMessages", "AssayReflection", "AssayIdentity", "AssayVerdict",
        "AssayPatch",
        "AssayLineage",
        "AssayServices", "AssayModel", "AssayAgentsFile", logging, arguments,
      ],
      path: "Fuzz/AssayFuzz", swiftSettings: strict),

    // The whole fleet in one process, by a seed; docs/simulation.md.
    .target(
      name: "CSimulation", path: "Simulation/CSimulation",
      linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("BlocksRuntime")]),
    .executableTarget(
      name: "assay-sim",
      dependencies: [
        "CSimulation", "AssayRandom", "AssayRPC", "AssayMessages", "AssayIdentity", "AssayServices",
        "AssayVerdict", "AssayLog", "AssayPatch", "AssayTask", "AssaySandbox", "AssayEvaluator",
        "AssayLineage", "AssayRunner", logging, arguments,
      ],
      path: "Simulation/AssaySim", swiftSettings: strict),

    .target(
      name: "AssayRPCTesting",
      dependencies: [
        "AssayRPC", "AssayRPCNNG", "AssayServices", "AssayMessages", "AssayIdentity", "AssayCertificates",
        logging,
      ],
      path: "Tests/AssayRPCTesting",
      swiftSettings: strict),
    .target(
      name: "AssayGPUTesting", path: "Tests/AssayGPUTesting", exclude: ["Fixtures"], swiftSettings: strict),
    .target(
      name: "AssayModelTesting", dependencies: ["AssayModel", "AssayReflection"],
      path: "Tests/AssayModelTesting", swiftSettings: strict),
    .target(
      name: "AssayProofTesting",
      dependencies: [
        "AssayProof", "AssayLog", "AssayVerdict", "AssayIdentity", "AssayMessages", "AssayPatch",
      ],
      path: "Tests/AssayProofTesting", swiftSettings: strict),
    .target(
      name: "AssayDashboardTesting",
      dependencies: [
        "AssaySupervisor", "AssayLineage", "AssayMessages", "AssayVerdict", "AssayIdentity", "AssayLog",
        "AssayPatch", "AssayRandom",
      ],
      path: "Tests/AssayDashboardTesting", swiftSettings: strict),
    tests("AssayMessages", ["AssayRandom"]),
    tests("AssayLog", ["AssayRandom", "AssayIdentity"]),
    tests("AssayProof", ["AssayProofTesting", "AssayRandom", "AssayIdentity"]),
    tests("AssayIdentity"),
    tests("AssayCertificates"),
    tests(
      "AssayRPC",
      [
        "AssayRandom", "AssayRPCTesting", "AssayRPCNNG", "AssayServices", "AssayMessages", "AssayIdentity",
        "AssayCertificates", crypto,
        logging,
      ]),
    tests("AssayVerdict", ["AssayIdentity", "AssayMessages"]),
    tests("AssayArtifacts", [crypto]),
    tests("AssayClaim", ["AssaySandbox", "AssayImport", "AssayTrajectory"]),
    tests("AssayPatch", ["AssayRandom"]),
    tests("AssayProcess"),
    tests("AssayTask", ["AssayProcess"]),
    tests("AssayStore", [grdb]),
    tests("AssayMetrics", [coreMetrics]),
    tests("AssaySandbox"),
    tests("AssaySlurm", ["AssaySandbox", "AssayGPU", logging]),
    tests("AssaySteps", ["AssaySandbox", "AssayGPU", "AssayRunner", logging]),
    tests("AssayKubernetes", ["AssaySandbox", "AssayGPU", "AssayReflection"]),
    tests(
      "AssayLineage",
      ["AssayRPCTesting", "AssayLog", "AssayVerdict", "AssayIdentity", "AssayPatch", "AssayStore", grdb]),
    tests(
      "AssayEvaluator",
      [
        "AssayRandom", "AssayStatistics", "AssayRPCTesting", "AssayLineage", "AssayLog", "AssayMessages",
        "AssayRPC", "AssayServices",
        "AssayVerdict", "AssayArtifacts",
        "AssayIdentity", "AssayPatch", "AssayTask", "AssayStore", "AssaySandbox", "AssayRunner", "AssayGPU",
        grdb, crypto,
        logging,
      ]),
    tests(
      "AssayRunner",
      [
        "AssayRPCTesting", "AssayMessages", "AssayRPC", "AssayServices", "AssaySandbox", "AssayIdentity",
        "AssayArtifacts", "AssayGPU", "AssayGPUTesting", "AssayVerdict", crypto, logging,
      ]),
    tests("AssayAgent", ["AssayModel", "AssayPatch", "AssaySandbox", "SandboxLauncher", "AssayRPCTesting"]),
    tests("AssayModel", ["AssayModelTesting", "AssayRandom", "AssayReflection"]),
    tests("AssayTools", ["AssayAgent", "AssayModel", "AssayPatch", "AssayReflection"]),
    tests("AssayMCP", ["AssayTools", "AssayModel", "AssayReflection"]),
    tests("AssayAgentsFile"),
    tests(
      "AssayProposers",
      [
        "AssayModelTesting", "AssayAgent", "AssayAgentsFile", "AssayModel", "AssayTools", "AssayPatch",
        "AssayMessages", "AssayRPC", "AssayReflection", "AssaySandbox", "SandboxLauncher", logging,
      ]),
    tests("AssayReflection", ["AssayMessages"]),
    tests("AssayImport", ["AssayTrajectory", "AssayAudit", "AssayRandom", grdb]),
    tests("AssayAudit", ["AssayTrajectory"]),
    tests("AssayExport", ["AssayTrajectory", "AssayImport", "AssayAudit", grdb]),
    tests("AssaySupervisor", ["AssayMessages", "AssayIdentity", "AssayVerdict"]),
    tests("AssayGPU", ["AssayGPUTesting"]),
    tests(
      "AssayDoctor", ["AssayGPU", "AssayGPUTesting", "AssayIdentity", "AssaySandbox", "AssaySupervisor"]),
    tests(
      "AssayDashboard",
      [
        "AssayMessages", "AssayIdentity", "AssayVerdict", "AssayLog", "AssayProof", "AssayProofTesting",
        "AssayPatch", "AssaySupervisor", "AssayTrajectory",
      ]),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "AssayModelTesting", "AssayReflection", "AssayProof", "AssayProofTesting", "AssayDashboardTesting",
        "AssayRandom", "AssaySupervisor",
        "AssayServices", "AssayRPCNNG",
        "AssayIdentity", "AssayPatch", "AssayProcess", "AssayVerdict", "AssayGPUTesting",
      ],
      path: "Tests/Integration", exclude: ["Fixtures"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
