// swift-tools-version: 6.2
// The layers, top to bottom: two hollow programs, one library, three C modules. The sandbox stands
// beside them and is never built by `swift build --product maintain-teams`.
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "persistent-teams-connections",
    products: [
        .executable(name: "maintain-teams", targets: ["maintain-teams"]),
        .executable(name: "teams-token", targets: ["teams-token"]),
        .library(name: "TokenCore", targets: ["TokenCore"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        // The sandbox only.
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    ],
    targets: [
        // Headers only: libcurl is loaded when it is needed, and pkg-config would link it.
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(
            name: "TokenCore",
            dependencies: [
                "CCurl", "CSQLite", "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "maintain-teams",
            dependencies: [
                "TokenCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "teams-token",
            dependencies: [
                "TokenCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["TokenCore", "CSQLite"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .testTarget(
            name: "TokenCoreTests", dependencies: ["TokenCore", "TestSupport", "SandboxKit"],
            swiftSettings: strict),
        .target(
            name: "SandboxKit",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "teams-sandbox",
            dependencies: [
                "SandboxKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        // Writes the manual pages when the programs are built; not installed.
        .executableTarget(
            name: "teams-manual", dependencies: ["TokenCore"], swiftSettings: strict),
        .testTarget(
            name: "SandboxTests", dependencies: ["SandboxKit", "TestSupport", "teams-sandbox"],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "TokenCore", "TestSupport", "SandboxKit", "maintain-teams", "teams-token",
                "teams-manual",
            ],
            exclude: ["Snapshots"], swiftSettings: strict),
    ]
)

// Sanitizers and libFuzzer are no part of an ordinary build: docs/scripts/sanitize.sh says where it is.
if let fuzzer = Context.environment["FUZZER_LIBRARY"] {
    package.targets += [
        .target(name: "SanitizerOptions", path: "Tests/Fuzzing/SanitizerOptions"),
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: ["CFuzzer", "TestSupport"], path: "Tests/Fuzzing",
            exclude: ["CFuzzer", "Corpus", "SanitizerOptions"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags([fuzzer])]),
    ]
    for target in package.targets where ["TokenCore", "SandboxKit"].contains(target.name) {
        target.dependencies.append("SanitizerOptions")
    }
}
