import Diagnostics

/// The fields of a message's header that decide which message it is.
public struct MessageHeaders: Hashable, Sendable {
    public enum Field: UInt8, Sendable, CaseIterable {
        case messageID, date, from, to, subject, listID, deliveredTo
    }

    /// Octets of the header, with the blank line that ends it.
    public internal(set) var length = 0
    /// The blank line was found; without it everything counts as header.
    public internal(set) var hasEnd = false
    /// A field was cut off because the header holds more than is kept.
    public internal(set) var isCut = false

    /// The values as they came, still folded but without line ends, each followed by one line feed.
    private var text: [UInt8] = []
    private var entries: [Entry] = []
    private var lastIsOpen = false

    private struct Entry: Hashable {
        var field: Field
        var range: Range<Int>
    }

    public init() {}

    /// - Parameter octets: of the fields that will be kept, at most.
    init(reserving octets: Int) {
        text.reserveCapacity(octets)
        entries.reserveCapacity(Field.allCases.count)
    }

    /// The headers of a message, or of the piece of one that holds the wanted fields.
    public init(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        var scanner = HeaderScanner(reserving: bytes.count)
        scanner.push(bytes[...])
        self = scanner.finish()
    }

    // MARK: Reading

    /// The values of all fields of that name, in their order, unfolded.
    public func values(of field: Field) -> [ArraySlice<UInt8>] {
        entries.filter { $0.field == field }.map { text[$0.range] }
    }

    /// The value of the first field of that name, unfolded.
    public func value(of field: Field) -> ArraySlice<UInt8>? {
        entries.first { $0.field == field }.map { text[$0.range] }
    }

    /// The message identifier without angle brackets and white space, by the rules of `MessageID`.
    public var messageID: MessageID? { value(of: .messageID).flatMap { MessageID(field: $0) } }

    /// The date in the header, which the sender chose.
    public var date: Timestamp? { value(of: .date).flatMap { MessageDate.parse($0) } }

    /// The subject as a person reads it; empty without one.
    public var subject: String { value(of: .subject).map { HeaderText.decode($0) } ?? "" }

    /// The mailing list's identifier (RFC 2919), between the angle brackets where there are any, in lower case.
    public var listID: String? {
        guard let value = value(of: .listID)?.trimmed, !value.isEmpty else { return nil }
        return String(decoding: MessageID.betweenBrackets(value), as: UTF8.self).lowercased()
    }

    /// The address this copy was delivered to last.
    public var deliveredTo: String? {
        guard let value = value(of: .deliveredTo)?.trimmed, !value.isEmpty else { return nil }
        return String(decoding: value, as: UTF8.self)
    }

    public func addresses(in field: Field) -> AddressList {
        AddressList(Array(values(of: field).joined(separator: [UInt8(ascii: ",")])))
    }

    // MARK: Building

    mutating func beginField(_ field: Field, with value: UnsafeRawBufferPointer, limit: Int) {
        lastIsOpen = true
        guard text.count < limit else {
            lastIsOpen = false
            isCut = true
            return
        }
        entries.append(Entry(field: field, range: text.count..<text.count))
        append(value, limit: limit)
    }

    mutating func continueField(with value: UnsafeRawBufferPointer, limit: Int) {
        guard lastIsOpen else { return }
        text.removeLast()
        append(value, limit: limit)
    }

    mutating func skipField() { lastIsOpen = false }

    /// The line just read was longer than what is kept of it.
    mutating func noteCut() { if lastIsOpen { isCut = true } }

    private mutating func append(_ value: UnsafeRawBufferPointer, limit: Int) {
        let room = max(0, limit - text.count)
        text.append(contentsOf: value.prefix(room))
        if value.count > room { isCut = true }
        let last = entries.count - 1
        entries[last].range = entries[last].range.lowerBound..<text.count
        // The line feed makes empty fields count against the limit too.
        text.append(.lineFeed)
    }
}
