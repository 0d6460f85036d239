import Diagnostics
import MailModel

/// What is looked for in the ledger.
public struct LedgerQuestion: Hashable, Sendable {
    public enum Subject: Hashable, Sendable {
        /// The hash of a Message-ID, as `MessageTraits.messageIDHash` has it.
        case messageID([UInt8])
        case key(DeliveryKey)
        /// Delivered in this time; what was not delivered counts by when it was written down.
        case time(Range<Timestamp>)
    }

    public var subject: Subject
    /// `nil`: all there are.
    public var folders: Set<FolderID>?

    public init(_ subject: Subject, in folders: Set<FolderID>? = nil) {
        self.subject = subject
        self.folders = folders
    }
}

/// A part of what was found, in the order in which messages came to be known.
public struct LedgerFindings: Hashable, Sendable {
    public var rows: [LedgerRow]
    /// Looked through up to here; `nil`: to the end.
    public var last: LedgerID?
}

/// Looking for messages by what no index holds: an index more would slow every delivery down, for questions that people
/// ask now and then.
extension LedgerTable {
    /// Looks through the rows behind `message`, as many as one short read may.
    ///
    /// - Parameter limit: rows to be found at most.
    public func find(
        _ question: LedgerQuestion, after message: LedgerID? = nil, limit: Int = .max
    ) throws -> LedgerFindings {
        let limit = min(limit, Limits.page)
        let first = message?.rawValue ?? 0
        if case .key(let key) = question.subject {
            let rows = try find(key).filter { $0.id.rawValue > first && isAsked($0, question) }
            return LedgerFindings(
                rows: Array(rows.prefix(limit)), last: rows.count > limit ? rows[limit - 1].id : nil)
        }
        let highest: Int64 = try connection.value("SELECT coalesce(max(id), 0) FROM ledger")
        let end = first + Limits.rowsLookedThrough
        var rows: [LedgerRow] = []
        switch question.subject {
        case .key: break
        case .messageID(let hash):
            rows = try some(
                limit, question,
                connection.statement(
                    "\(Self.select) NOT INDEXED WHERE id > ? AND id <= ? AND message_id_hash = ? ORDER BY id")
            ) { statement, body in try statement.forEach(first, end, hash, body: body) }
        case .time(let range):
            rows = try some(
                limit, question,
                connection.statement(
                    """
                    \(Self.select) NOT INDEXED WHERE id > ? AND id <= ?
                        AND coalesce(delivered, noted) >= ? AND coalesce(delivered, noted) < ? ORDER BY id
                    """)
            ) { statement, body in
                try statement.forEach(first, end, range.lowerBound, range.upperBound, body: body)
            }
        }
        if rows.count == limit, let last = rows.last { return LedgerFindings(rows: rows, last: last.id) }
        return LedgerFindings(rows: rows, last: end < highest ? LedgerID(end) : nil)
    }

    /// Where the message went, or is to go.
    public func destinations(of message: LedgerID) throws -> [DestinationName] {
        let names: String? = try connection.first(
            "SELECT names FROM destination_sets WHERE id = (SELECT destinations FROM ledger WHERE id = ?)", message
        ) { try $0.next() }
        return (names ?? "").split(separator: ",").compactMap { DestinationName(String($0)) }
    }

    private func isAsked(_ row: LedgerRow, _ question: LedgerQuestion) -> Bool {
        question.folders?.contains(row.folder) ?? true
    }

    /// The first `limit` rows of the folders in question.
    private func some(
        _ limit: Int, _ question: LedgerQuestion, _ statement: Statement,
        _ run: (Statement, (inout Row) throws -> Void) throws -> Void
    ) throws -> [LedgerRow] {
        var rows: [LedgerRow] = []
        do {
            try run(statement) { row in
                let found = try Self.row(&row)
                guard isAsked(found, question) else { return }
                rows.append(found)
                if rows.count >= limit { throw Enough() }
            }
        } catch is Enough {}
        return rows
    }
}

/// Ends a look through rows.
private struct Enough: Error {}
