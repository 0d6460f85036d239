import Glibc

extension DovecotServer {
    /// A folder's UIDVALIDITY now.
    public func uidValidity(of user: String, folder: String = "INBOX") async throws -> UInt32 {
        let answer = try await doveadm("-f", "tab", "mailbox", "status", "-u", user, "uidvalidity", folder)
        let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n")
        guard let value = lines.last?.split(separator: "\t").last, let number = UInt32(value) else {
            throw StoredMessage.UnexpectedAnswer(line: lines.joined(separator: " "))
        }
        return number
    }

    /// Changes only the number: same messages, same UIDs, which now mean nothing to a client.
    public func setUIDValidity(_ value: UInt32, of user: String, folder: String = "INBOX") async throws {
        try await doveadm("mailbox", "update", "--uid-validity", "\(value)", "-u", user, folder)
    }

    /// Gives all messages new UIDs from 1 on, in the order of their files, under `uidValidity`; what a move to another
    /// server does. The same number as before makes the server one that breaks the protocol's promise.
    public func renumber(_ user: String, folder: String = "INBOX", uidValidity: UInt32) async throws {
        let list = maildir(of: user, folder: folder) + "/dovecot-uidlist"
        // A session that ends meanwhile may write the list as it knew it: then it is done again.
        for _ in 0..<Limits.renumberings {
            try forgetIndexes(of: user, folder: folder)
            try Directory.write("3 V\(uidValidity) N1\n", to: list, mode: 0o600)
            chown(list, mailUser.identity, mailUser.group)
            try await doveadm("force-resync", "-u", user, folder)
            if try await self.uidValidity(of: user, folder: folder) == uidValidity { return }
        }
        throw NotRenumbered(folder: folder)
    }

    /// The server held to the UIDVALIDITY that the folder had.
    public struct NotRenumbered: Error, CustomStringConvertible {
        let folder: String
        public var description: String { "Dovecot did not take the new UIDVALIDITY of \(folder)" }
    }

    /// Gives files other UIDs without a word to anybody: UIDVALIDITY and UIDNEXT stay as they are.
    ///
    /// - Parameter change: gets the files' names by UID, and makes of them what they shall be.
    public func reassign(
        _ user: String, folder: String = "INBOX", _ change: (inout [UInt32: String]) throws -> Void
    ) async throws {
        let list = maildir(of: user, folder: folder) + "/dovecot-uidlist"
        let lines = try Directory.text(of: list).split(separator: "\n").map(String.init)
        var files: [UInt32: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard let uid = parts[0].split(separator: " ").first.flatMap({ UInt32($0) }) else { continue }
            files[uid] = String(parts[1])
        }
        try change(&files)
        for name in Directory.names(in: maildir(of: user, folder: folder)) where name.hasPrefix("dovecot.index") {
            unlink(maildir(of: user, folder: folder) + "/" + name)
        }
        let rest = files.sorted { $0.key < $1.key }.map { "\($0.key) :\($0.value)" }
        try Directory.write((lines.prefix(1) + rest).joined(separator: "\n") + "\n", to: list, mode: 0o600)
        chown(list, mailUser.identity, mailUser.group)
    }
}
