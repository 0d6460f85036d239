import FoundationEssentials

/// A secret that was planted, to be searched for where it must not be.
public struct MarkedSecret: Sendable, Hashable {
    /// What it is, for the test's own words.
    public let name: String
    public let octets: [UInt8]
    private let pieces: [Piece]

    private struct Piece: Sendable, Hashable {
        let form: String
        let octets: [UInt8]
    }

    public init(_ name: String, _ text: String) { self.init(name, octets: Array(text.utf8)) }

    public init(_ name: String, octets: [UInt8]) {
        precondition(octets.count >= MarkedSecret.piece, "a short secret cannot be told from chance")
        self.name = name
        self.octets = octets
        pieces = MarkedSecret.forms(of: octets).flatMap { name, form in
            MarkedSecret.pieces(of: form).map { Piece(form: name, octets: Array($0)) }
        }
    }

    public var text: String { String(decoding: octets, as: UTF8.self) }

    /// So many octets of it in a row are no chance, and too many to be anywhere.
    private static let piece = 12

    /// The forms in which a part of it stands in `place`: a secret that was cut is a secret.
    public func forms(in place: [UInt8]) -> [String] {
        var found: [String] = []
        for piece in pieces where found.last != piece.form && place.contains(run: piece.octets) {
            found.append(piece.form)
        }
        return found
    }

    private static func forms(of octets: [UInt8]) -> [(name: String, octets: [UInt8])] {
        [("as it is", octets), ("URL-encoded", urlEncoded(octets))]
            + [false, true].map { ("in hexadecimal", hexadecimal(octets, capital: $0)) }
            // A text's base64 depends on where it begins within a group of three octets, as it does in XOAUTH2.
            + (0..<3).flatMap { shift in
                let text = Data(octets.dropFirst(shift)).base64EncodedString().dropLast(4)
                return [
                    ("in base64", Array(text.utf8)),
                    ("in base64url", Array(text.replacing("+", with: "-").replacing("/", with: "_").utf8)),
                ]
            }
    }

    private static func urlEncoded(_ octets: [UInt8]) -> [UInt8] {
        octets.flatMap { octet in
            let letter = octet | 0x20
            let isPlain = "abcdefghijklmnopqrstuvwxyz".utf8.contains(letter) || "0123456789-._~".utf8.contains(octet)
            return isPlain ? [octet] : [UInt8(ascii: "%")] + digits(octet, capital: true)
        }
    }

    private static func hexadecimal(_ octets: [UInt8], capital: Bool) -> [UInt8] {
        octets.flatMap { digits($0, capital: capital) }
    }

    private static func digits(_ octet: UInt8, capital: Bool) -> [UInt8] {
        let text = String(octet, radix: 16, uppercase: capital)
        return Array((octet < 16 ? "0" + text : text).utf8)
    }

    /// Close together in a short secret; of a long one its beginning, its end and some between.
    private static func pieces(of octets: [UInt8]) -> [ArraySlice<UInt8>] {
        guard octets.count > piece else { return octets.isEmpty ? [] : [octets[...]] }
        let step = octets.count < 200 ? 1 : 5 * piece
        let starts = Array(stride(from: 0, through: octets.count - piece, by: step)) + [octets.count - piece]
        return starts.map { octets[$0..<($0 + piece)] }
    }
}
