import ArgumentParser
import VestigeInquiry
import VestigePolicy

/// Why a command ends with something else than 0. No message holds an id or a value of anybody.
struct Failure: Error {
    enum Code: Int32 {
        case refused = 1
        case usage = 2
    }

    let code: Code
    /// `nil` when the result on stdout has said it already, such as the findings of a verification.
    let message: String?
    let hint: String?

    static func refused(_ message: String, hint: String? = nil) -> Failure { Failure(code: .refused, message: message, hint: hint) }
    static func usage(_ message: String, hint: String? = nil) -> Failure { Failure(code: .usage, message: message, hint: hint) }
    static let findings = Failure(code: .refused, message: nil, hint: nil)

    /// Tells an error on stderr (or the help on stdout) and gives the exit code.
    static func report(_ error: any Error) -> Int32 {
        let failure: Failure
        switch error {
        case let own as Failure: failure = own
        case let error as PolicyError:
            for problem in error.problems { Output.error("\(problem)") }
            return Code.refused.rawValue
        case let error as InquiryError: failure = Failure(error)
        default: return parsing(error)
        }
        if let message = failure.message { Output.error(message) }
        if let hint = failure.hint { Output.hint(hint) }
        return failure.code.rawValue
    }

    private init(code: Code, message: String?, hint: String?) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    private init(_ error: InquiryError) {
        switch error {
        case .unavailable, .missingRight: self = .refused("\(error)")
        default: self = .usage("\(error)")
        }
    }

    /// ArgumentParser's error types are not public; their exit code tells them from everybody else's. Help and version are results,
    /// everything else of it is a usage error with code 2, not its own 64.
    private static func parsing(_ error: any Error) -> Int32 {
        let code = VestigeCommand.exitCode(for: error)
        if code == .success {
            Output.text(VestigeCommand.fullMessage(for: error) + "\n")
            return 0
        }
        guard code == .validationFailure else {
            Output.error("\(error)")
            return Code.refused.rawValue
        }
        Output.error(VestigeCommand.message(for: error))
        let usage = VestigeCommand.fullMessage(for: error).split(separator: "\n").filter { $0.hasPrefix("Usage:") || $0.hasPrefix("  See") }
        for line in usage { Output.hint(line.drop { $0 == " " }.description) }
        return Code.usage.rawValue
    }
}
