/// Decodes header text: folding (RFC 5322 §2.2.3) and encoded words (RFC 2047).
///
/// What cannot be decoded stays as it is written; raw 8-bit text is read as UTF-8 or else as Windows-1252.
public enum HeaderText {
    /// `field` as a person reads it, on one line, without white space at its ends. Line ends and NUL that encoded
    /// words smuggle in become spaces.
    public static func decode(_ field: some Collection<UInt8>) -> String {
        let text = decoded(field)
        guard text.utf8.contains(where: { $0 == .carriageReturn || $0 == .lineFeed || $0 == 0 }) else { return text }
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { ["\r", "\n", "\0"].contains($0) ? " " : $0 }))
    }

    private static func decoded(_ field: some Collection<UInt8>) -> String {
        let text = Array(unfolded(field).trimmed)
        guard let first = firstMark(in: text, from: 0) else { return Charset.undeclared(text) }
        var result = ""
        var position = 0
        var mark = first
        // Bytes of the encoded words so far that may continue in the next one, which happens within a character.
        var open: (charset: String, bytes: [UInt8])?
        func close() -> String { open.map { Charset.decode($0.bytes, name: $0.charset) ?? "" } ?? "" }
        while mark < text.count {
            guard let word = EncodedWord(text, at: mark) else {
                mark = firstMark(in: text, from: mark + 2) ?? text.count
                continue
            }
            let between = text[position..<mark]
            // White space between two encoded words is not part of the text (RFC 2047 §6.2).
            if open == nil || !between.allSatisfy(\.isBlank) {
                result += close() + Charset.undeclared(between)
                open = (word.charset, word.bytes)
            } else if open?.charset == word.charset {
                open?.bytes += word.bytes
            } else {
                result += close()
                open = (word.charset, word.bytes)
            }
            position = word.end
            mark = firstMark(in: text, from: position) ?? text.count
        }
        return result + close() + Charset.undeclared(text[position...])
    }

    /// Without line ends, as a field is to be read; the white space that follows a line end stays.
    static func unfolded(_ field: some Collection<UInt8>) -> [UInt8] {
        field.filter { $0 != .carriageReturn && $0 != .lineFeed }
    }

    private static func firstMark(in text: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + 1 < text.count {
            if text[index] == UInt8(ascii: "="), text[index + 1] == UInt8(ascii: "?") { return index }
            index += 1
        }
        return nil
    }
}

/// One `=?charset?encoding?text?=` (RFC 2047 §2).
private struct EncodedWord {
    /// In lower case, without the language of RFC 2231 §5.
    var charset: String
    var bytes: [UInt8]
    /// Just behind the word.
    var end: Int

    /// `nil` when no encoded word that can be decoded begins at `start`.
    init?(_ text: [UInt8], at start: Int) {
        let mark = UInt8(ascii: "?")
        guard let charsetEnd = text[(start + 2)...].prefix(64).firstIndex(of: mark), charsetEnd + 2 < text.count,
            text[charsetEnd + 2] == mark,
            // The text has no question mark in it, so that a scan over many false starts stays linear.
            let textEnd = text[(charsetEnd + 3)...].firstIndex(of: mark), textEnd + 1 < text.count,
            text[textEnd + 1] == UInt8(ascii: "=")
        else { return nil }
        let name = text[(start + 2)..<charsetEnd].map(\.inASCIILowerCase).prefix { $0 != UInt8(ascii: "*") }
        charset = String(decoding: name, as: UTF8.self)
        let encoded = text[(charsetEnd + 3)..<textEnd]
        switch text[charsetEnd + 1].inASCIILowerCase {
        case UInt8(ascii: "b"):
            guard let decoded = Base64.decodeTolerantly(encoded) else { return nil }
            bytes = decoded
        case UInt8(ascii: "q"):
            bytes = EncodedWord.decodeQ(encoded)
        default:
            return nil
        }
        guard Charset.isKnown(charset) else { return nil }
        end = textEnd + 2
    }

    /// RFC 2047 §4.2; an equals sign without two digits stands for itself.
    private static func decodeQ(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "="), index + 2 < text.endIndex,
                let high = text[index + 1].hexadecimalValue, let low = text[index + 2].hexadecimalValue
            {
                bytes.append(high << 4 | low)
                index += 3
                continue
            }
            bytes.append(text[index] == UInt8(ascii: "_") ? .space : text[index])
            index += 1
        }
        return bytes
    }
}
