import MailModel

/// What a server said it can do in its reply to CAPA (RFC 2449).
public struct POP3Capabilities: Hashable, Sendable {
    /// The names of SASL mechanisms, in upper case (RFC 5034 §3).
    public var mechanisms: [String] = []
    public var hasUser = false
    public var hasTop = false
    public var hasUIDL = false
    public var hasPipelining = false
    /// RFC 2595 §4.
    public var hasSTLS = false
    /// RFC 6856; nothing here depends on it.
    public var hasUTF8 = false
    /// Seconds that must pass between two sign-ins (RFC 2449 §6.5).
    public var loginDelay: Duration?
    /// Days that messages stay on the server; 0: they are gone after they were fetched. `nil`: not said, or for ever.
    public var expireDays: Int?
    /// All names, in upper case.
    public var names: Set<String> = []

    public init() {}

    /// From the lines of a reply to CAPA; status line and final dot may be among them.
    public init(lines: some Sequence<String>) {
        for line in lines { read(line) }
    }

    /// From all that the server said while the connection was made: greeting, replies to CAPA, perhaps to STLS
    /// between two of them. The last reply to CAPA counts: what was said in clear is void (RFC 2595 §4).
    public init(transcript: some Collection<UInt8>) {
        let lines = transcript.split(separator: .lineFeed).map { String(decoding: $0.trimmedOfReturn, as: UTF8.self) }
        let end = lines.lastIndex(of: ".") ?? lines.endIndex
        let start = lines[..<end].lastIndex { $0.hasPrefix("+OK") } ?? lines.startIndex
        self.init(lines: lines[start..<end])
    }

    private mutating func read(_ line: String) {
        let words = line.split(separator: " ").map { $0.uppercased() }
        guard let name = words.first, name != ".", !name.hasPrefix("+"), !name.hasPrefix("-") else { return }
        names.insert(name)
        switch name {
        case "SASL":
            for mechanism in words.dropFirst() where !mechanisms.contains(mechanism) { mechanisms.append(mechanism) }
        case "USER": hasUser = true
        case "TOP": hasTop = true
        case "UIDL": hasUIDL = true
        case "PIPELINING": hasPipelining = true
        case "STLS": hasSTLS = true
        case "UTF8": hasUTF8 = true
        case "LOGIN-DELAY":
            loginDelay = words.dropFirst().first.flatMap { Int($0) }.flatMap {
                $0 >= 0 ? .seconds(min($0, 86400)) : nil
            }
        case "EXPIRE":
            expireDays = words.dropFirst().first.flatMap { Int($0) }
        default: break
        }
    }
}

extension Collection<UInt8> {
    fileprivate var trimmedOfReturn: [UInt8] { filter { $0 != .carriageReturn } }
}
