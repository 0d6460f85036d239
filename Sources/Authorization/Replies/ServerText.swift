import Diagnostics

/// A server's own words, made fit to be shown: one line, short, and without anything we sent in confidence.
struct ServerText {
    /// A piece of this length tells a secret from chance.
    private static let piece = 12

    private let forbidden: Set<[UInt8]>
    /// Forms that are shorter than a piece, such as those of most passwords.
    private let forbiddenShort: [[UInt8]]

    /// - Parameter secrets: what was sent with the request, found again as it is, URL-encoded and in base64.
    init(without secrets: [Secret]) {
        let forms = secrets.flatMap { secret in secret.withBytes { ServerText.forms(of: $0) } }
        forbidden = forms.reduce(into: []) { $0.formUnion(ServerText.pieces(of: $1)) }
        // Five characters or less may be a word of the server's own.
        let ends = secrets.flatMap { secret in secret.withBytes { ServerText.ends(of: $0) } }
        forbiddenShort = (forms + ends).filter { 6..<ServerText.piece ~= $0.count }
    }

    /// An error code as RFC 6749 §5.2 means it, a word; `nil` when `text` is none.
    func code(_ text: String) -> String? {
        let isWord = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: " ") || Character(Unicode.Scalar(byte)).isLetter
                || Character(Unicode.Scalar(byte)).isNumber || "_-.".utf8.contains(byte)
        }
        return isWord && text.utf8.count <= Limits.errorCode ? whole(text) : nil
    }

    /// `text` as it is; `nil` when it repeats a secret.
    func whole(_ text: String) -> String? {
        repeatsSecret(Array(text.utf8)) ? nil : text
    }

    private func repeatsSecret(_ bytes: [UInt8]) -> Bool {
        !forbidden.isDisjoint(with: ServerText.pieces(of: bytes))
            || forbiddenShort.contains { short in
                bytes.indices.contains { bytes[$0...].starts(with: short) }
            }
    }

    /// `nil` when `text` says nothing.
    func line(_ text: String) -> String? {
        // Entra's description goes on with trace ids, which only its support can use.
        let bytes = Array(text.utf8.prefix(8192))
        guard !repeatsSecret(bytes) else {
            return "(withheld, because it repeats a secret)"
        }
        let line = String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix { $0 != "\r" && $0 != "\n" }
        let visible = line.map { $0.properties.generalCategory == .control ? " " : $0 }
        let result = String(ServerText.withoutTokens(visible).prefix(Limits.serverLine))
        return result.allSatisfy { $0 == " " } ? nil : result
    }

    /// What looks like a token is cut, whoever it was given to: no word is as long, and no id of Entra's.
    private static func withoutTokens(_ scalars: [Unicode.Scalar]) -> String {
        var text = String.UnicodeScalarView()
        var run = String.UnicodeScalarView()
        for scalar in scalars + [" "] {
            if scalar.isASCII, scalar.properties.isAlphabetic || "0123456789-_~+=%".unicodeScalars.contains(scalar) {
                run.append(scalar)
                continue
            }
            text.append(contentsOf: run.count > Limits.wordInServerLine ? "\u{2026}".unicodeScalars : run)
            run.removeAll()
            text.append(scalar)
        }
        return String(text.dropLast())
    }

    private static func pieces(of bytes: [UInt8]) -> Set<[UInt8]> {
        guard bytes.count >= piece else { return [] }
        return Set((0...(bytes.count - piece)).map { Array(bytes[$0..<($0 + piece)]) })
    }

    private static func forms(of bytes: [UInt8]) -> [[UInt8]] {
        // Base64 of a text depends on where the text begins within a group of three octets.
        let shifted = (0..<3).map { shift in base64(Array(bytes.dropFirst(shift))) }
        return [bytes, FormBody.escape(bytes)] + shifted
    }

    /// In base64, where the secret is the last that is encoded, as in PLAIN.
    private static func ends(of bytes: [UInt8]) -> [[UInt8]] {
        (0..<3).map { shift in
            let rest = Array(bytes.dropFirst(shift))
            let missing = (3 - rest.count % 3) % 3
            return base64(rest + [UInt8](repeating: 0, count: missing)).dropLast(missing)
        }
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count - bytes.count % 3, by: 3) {
            let group = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
            text += [18, 12, 6, 0].map { alphabet[group >> $0 & 63] }
        }
        return text
    }
}
