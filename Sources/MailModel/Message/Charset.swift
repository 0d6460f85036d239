import Glibc

/// Decodes the charsets that are found in mail.
package enum Charset {
    /// Whether `name`, in lower case, is a charset that is read here.
    static func isKnown(_ name: String) -> Bool {
        utf8.contains(name) || unsure.contains(name) || latin.contains(name) || isReadByIconv(name)
    }

    /// `bytes` as text; `nil` when `name` is no charset that is read here.
    static func decode(_ bytes: [UInt8], name: String) -> String? {
        if utf8.contains(name) { return String(decoding: bytes, as: UTF8.self) }
        if unsure.contains(name) { return undeclared(bytes) }
        if latin.contains(name) { return windows1252(bytes) }
        return isReadByIconv(name) ? iconv(bytes, from: name) : nil
    }

    private static let utf8 = ["utf-8", "utf8", "unicode-1-1-utf-8"]
    private static let unsure = ["us-ascii", "ascii", "unknown-8bit", "8bit", "x-unknown"]
    /// Senders who say ISO-8859-1 mean Windows-1252 where the two differ.
    private static let latin = ["iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "windows-1252", "cp1252"]

    /// Bytes without a declared charset: UTF-8 where they are that, else Windows-1252, which can be anything.
    package static func undeclared(_ bytes: some Collection<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self) ?? windows1252(bytes)
    }

    private static func windows1252(_ bytes: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            let scalar = (0x80...0x9F).contains(byte) ? high[Int(byte) - 0x80] : UInt16(byte)
            text.append(Unicode.Scalar(scalar) ?? "\u{FFFD}")
        }
        return String(text)
    }

    /// Windows-1252 from 0x80 to 0x9F; its five holes stay the control characters of ISO-8859-1.
    private static let high: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D,
        0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D,
        0x17E, 0x178,
    ]

    // MARK: iconv

    /// A closed list, because the name comes from a stranger and loads a converter into the process.
    private static func isReadByIconv(_ name: String) -> Bool {
        if let part = name.split(separator: "-").last, name == "iso-8859-\(part)", let number = Int(part) {
            return (2...16).contains(number) && number != 12
        }
        if let part = name.split(separator: "-").last, name == "windows-\(part)", let number = Int(part) {
            return (1250...1258).contains(number) || number == 874
        }
        return others.contains(name)
    }

    private static let others: Set = [
        "koi8-r", "koi8-u", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp",
        "iso-2022-kr", "tis-620", "macintosh", "utf-7", "utf-16", "utf-16be", "utf-16le",
    ]

    /// What cannot be converted becomes U+FFFD; one call converts one field, so opening the converter each time is
    /// fine.
    private static func iconv(_ bytes: [UInt8], from name: String) -> String? {
        let converter = iconv_open("UTF-8", name)
        // iconv_open(3) returns (iconv_t)-1 when it fails.
        guard let converter, converter != UnsafeMutableRawPointer(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }
        var input = bytes.map { CChar(bitPattern: $0) }
        // No listed charset grows by more than a factor of 4 in UTF-8.
        var output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
        var text: [UInt8] = []
        input.withUnsafeMutableBufferPointer { input in
            var next = input.baseAddress
            var left = input.count
            while left > 0 {
                text += convert(converter, &next, &left, into: &output)
                guard left > 0 else { break }
                text += Array("\u{FFFD}".utf8)
                next = next.map { $0 + 1 }
                left -= 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func convert(
        _ converter: iconv_t, _ next: inout UnsafeMutablePointer<CChar>?, _ left: inout Int,
        into output: inout [CChar]
    ) -> [UInt8] {
        let room = output.count
        return output.withUnsafeMutableBufferPointer { output in
            var target = output.baseAddress
            var free = room
            _ = Glibc.iconv(converter, &next, &left, &target, &free)
            return output.prefix(room - free).map { UInt8(bitPattern: $0) }
        }
    }
}
