/// Why a token was not made or not revoked. No message holds an id of anybody or a token.
package enum TokenError: Error, Sendable, Equatable, CustomStringConvertible {
    case undeclared(String)
    case badHolder(known: [String])
    /// A person who is to see their own looks has none.
    case nothingRecorded
    case holderErased
    case badRange
    case badDays(max: Int)
    case badLimit
    case noSuchToken

    package var description: String {
        switch self {
        case .undeclared(let problem): "\(problem); no token was made"
        case .badHolder(let known):
            "the holder is KIND/ID, such as user/7 or api/billing; kinds are: \(known.joined(separator: ", ")); no token was made"
        case .nothingRecorded: "nothing is recorded of this person as somebody concerned, so there is nothing to see; no token was made"
        case .holderErased: "the holder was erased, or their key is being destroyed; no token was made"
        case .badRange: "an address is a range such as 10.0.0.0/8 or 2001:db8::7, without bits behind the prefix; no token was made"
        case .badDays(let max): "a token is good for 1 to \(max) days; no token was made"
        case .badLimit: "a limit is 1 or more requests a minute; no token was made"
        case .noSuchToken: "no token has this id; `vestige token list` shows them; nothing was revoked"
        }
    }
}
