// swift-tools-version: 6.1
import PackageDescription

/// Every Swift target: imports stay internal unless said, members come only from what a file imports itself.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

let evidencePacks: TargetDependencyCondition = .when(traits: ["EvidencePacks"])!
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let asyncAlgorithms: Target.Dependency = .product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "Vestige",
    products: [
        .library(name: "Vestige", targets: ["VestigeLocal", "VestigeCore"]),
        .library(name: "VestigeHummingbird", targets: ["VestigeHummingbird"]),
        .library(name: "VestigeGRDB", targets: ["VestigeGRDB"]),
        .library(name: "VestigeStream", targets: ["VestigeStream"]),
        .library(name: "VestigeTesting", targets: ["VestigeTesting"]),
        .executable(name: "vestige", targets: ["VestigeCLI"]),
        .executable(name: "vestige-bench", targets: ["VestigeBench"]),
    ],
    traits: [
        .trait(
            name: "EvidencePacks",
            description: "`vestige evidence`: packs with a summary as PDF. Needs libpango1.0-dev, libzip-dev and a font at building."),
        .default(enabledTraits: []),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // For the service alone: nothing of what a host depends on imports them.
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        // For the service and for streams to sinks: both are in the graph through Hummingbird.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // For the tests: other processes, killed, stopped and waited for.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    ],
    targets: [
        // The ground: the only Swift that calls libsodium, and the C that Swift cannot call.
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "CSQLiteExtras", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CSharedPage"),
        .target(name: "CSpawn"),
        .target(name: "VestigeCrypto", dependencies: ["CSodium"], swiftSettings: strict),

        // Paper and archives, for programs that make evidence packs; hosts never build them.
        .systemLibrary(name: "CPango", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .target(
            name: "VestigePaper",
            dependencies: [.target(name: "CPango", condition: evidencePacks), .target(name: "CZip", condition: evidencePacks)],
            swiftSettings: strict),

        // Four fields of knowledge that know nothing of each other.
        .target(name: "VestigeVault", dependencies: ["VestigeCrypto", "CSpawn"], swiftSettings: strict),
        .target(name: "VestigeTrail", dependencies: ["VestigeCrypto"], swiftSettings: strict),
        .target(name: "VestigePolicy", dependencies: [yams, "VestigeCrypto"], swiftSettings: strict),
        .target(name: "VestigeDesk", swiftSettings: strict),

        // Their stores in one embedded file each.
        .target(
            name: "VestigeSQLite",
            dependencies: ["VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigeDesk", "CSQLiteExtras", grdb, grdbSQLite],
            swiftSettings: strict),

        // What Vestige does.
        .target(
            name: "VestigeCore",
            dependencies: ["VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigePolicy"],
            swiftSettings: strict),
        .target(
            name: "VestigeInquiry",
            dependencies: ["VestigeCore", "VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigePolicy"],
            swiftSettings: strict),
        .target(
            name: "VestigeRights",
            dependencies: [
                "VestigeCore", "VestigeInquiry", "VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigePolicy", "VestigeDesk",
            ],
            resources: [.embedInCode("Evidence/verify.py")], swiftSettings: strict),

        // Where it is wired.
        .target(
            name: "VestigeLocal",
            dependencies: [
                "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigeSQLite", "VestigePolicy", "VestigeVault",
                "VestigeTrail", "VestigeDesk", "VestigeCrypto", "CSharedPage",
            ],
            swiftSettings: strict),
        .target(
            name: "VestigeHummingbird",
            dependencies: ["VestigeCore", "VestigePolicy", "VestigeTrail", "VestigeVault", hummingbird, logging],
            swiftSettings: strict),
        .target(
            name: "VestigeGRDB",
            dependencies: ["VestigeCore", "VestigeCrypto", "VestigePolicy", "VestigeTrail", "VestigeVault", grdb],
            swiftSettings: strict),
        .target(
            name: "VestigeTesting",
            dependencies: [
                "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigeDesk",
                "VestigePolicy",
            ],
            swiftSettings: strict),

        // The query service; only the program composes it over a data directory.
        .target(
            name: "VestigeServer",
            dependencies: [
                "VestigeCore", "VestigeInquiry", "VestigeHummingbird", "VestigePolicy", "VestigeVault", "VestigeTrail", "VestigeDesk",
                "VestigeCrypto", hummingbird, hummingbirdCore, hummingbirdTLS, nioCore, nioHTTPTypes, nioSSL, asyncAlgorithms, jwtKit,
                serviceLifecycle, unixSignals, logging,
            ],
            swiftSettings: strict),

        // Entries to sinks, over the network and into files. Hosts that only record never build it.
        .target(
            name: "VestigeStream",
            dependencies: [
                "VestigeLocal", "VestigeInquiry", "VestigePolicy", logging, serviceLifecycle, nioCore, nioPosix, nioSSL,
            ],
            swiftSettings: strict),

        // Programs.
        .target(
            name: "PeopleDirectory",
            dependencies: [
                "VestigeCore", "VestigePolicy", "VestigeTrail", "VestigeVault", "VestigeHummingbird", "VestigeGRDB", hummingbird, grdb,
                serviceLifecycle, logging,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "VestigeCLI",
            dependencies: [
                "VestigeLocal", "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigePolicy", "VestigeVault", "VestigeTrail",
                "VestigeCrypto", "CSpawn", "VestigeDesk", "VestigeServer", "VestigeStream", "VestigePaper", "PeopleDirectory",
                argumentParser,
                configuration, logging, serviceLifecycle, unixSignals, .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "VestigeBench",
            dependencies: [
                "VestigeLocal", "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigePolicy", "VestigeVault", "VestigeTrail",
                "VestigeCrypto", "VestigeSQLite", "VestigeHummingbird", "PeopleDirectory", hummingbird, grdb, nioCore, argumentParser,
                logging,
            ],
            swiftSettings: strict),

        .target(name: "CTestWidth", path: "Tests/CTestWidth"),
        .target(
            name: "TestSupport",
            dependencies: [
                "CTestWidth",
                .product(name: "Subprocess", package: "swift-subprocess"), .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport", swiftSettings: strict),

        // A disk for SQLite that can lose its power and fail.
        .target(name: "CFaultyVFS", path: "Tests/CFaultyVFS", linkerSettings: [.linkedLibrary("sqlite3")]),

        // Tests mirror the sources.
        test("VestigeCrypto", exclude: ["Vectors"]),
        test("VestigePaper"),
        test("VestigeVault", with: ["VestigeCrypto"]),
        // With the store, since what is done to a trail's file is done to a real one.
        test(
            "VestigeTrail", with: ["VestigeSQLite", "VestigeCrypto", grdb, grdbSQLite],
            exclude: ["tlog.py", "verify_trail.py", "Tampering/Attacks"]),
        test("VestigePolicy", with: ["VestigeCrypto"], exclude: ["Invalid"]),
        test("VestigeDesk"),
        test(
            "VestigeSQLite", with: ["VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigeDesk", "CSQLiteExtras", "CFaultyVFS", grdb]),
        test("VestigeCore", with: ["VestigeInquiry", "VestigeRights", "VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigePolicy"]),
        test(
            "VestigeInquiry", with: ["VestigeCore", "VestigeRights", "VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigePolicy"],
            exclude: ["Export/Golden"]),
        test(
            "VestigeRights",
            with: ["VestigeCore", "VestigeInquiry", "VestigeCrypto", "VestigeVault", "VestigeTrail", "VestigePolicy", "VestigeDesk"],
            exclude: ["Certificate/Golden"]),
        test(
            "VestigeLocal",
            with: [
                "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigeSQLite", "VestigeCrypto", "VestigeVault", "VestigeTrail",
                "VestigePolicy", "VestigeDesk", "CSpawn", "KillableVault", "KillableRecorder", "KillablePruner",
            ], exclude: ["search_files.py", "follow_tree.py", "Certificate/verify_certificate.py", "Retention/archive.yaml"]),
        .executableTarget(
            name: "KillableRecorder", dependencies: ["VestigeLocal"], path: "Tests/KillableRecorder", swiftSettings: strict),
        .executableTarget(
            name: "KillablePruner", dependencies: ["VestigeLocal", "VestigeCore", "VestigeRights", "VestigeTrail", "VestigeCrypto"],
            path: "Tests/KillablePruner", swiftSettings: strict),
        .executableTarget(
            name: "KillableVault",
            dependencies: [
                "VestigeLocal", "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigeSQLite", "VestigeCrypto", "VestigeVault",
                "VestigeTrail", "VestigePolicy", "VestigeTesting",
            ],
            path: "Tests/KillableVault", swiftSettings: strict),
        test(
            "VestigeStream",
            with: [
                "VestigeLocal", "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigePolicy", "VestigeTrail", "VestigeVault",
                "VestigeCLI",
                logging, serviceLifecycle,
            ], exclude: ["receiver.py"]),
        test(
            "VestigeHummingbird",
            with: ["VestigeLocal", "VestigeCore", "VestigeInquiry", "VestigePolicy", "VestigeTrail", "VestigeVault", hummingbird, logging]),
        test(
            "VestigeGRDB",
            with: [
                "VestigeLocal", "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigePolicy", "VestigeTrail", "VestigeVault",
                "VestigeCrypto", "KillableHost", grdb,
            ]),
        .executableTarget(
            name: "KillableHost", dependencies: ["VestigeGRDB", "VestigeLocal", "VestigeCore", "VestigeVault", grdb],
            path: "Tests/KillableHost", swiftSettings: strict),
        test(
            "PeopleDirectory",
            with: [
                "VestigeHummingbird", "VestigeGRDB", "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigePolicy", "VestigeTrail",
                "VestigeVault", "VestigeCrypto", logging, grdb,
            ]),
        test(
            "VestigeServer",
            with: [
                "VestigeCore", "VestigeInquiry", "VestigeRights", "VestigePolicy", "VestigeTrail", "VestigeVault", "VestigeCrypto",
                "VestigeDesk",
                jwtKit, logging,
            ]),
        .testTarget(
            name: "GuideTests",
            dependencies: ["VestigeLocal", "VestigeGRDB", "VestigeHummingbird", "VestigeTesting", hummingbird, grdb], swiftSettings: strict),
        test(
            "VestigeCLI",
            with: [
                "VestigeLocal", "VestigeCore", "VestigeRights", "VestigeSQLite", "VestigeTrail", "VestigeVault", "VestigeCrypto",
                "VestigePolicy", "KillablePruner", hummingbird, logging,
            ],
            exclude: ["Transcripts", "search_memory.py"]),
    ],
    swiftLanguageModes: [.v6]
)

/// The tests of one target, beside what all of them import.
func test(_ name: String, with more: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name), "VestigeTesting", "TestSupport"] + more, exclude: exclude,
        swiftSettings: strict)
}
