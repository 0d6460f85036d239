/// Permission bits of a mail file.
struct FileMode {
    var bits: UInt32
}

extension Wanted where Result == FileMode {
    /// Octal as chmod takes it: `0660`, `660` or `0o660`. The owner must be able to read and write; nobody executes mail.
    /// So a mode that some tool wrote in decimal (432 for 0660) is refused.
    static var mode: Wanted {
        Wanted(words: "an octal file mode such as 0660 (the owner reads and writes, nobody executes)") { scalar in
            let digits = scalar.text.hasPrefix("0o") ? scalar.text.dropFirst(2) : scalar.text[...]
            guard (3...4).contains(digits.utf8.count),
                digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "7")).contains),
                let bits = UInt32(digits, radix: 8), bits <= 0o777, bits & 0o600 == 0o600, bits & 0o111 == 0
            else { return nil }
            return FileMode(bits: bits)
        }
    }
}
