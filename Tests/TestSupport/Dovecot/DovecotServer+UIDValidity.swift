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
        let maildir = maildir(of: user, folder: folder)
        try forgetIndexes(of: user, folder: folder)
        let list = "3 V\(uidValidity) N1\n"
        try Directory.write(list, to: "\(maildir)/dovecot-uidlist", mode: 0o600)
        chown("\(maildir)/dovecot-uidlist", mailUser.identity, mailUser.group)
        try await doveadm("force-resync", "-u", user, folder)
    }
}
