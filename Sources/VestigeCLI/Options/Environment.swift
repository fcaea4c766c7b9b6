import Foundation
import VestigeCore

/// What the program takes from its surroundings: variables and the account that runs it.
enum Environment {
    static func value(_ name: String) -> String? {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
        return value
    }

    /// A token names another asker than the account; ignoring one would record the wrong person.
    static func refuseToken() throws(Failure) {
        guard ProcessInfo.processInfo.environment["VESTIGE_TOKEN"] != nil else { return }
        throw .usage(
            "VESTIGE_TOKEN is set, but commands ask as the account of the operating system; nothing was done",
            hint: "tokens are for the query service; unset it, and the account is recorded as the one who asks")
    }

    /// The account of the operating system, as the one who asks.
    static func account() -> AuditActor {
        let number = geteuid()
        let name = getpwuid(number).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } ?? "uid-\(number)"
        return AuditActor(.user, id: name, name: name, session: "operating-system account")
    }
}
