import Configuration
import Foundation
import SystemPackage
import VestigeLocal
import VestigeServer
import VestigeStream

/// How the service is set up: by flags, else by variables (`VESTIGE_HTTP_PORT` for `http.port`), else by a file in YAML.
struct ServeSettings {
    private static let names: [(key: String, flag: String)] = [
        ("http.host", "--host"), ("http.port", "--port"), ("http.plain", "--plain"), ("tls.certificate", "--tls-certificate"),
        ("tls.key", "--tls-key"), ("limits.connections", "--connections"), ("limits.requests-per-minute", "--requests-per-minute"),
    ]

    let data: String?
    let keyring: String?
    let oidcKeys: String?
    let tenants: String?
    /// Why entries leave for the sinks of the policy; `nil`: this process streams nothing.
    let streamPurpose: String?
    let sinkTLS: SinkTLS
    let service: ServiceConfiguration

    /// - Parameters:
    ///   - flags: what was given on the command line, by key.
    ///   - file: a YAML file; `nil`: none.
    /// - Throws: ``Failure`` that says which setting is wrong.
    static func read(flags: [String: String], file: String?) async throws -> ServeSettings {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(
                name: "flags",
                values: Dictionary(
                    uniqueKeysWithValues: flags.map {
                        (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(.string($0.value), isSecret: false))
                    })),
            EnvironmentVariablesProvider().prefixKeys(with: "vestige"),
        ]
        if let file {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)))
            } catch {
                throw Failure.usage("--config: \(file) cannot be read as YAML; nothing was started")
            }
        }
        return try ServeSettings(ConfigReader(providers: providers), hasOwnData: flags["data"] != nil && flags["tenants"] == nil)
    }

    private init(_ config: ConfigReader, hasOwnData: Bool) throws(Failure) {
        data = config.string(forKey: "data")
        keyring = config.string(forKey: "keyring")
        oidcKeys = config.string(forKey: "oidc.keys")
        // A flag wins over a variable: --data means this directory and no other.
        tenants = hasOwnData ? nil : config.string(forKey: "tenants")
        streamPurpose = config.string(forKey: "stream.purpose")
        sinkTLS = SinkTLS(
            authorities: config.string(forKey: "stream.ca"), certificate: config.string(forKey: "stream.certificate"),
            key: config.string(forKey: "stream.key"))
        // A key set decides who is let in: in clear only from this machine.
        guard oidcKeys?.hasPrefix("http://") != true || oidcKeys.flatMap(URL.init(string:))?.host.map(Self.isLoopback) == true else {
            throw .usage("--oidc-keys: keys are fetched by https only; nothing was started")
        }
        var service = ServiceConfiguration()
        service.host = config.string(forKey: "http.host") ?? service.host
        service.port = try Self.number(config, "http.port", 0...65_535) ?? service.port
        service.connectionCountMax = try Self.number(config, "limits.connections", 1...1_000_000) ?? service.connectionCountMax
        service.requestsPerMinute = try Self.number(config, "limits.requests-per-minute", 1...10_000_000) ?? service.requestsPerMinute
        switch (config.string(forKey: "tls.certificate"), config.string(forKey: "tls.key")) {
        case (let chain?, let key?): service.certificate = .init(chain: try Self.file(chain), key: try Self.file(key))
        case (nil, nil): break
        default: throw .usage("--tls-certificate and --tls-key go together; nothing was started")
        }
        let plain = config.string(forKey: "http.plain") ?? config.bool(forKey: "http.plain").map(String.init) ?? "false"
        guard ["true", "false"].contains(plain) else { throw .usage("http.plain is true or false; nothing was started") }
        guard service.certificate != nil || plain == "true" || Self.isLoopback(service.host) else {
            throw .usage(
                "tokens would go over the network in clear; nothing was started",
                hint: "give --tls-certificate and --tls-key, or --plain where a proxy before the service ends TLS")
        }
        self.service = service
    }

    /// The data directories to be served.
    ///
    /// - Parameter usual: where neither flag nor variable nor file says one.
    func places(else usual: Place) throws(Failure) -> [(name: String, place: Place)] {
        guard let tenants else {
            return [
                ("default", data.map { Place(data: $0, keyring: keyring) } ?? Place(data: usual.data, keyring: keyring ?? usual.keyring))
            ]
        }
        let all = Tenants(directory: tenants)
        var places: [(name: String, place: Place)] = []
        for name in try all.names() { places.append((name, try all.place(of: name))) }
        guard !places.isEmpty else {
            throw .usage("\(tenants) has no tenant; nothing was started", hint: "make one with `vestige tenant create`")
        }
        return places
    }

    private static func number(_ config: ConfigReader, _ key: String, _ range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let text = config.string(forKey: ConfigKey(key)) ?? config.int(forKey: ConfigKey(key)).map(String.init) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let flag = names.first { $0.key == key }?.flag ?? key
            throw .usage("\(flag): expected \(range.lowerBound) to \(range.upperBound); nothing was started")
        }
        return number
    }

    private static func file(_ path: String) throws(Failure) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw .usage("\(path) cannot be read; nothing was started") }
        return [UInt8](data)
    }

    private static func isLoopback(_ host: String) -> Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
