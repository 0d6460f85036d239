import Diagnostics

/// A log record in the journal's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
struct JournalEntry {
    private(set) var bytes: [UInt8] = []

    init(_ record: LogRecord, identifier: String) {
        append("MESSAGE", LogLine(record).description)
        append("PRIORITY", String(record.priority.rawValue))
        append("SYSLOG_IDENTIFIER", identifier)
        for field in record.fields { append(field.key.description, field.value) }
    }

    /// `KEY=value` and a line end; a value that holds a line end itself goes in the binary form: the key on a line of
    /// its own, the length in 8 octets, little endian, and the value.
    private mutating func append(_ key: String, _ value: String) {
        bytes += key.utf8
        if value.utf8.contains(UInt8(ascii: "\n")) {
            bytes.append(UInt8(ascii: "\n"))
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes += $0 }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\n"))
    }
}
