import Hummingbird
import VestigeCore

/// A piece of HTML. Text that is interpolated into it is escaped; only HTML goes in as it is, so a forgotten escape does not compile away.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    let source: String

    init(stringLiteral literal: String) {
        source = literal
    }

    init(stringInterpolation: StringInterpolation) {
        source = stringInterpolation.source
    }

    struct StringInterpolation: StringInterpolationProtocol {
        var source = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            source.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        mutating func appendLiteral(_ literal: String) {
            source += literal
        }

        mutating func appendInterpolation(_ text: String) {
            for scalar in text.unicodeScalars {
                switch scalar {
                case "&": source += "&amp;"
                case "<": source += "&lt;"
                case ">": source += "&gt;"
                case "\"": source += "&quot;"
                case "'": source += "&#39;"
                default: source.unicodeScalars.append(scalar)
                }
            }
        }

        mutating func appendInterpolation<Value>(_ sealed: Sealed<Value>) {
            appendInterpolation(sealed.shown)
        }

        mutating func appendInterpolation(_ html: HTML) {
            source += html.source
        }

        mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { source += piece.source }
        }
    }
}

extension HTML {
    /// The page as an answer. It runs no script, loads nothing and sends its forms only to this host.
    func response(_ status: HTTPResponse.Status = .ok) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        headers[.xContentTypeOptions] = "nosniff"
        if let referrerPolicy = HTTPFields.Element.Name("Referrer-Policy") {
            headers[referrerPolicy] = "same-origin"
        }
        let buffer = ByteBuffer(string: source)
        headers[.contentLength] = String(buffer.readableBytes)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }
}
