/// What one of Entra's `AADSTS` numbers means to the people who have to act.
///
/// Microsoft says that programs must not react to these numbers, which change. So they only choose a sentence, and what
/// happens next is decided on `error`, `suberror` and the HTTP status.
public struct AADSTS: Hashable, Sendable {
    /// Who can change something.
    public enum Actor: String, Sendable, CaseIterable {
        /// The owner of the mailbox.
        case owner
        /// The administrator of the tenant.
        case tenant
        /// The administrator of Postbote, or of the app registration it uses.
        case `operator`
        /// Nobody: it passes by itself.
        case wait
    }

    public let number: Int
    public let actor: Actor
    public let meaning: String
    public let cure: String

    /// All that are known, in the order of the table.
    public static var all: [AADSTS] { table.entries }

    /// `nil` for a number that is not in the table.
    public init?(_ number: Int) {
        guard let index = AADSTS.table.indices[number] else { return nil }
        self = AADSTS.table.entries[index]
    }

    /// The numbers in a text such as `AADSTS7000222: The provided client secret keys are expired.`, in their order.
    public static func numbers(in text: String) -> [Int] {
        text.prefix(4096).ranges(of: "AADSTS").compactMap { range in
            Int(text[range.upperBound...].prefix(10).prefix { $0.isASCII && $0.isNumber })
        }
    }

    private init?(line: Substring) {
        let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard columns.count == 4, let number = Int(columns[0]), let actor = Actor(rawValue: String(columns[1])) else {
            return nil
        }
        self.number = number
        self.actor = actor
        meaning = String(columns[2])
        cure = String(columns[3])
    }

    private struct Table {
        let entries: [AADSTS]
        let indices: [Int: Int]

        init(_ text: String) {
            entries = text.split(separator: "\n").filter { $0.first != "#" }.map { line in
                guard let entry = AADSTS(line: line) else { fatalError("aadsts.tsv has a bad line: \(line)") }
                return entry
            }
            indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.number, $0) })
        }
    }

    /// Read at the first failure that needs it, not at the start.
    private static let table = Table(String(decoding: PackageResources.aadsts_tsv, as: UTF8.self))
}
