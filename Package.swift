// swift-tools-version: 6.1
import PackageDescription

// Imports point down only; docs/architecture.md draws the house. Every target names exactly what it imports, and
// `make test` builds with --explicit-target-dependency-import-check error.

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .unsafeFlags(["-warnings-as-errors"])]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func module(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: strict)
}

/// What tests, the demo and the benchmarks share; never part of the installed program.
func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/" + name, swiftSettings: strict)
}

let package = Package(
    name: "postbote",
    products: [
        // Preloaded into the service by tests that crash it; never part of the installed program.
        .library(name: "CrashShim", type: .dynamic, targets: ["CCrashShim"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // System libraries, and the few kernel calls that Glibc's Swift module does not show.
        .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CLinux"),
        // explanations.txt, which lies in Sources/Explanations.
        .target(name: "CExplanations"),

        // The words.
        module("Diagnostics", []),
        module("Explanations", ["CExplanations"], exclude: ["explanations.txt"]),
        module("MailModel", ["Diagnostics", crypto]),

        // The ways to the world: never each other.
        module("MailProtocol", ["Diagnostics", "MailModel"]),
        module("Store", ["CSQLite", "Diagnostics", "MailModel", crypto]),
        module("Transport", ["CLibcurl", "CLinux", "Diagnostics", "MailModel"]),

        // What it does. Sessions are mail servers signed in; Fetching and Sending never meet.
        module(
            "Authorization", ["Diagnostics", "Explanations", "MailModel", "Store", "Transport", crypto, cryptoExtras]),
        module("Sessions", ["Authorization", "Diagnostics", "MailModel", "MailProtocol", "Transport"]),
        module("Delivery", ["CLinux", "Diagnostics", "MailModel", "Store"]),
        module("Fetching", ["Authorization", "Delivery", "Diagnostics", "MailModel", "Sessions", "Store"]),
        module(
            "Sending", ["Authorization", "Diagnostics", "MailModel", "MailProtocol", "Sessions", "Store"]),

        // How it is run.
        module("ConfigurationFile", ["CLinux", "Diagnostics", "MailModel", yams]),
        module(
            "Operations",
            [
                "CLinux", "Diagnostics", "Explanations", "MailModel", hummingbird, hummingbirdCore, logging, nioCore,
                nioPosix,
            ]),
        module(
            "Console",
            [
                "Diagnostics", "Explanations", "MailModel", "Operations", crypto, hummingbird, hummingbirdCore,
                logging,
                nioCore, nioPosix,
            ]),

        // The service, put together.
        module(
            "Daemon",
            [
                "Authorization", "ConfigurationFile", "Console", "Delivery", "Diagnostics", "Explanations",
                "Fetching",
                "MailModel", "MailProtocol", "Operations", "Sending", "Sessions", "Store", "Transport", logging,
            ]),

        // The program.
        .executableTarget(
            name: "postbote",
            dependencies: [
                "ConfigurationFile", "Daemon", "Diagnostics", "Explanations", "MailModel", "Operations", "Transport",
                argumentParser,
            ],
            swiftSettings: strict
        ),

        // Tests, and what they share.
        .target(name: "CTestSupport", path: "Tests/CTestSupport"),
        .target(name: "CCrashShim", path: "Tests/CCrashShim"),
        .target(name: "CHangingNames", path: "Tests/CHangingNames"),
        .target(name: "CFullSocket", path: "Tests/CFullSocket"),
        .target(name: "CMovedClock", path: "Tests/CMovedClock"),
        support(
            "TestSupport",
            [
                "CSQLite", "CTestSupport", "Diagnostics", "Store", crypto, cryptoExtras, nioCore, nioHTTP1, nioPosix,
                nioSSL,
            ]),
        support(
            "ControlSupport", ["Diagnostics", "Explanations", "MailModel", "Operations", "TestSupport", logging]),
        .executableTarget(
            name: "demo", dependencies: ["TestSupport"], path: "Tests/Demo", swiftSettings: strict),
        .executableTarget(
            name: "soak", dependencies: ["TestSupport"], path: "Tests/Soak", swiftSettings: strict),
        .executableTarget(
            name: "benchmark", dependencies: ["TestSupport"], path: "Benchmarks/Comparison", swiftSettings: strict),
        .executableTarget(
            name: "OrphanProbe", dependencies: ["TestSupport"], path: "Tests/OrphanProbe", swiftSettings: strict),
        tests("Authorization", ["Authorization", "Diagnostics", "MailModel", "Store", "TestSupport", "Transport"]),
        tests("ConfigurationFile", ["ConfigurationFile", "Diagnostics", "MailModel"]),
        tests(
            "Daemon",
            [
                "ConfigurationFile", "Daemon", "Diagnostics", "MailModel", "Operations", "Store", "TestSupport",
                "Transport",
            ]),
        tests(
            "Console",
            ["Console", "Diagnostics", "MailModel", "Operations", "TestSupport", logging]),
        tests("Delivery", ["Delivery", "Diagnostics", "MailModel", "Store", "TestSupport"]),
        tests("Diagnostics", ["Diagnostics"]),
        tests("Explanations", ["Explanations", "TestSupport"]),
        tests(
            "Fetching", ["Delivery", "Diagnostics", "Fetching", "MailModel", "Sessions", "Store", "TestSupport"]),
        tests("MailModel", ["Diagnostics", "MailModel"]),
        tests("MailProtocol", ["Diagnostics", "Explanations", "MailModel", "MailProtocol"]),
        tests(
            "Operations",
            [
                "CLinux", "ControlSupport", "Diagnostics", "Explanations", "MailModel", "Operations", "TestSupport",
                hummingbird, logging, yams,
            ]),
        tests(
            "Sending",
            ["Diagnostics", "MailModel", "MailProtocol", "Sending", "Sessions", "Store", "TestSupport"]),
        tests(
            "Sessions",
            [
                "Authorization", "Diagnostics", "MailModel", "MailProtocol", "Sessions", "Store", "TestSupport",
                "Transport",
            ]),
        tests(
            "Service",
            [
                "ControlSupport", "Diagnostics", "Explanations", "MailModel", "Operations", "TestSupport", "demo",
                "postbote", "soak", argumentParser,
            ]),
        tests("Store", ["CSQLite", "Diagnostics", "MailModel", "Store", "TestSupport"]),
        tests("TestSupport", ["Diagnostics", "OrphanProbe", "TestSupport"]),
        tests(
            "Transport",
            [
                "CFullSocket", "CHangingNames", "CLibcurl", "CMovedClock", "Diagnostics", "MailModel", "TestSupport",
                "Transport",
            ]),
    ]
)
