import MailModel

/// A path of the control API with its query, everything in it percent-encoded where it must be (RFC 3986 §2.1).
struct Target: CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - segments: what stands between the slashes.
    ///   - query: names and values; those without a value are left out.
    init(_ segments: String..., query: [(String, String?)] = []) { self.init(segments, query: query) }

    private init(_ segments: [String], query: [(String, String?)]) {
        let path = segments.map { "/" + Target.encoded($0) }.joined()
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Target.encoded($0))" } }
        description = pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
    }

    /// A path below an account.
    ///
    /// - Throws: when no account can be called so: an empty name would ask for something else.
    static func account(
        _ name: String, _ rest: String..., query: [(String, String?)] = []
    ) throws(CommandFailure) -> Target {
        guard AccountName(name) != nil else { throw CommandFailure(.notFound, "no account is called “\(name)”") }
        return Target(["v1", "accounts", name] + rest, query: query)
    }

    /// A path below a message of the queue.
    static func message(_ id: String, _ rest: String...) throws(CommandFailure) -> Target {
        guard QueueID(id) != nil else { throw CommandFailure(.notFound, "no message has the queue id “\(id)”") }
        return Target(["v1", "messages", id] + rest, query: [])
    }

    /// A path below a message in quarantine.
    static func quarantined(_ id: String, _ rest: String...) throws(CommandFailure) -> Target {
        guard Int64(id) != nil else { throw CommandFailure(.notFound, "no message in quarantine has the id “\(id)”") }
        return Target(["v1", "quarantine", id] + rest, query: [])
    }

    /// A path below a fetched message.
    static func mail(
        _ key: String, _ rest: String..., query: [(String, String?)] = []
    ) throws(CommandFailure) -> Target {
        guard DeliveryKey(key) != nil else {
            throw CommandFailure(.notFound, "no fetched message has the delivery key “\(key)”")
        }
        return Target(["v1", "mail", key] + rest, query: query)
    }

    /// All but the unreserved characters (RFC 3986 §2.3).
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(Character(Unicode.Scalar(byte)))
            default:
                result.append("%")
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return result
    }
}
