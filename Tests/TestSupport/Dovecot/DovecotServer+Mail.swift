import Glibc
import Synchronization

extension DovecotServer {
    /// Puts a message into a mailbox as it is, at once and without any server's help, as a delivery agent does.
    ///
    /// Clients get these bytes exactly, as long as all lines end with CRLF and there is no NUL.
    public func deliver(_ message: [UInt8], to user: String, folder: String = "INBOX", flags: String = "") throws {
        try deliver(CollectionOfOne(message), to: user, folder: folder, flags: flags)
    }

    /// The same for many; they get UIDs in this order.
    ///
    /// - Parameter flags: Maildir's letters, such as `S` for seen (cr.yp.to/proto/maildir.html).
    public func deliver(
        _ messages: some Sequence<[UInt8]>, to user: String, folder: String = "INBOX", flags: String = ""
    ) throws {
        let maildir = try makeMaildir(of: user, folder: folder)
        for message in messages {
            let name = DeliveryName.next(size: message.count)
            let staged = "\(maildir)/tmp/\(name)"
            try Directory.write(message, to: staged, mode: 0o600)
            chown(staged, mailUser.identity, mailUser.group)
            let place = flags.isEmpty ? "new/\(name)" : "cur/\(name):2,\(flags)"
            guard rename(staged, "\(maildir)/\(place)") == 0 else { throw SystemError("rename", path: staged) }
        }
    }

    /// All messages of a folder as an IMAP client gets them, by UID.
    public func messages(of user: String, folder: String = "INBOX") async throws -> [StoredMessage] {
        let dialog =
            "a EXAMINE \(Self.quoted(ModifiedUTF7.encode(folder)))\r\nb UID FETCH 1:* (UID FLAGS BODY.PEEK[])\r\n"
        var options = ChildProcess.Options()
        options.hasInput = true
        let session = try ChildProcess(
            "doveadm", ["-c", directory("dovecot.conf"), "exec", "imap", "-u", user], options: options)
        try session.write(Array(dialog.utf8))
        // Its input stays open until then: at its end, and after LOGOUT, the server hangs up on a reader that is slow,
        // whatever it still has to say.
        try await session.output.line { line in ["b OK", "b NO", "b BAD"].contains { line.hasPrefix($0) } }
        try session.write(Array("c LOGOUT\r\n".utf8))
        try await session.exit()
        try await session.output.ended()
        session.closeInput()
        return try StoredMessage.parse(session.output.bytes)
    }

    /// Removes messages for good.
    public func expunge(_ user: String, folder: String = "INBOX", query: String = "all") async throws {
        let words = query.split(separator: " ").map(String.init)
        try await doveadm(["expunge", "-u", user, "mailbox", folder] + words)
    }

    /// How many messages of a folder a search finds (doveadm-search-query(7)).
    public func count(of user: String, folder: String = "INBOX", query: String = "all") async throws -> Int {
        let words = query.split(separator: " ").map(String.init)
        let found = try await doveadm(["search", "-u", user, "mailbox", folder] + words)
        return found.count { $0 == UInt8(ascii: "\n") }
    }

    public func createFolder(_ folder: String, of user: String) async throws {
        try await doveadm("mailbox", "create", "-u", user, folder)
    }

    public func deleteFolder(_ folder: String, of user: String) async throws {
        try await doveadm("mailbox", "delete", "-u", user, folder)
    }

    public func renameFolder(_ folder: String, to newName: String, of user: String) async throws {
        try await doveadm("mailbox", "rename", "-u", user, folder, newName)
    }

    static func quoted(_ folder: String) -> String {
        "\"" + folder.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// The directory of a folder's Maildir, made when it is not there.
    func makeMaildir(of user: String, folder: String) throws -> String {
        let path = maildir(of: user, folder: folder)
        // Dovecot makes them one by one, too, when somebody signs in meanwhile.
        if ["tmp", "new", "cur"].allSatisfy({ access("\(path)/\($0)", F_OK) == 0 }) { return path }
        for part in [directory("mail/\(user)"), maildir(of: user), path, path + "/tmp", path + "/new", path + "/cur"]
        {
            try Directory.create(part, mode: 0o700)
            chown(part, mailUser.identity, mailUser.group)
        }
        return path
    }

    func maildir(of user: String, folder: String = "INBOX") -> String {
        let inbox = directory("mail/\(user)/Maildir")
        return folder.uppercased() == "INBOX" ? inbox : inbox + "/." + folder.replacing("/", with: ".")
    }
}

/// Names of Maildir files that Dovecot sorts in the order they were made: seconds, then the number behind `M`.
enum DeliveryName {
    private static let counter = Mutex(0)

    static func next(size: Int) -> String {
        let number = counter.withLock { counter in
            counter += 1
            return counter
        }
        let (second, micro) = number.quotientAndRemainder(dividingBy: 1_000_000)
        return "\(1_700_000_000 + second).M\(micro)P\(getpid()).test,S=\(size)"
    }

    /// By which names are in the order they were made.
    static func number(of name: String) -> Int {
        let parts = name.split { ".MP".contains($0) }.prefix(2).compactMap { Int($0) }
        return parts.count == 2 ? parts[0] * 1_000_000 + parts[1] : .max
    }
}
