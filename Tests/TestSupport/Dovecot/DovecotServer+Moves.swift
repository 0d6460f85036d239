import Glibc

/// What happens to a folder when its mailbox is restored, migrated or repaired: its messages under other UIDs.
public struct Renumbering: Sendable {
    public enum Order: Sendable, CaseIterable {
        case asDelivered, reversed
    }

    public var uidValidity: UInt32
    public var order: Order
    /// The lowest UID.
    public var first: UInt32
    /// UIDNEXT at the least; it is above all UIDs in any case.
    public var uidNext: UInt32

    public init(
        uidValidity: UInt32, order: Order = .asDelivered, first: UInt32 = 1, uidNext: UInt32 = 1
    ) {
        self.uidValidity = uidValidity
        self.order = order
        self.first = first
        self.uidNext = uidNext
    }
}

extension DovecotServer {
    /// Stops the server, which ends all sessions, lets `change` loose on its files, and starts it again.
    public func whileStopped(_ change: () throws -> Void = {}) async throws {
        await stop()
        try change()
        try await start()
    }

    /// Writes a folder's list of UIDs by hand. Only while the server is stopped.
    public func renumber(_ user: String, folder: String = "INBOX", _ renumbering: Renumbering) throws {
        var files = files(of: user, folder: folder)
        if renumbering.order == .reversed { files.reverse() }
        let next = max(renumbering.uidNext, renumbering.first + UInt32(files.count))
        // doc.dovecot.org, "Maildir Mailbox Format", dovecot-uidlist: version 3.
        var lines = ["3 V\(renumbering.uidValidity) N\(next)"]
        for (index, file) in files.enumerated() {
            lines.append("\(renumbering.first + UInt32(index)) :\(file.name)")
        }
        try forgetIndexes(of: user, folder: folder)
        let list = maildir(of: user, folder: folder) + "/dovecot-uidlist"
        try Directory.write(lines.joined(separator: "\n") + "\n", to: list, mode: 0o600)
        chown(list, mailUser.identity, mailUser.group)
    }

    /// Removes the messages with these places in the order of their arrival, as a restore that lacks them. Only while the
    /// server is stopped.
    public func lose(_ places: some Sequence<Int>, of user: String, folder: String = "INBOX") throws {
        let files = files(of: user, folder: folder)
        for place in places {
            guard unlink(files[place].path) == 0 else { throw SystemError("unlink", path: files[place].path) }
        }
    }

    /// The messages' files, in the order of their arrival.
    private func files(of user: String, folder: String) -> [(name: String, path: String)] {
        let maildir = maildir(of: user, folder: folder)
        return ["new", "cur"].flatMap { part in
            Directory.names(in: "\(maildir)/\(part)").map { name in
                (String(name.prefix { $0 != ":" }), "\(maildir)/\(part)/\(name)")
            }
        }.sorted { DeliveryName.number(of: $0.0) < DeliveryName.number(of: $1.0) }
    }

    /// All that Dovecot remembers of the folder; it is rebuilt from the files at the next access.
    func forgetIndexes(of user: String, folder: String) throws {
        let maildir = maildir(of: user, folder: folder)
        for name in Directory.names(in: maildir) where name.hasPrefix("dovecot") && name != "dovecot-keywords" {
            unlink("\(maildir)/\(name)")
        }
    }
}
