import Diagnostics
import MailModel

/// POP3's unique-ids (RFC 1939 §7) and the local numbers that stand for them, so that a POP3 mailbox is read through the
/// same ledger as a folder with UIDs.
///
/// A number is never given twice within an epoch, and later listings get higher ones. Where one listing repeats a
/// unique-id, which RFC 1939 allows for identical messages, each repetition has a number of its own.
public struct UniqueIDsTable<Access> {
    let connection: Connection

    /// The numbers of `listed`, in its order; `nil` for those that have none yet.
    public func numbers(_ folder: FolderID, epoch: Epoch, of listed: [String]) throws -> [UID?] {
        let find = try connection.statement(
            "SELECT number FROM unique_ids WHERE folder = ? AND epoch = ? AND unique_id = ? AND occurrence = ?")
        var occurrences = Occurrences()
        return try listed.map { uniqueID in
            try find.first(folder, epoch, uniqueID, occurrences.next(uniqueID)) { try $0.next(UID.self) }
        }
    }

    /// The unique-id that `number` stands for.
    public func uniqueID(_ folder: FolderID, epoch: Epoch, of number: UID) throws -> String? {
        try connection.first(
            "SELECT unique_id FROM unique_ids WHERE folder = ? AND epoch = ? AND number = ?", folder, epoch, number
        ) { try $0.next() }
    }

    /// The number that the next new unique-id will get; `nil` when all are used up.
    public func nextNumber(_ folder: FolderID, epoch: Epoch) throws -> UID? {
        let last: Int64? = try connection.value(
            "SELECT max(number) FROM unique_ids WHERE folder = ? AND epoch = ?", folder, epoch)
        return UInt32(exactly: (last ?? 0) + 1).flatMap { UID($0) }
    }

    /// Counts how often each unique-id came by; only repetitions need to be remembered.
    fileprivate struct Occurrences {
        private var seen: [String: Int] = [:]

        mutating func next(_ uniqueID: String) -> Int {
            defer { seen[uniqueID, default: 0] += 1 }
            return seen[uniqueID] ?? 0
        }
    }
}

extension UniqueIDsTable where Access == Writing {
    /// The numbers of `listed`, in its order; those without one get the next, ascending.
    public func number(_ folder: FolderID, epoch: Epoch, _ listed: [String]) throws -> [UID] {
        try FoldersTable<Writing>(connection: connection).checkEpoch(folder, epoch)
        let known = try numbers(folder, epoch: epoch, of: listed)
        let insert = try connection.statement(
            "INSERT INTO unique_ids (folder, epoch, unique_id, occurrence, number) VALUES (?, ?, ?, ?, ?)")
        var next = try nextNumber(folder, epoch: epoch)
        var occurrences = Occurrences()
        return try zip(listed, known).map { uniqueID, number in
            let occurrence = occurrences.next(uniqueID)
            if let number { return number }
            guard let number = next else { throw Self.exhausted }
            try insert.run(folder, epoch, uniqueID, occurrence, number)
            next = number == .max ? nil : UID(number.rawValue + 1)
            return number
        }
    }

    private static var exhausted: Failure {
        Failure(
            .folder, .never, operation: "state",
            reason: "More than 4,294,967,295 messages were numbered in this mailbox. Run: postbote reset.")
    }
}
