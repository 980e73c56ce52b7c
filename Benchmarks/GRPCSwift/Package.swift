// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what Assay is built with does not include gRPC and what it needs.
let package = Package(
  name: "grpc-floor",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.0"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.0"),
  ],
  targets: [
    .executableTarget(
      name: "grpc-floor",
      dependencies: [
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
      ], path: "Sources/GRPCFloor")
  ])
