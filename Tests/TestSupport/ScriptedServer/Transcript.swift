/// What went over one connection, in its order.
public struct Transcript: Sendable, Hashable {
    public enum Entry: Sendable, Hashable {
        case client([UInt8])
        case server([UInt8])
    }

    public private(set) var entries: [Entry] = []

    /// All that the client sent in steps that expected it.
    public var clientBytes: [UInt8] {
        entries.flatMap { entry -> [UInt8] in
            if case .client(let bytes) = entry { bytes } else { [] }
        }
    }

    /// The same as lines without their ends.
    public var clientLines: [String] {
        String(decoding: clientBytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    mutating func received(_ bytes: [UInt8]) { if !bytes.isEmpty { entries.append(.client(bytes)) } }
    mutating func sent(_ bytes: [UInt8]) { entries.append(.server(bytes)) }
}
