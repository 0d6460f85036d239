import Foundation

/// Words and people of the corpus, and how they are written in a message.
enum MessageText {
    /// Names as a header field has them.
    static let people: [(name: String, address: String)] = [
        ("Jürgen Groß", "juergen.gross@example.net"), ("Anna Schmidt", "anna@example.test"),
        ("Zoë Łukasiewicz", "zoe@example.org"), ("Support", "support@example.com"),
        ("山田太郎", "yamada@example.jp"), ("O'Brien, Seán", "sean.obrien@example.ie"),
    ].map { (encoded($0.0), $0.1) }

    static let plainSentences = [
        "Please find the figures below.", "The delivery arrives on Tuesday.", "We have not received the invoice yet.",
        "Many thanks for your help.", "From now on the new address applies.", "Let us talk about it next week.",
    ]

    static let sentences =
        plainSentences + [
            "Anbei die gewünschten Unterlagen für die nächste Prüfung.",
            "Über eine Rückmeldung würden wir uns freuen.",
            "Die Straße ist wegen Bauarbeiten gesperrt, bitte fahren Sie über Köln.",
            "Le café est prêt, à bientôt.", "価格表を添付しました。", "Der Preis beträgt 1.299,00 € zuzüglich Versand.",
        ]

    enum Encoding: String, CaseIterable {
        case sevenBit = "7bit"
        case eightBit = "8bit"
        case quotedPrintable = "quoted-printable"
    }

    /// The sentences as lines of a body, encoded once for all messages.
    static let lines: [Encoding: [[UInt8]]] = [
        .sevenBit: plainSentences.map { Array("\($0)\r\n".utf8) },
        .eightBit: sentences.map { Array("\($0)\r\n".utf8) },
        .quotedPrintable: sentences.map { Array("\(quotedPrintable($0))\r\n".utf8) },
    ]

    static let htmlLines = sentences.map { Array("\(quotedPrintable("<p>\($0)</p>"))\r\n".utf8) }

    static let longSubject =
        "Änderungsvereinbarung über die Lieferung größerer Mengen süßer Äpfel, Birnen und Zwetschgen nach Österreich im März"

    /// Encoded words (RFC 2047 §2), folded, where the text is not ASCII.
    static func encoded(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 128 }) { return text.contains(",") ? "\"\(text)\"" : text }
        var words: [String] = []
        var current = ""
        for character in text {
            // An encoded word has at most 75 characters, and none is cut inside a character.
            if (current + String(character)).utf8.count > 42 {
                words.append(current)
                current = ""
            }
            current.append(character)
        }
        words.append(current)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// RFC 2045 §6.7.
    static func quotedPrintable(_ text: String) -> String {
        var result = ""
        var length = 0
        for byte in text.utf8 {
            let isPlain = (byte > 32 && byte < 127 && byte != UInt8(ascii: "=")) || byte == 32
            let piece = isPlain ? String(UnicodeScalar(byte)) : "=" + String(byte, radix: 16, uppercase: true)
            if length + piece.utf8.count > 75 {
                result += "=\r\n"
                length = 0
            }
            result += piece
            length += piece.utf8.count
        }
        return result
    }
}
