import Hummingbird

/// The pages that anybody may see.
enum EntrancePages {
    static func home(viewer: Person?) -> HTML {
        Layout.page(
            "People directory", viewer: viewer,
            "<p>Who works here, how to reach them, and who has which device.</p>")
    }

    static func signIn(refused: Bool = false) -> HTML {
        let refusal: HTML = "<p class=\"error\" role=\"alert\">This address and this passphrase do not belong together.</p>"
        return Layout.page(
            "Sign in", viewer: nil,
            """
            \(refused ? refusal : "")
            <form method="post" action="/sign-in">
            <label for="email">E-mail</label><input id="email" name="email" type="email" autocomplete="username" required>
            <label for="passphrase">Passphrase</label>
            <input id="passphrase" name="passphrase" type="password" autocomplete="current-password" required>
            <p><button>Sign in</button></p>
            </form>
            """)
    }

    /// What a refused request gets: the reason, and nothing about what was asked for.
    static func error(_ status: HTTPResponse.Status) -> HTML {
        let text =
            switch status {
            case .unauthorized: "Please sign in first."
            case .forbidden: "Your role may not open this page."
            case .notFound: "There is no such page."
            case .badRequest: "Something in this form is missing or cannot be so. Nothing was changed."
            case .gone: "This person was erased. Nothing was changed."
            case .conflict: "Somebody or something else has this address or number already. Nothing was changed."
            case .contentTooLarge: "This form is too long. Nothing was changed."
            default: "The directory could not answer."
            }
        return Layout.page("\(String(status.code)) \(status.reasonPhrase)", viewer: nil, "<p class=\"error\">\(text)</p>")
    }
}
