import Diagnostics
import MailModel
import MailProtocol
import Sessions
import TestSupport
import Transport

/// A mailbox on a real Dovecot, and how to come to it.
struct DovecotMailbox: Sendable {
    /// What the server can do beyond RFC 3501.
    enum Capabilities: String, CaseIterable, Sendable {
        /// Dovecot's own: MOVE, UIDPLUS, ESEARCH and more.
        case all
        case withoutMove = "IMAP4rev1 SASL-IR LITERAL+ UIDPLUS"
        case none = "IMAP4rev1"
    }

    static let user = "anna@example.test"

    let server: DovecotServer
    /// A way to the server's IMAP other than straight.
    var relay: LineCutter?

    static func start(_ capabilities: Capabilities = .all) async throws -> DovecotMailbox {
        var options = DovecotOptions(users: [.init(user)])
        if capabilities != .all { options.imapCapabilities = capabilities.rawValue }
        return DovecotMailbox(server: try await DovecotServer.start(options))
    }

    /// Small messages, in this order; `flags` are Maildir's letters.
    func deliver(_ count: Int, flags: String = "", folder: String = "INBOX") throws {
        try server.deliver(
            (0..<count).lazy.map { Array("Message-ID: <\($0)@x.test>\r\nSubject: \($0)\r\n\r\n\($0)\r\n".utf8) },
            to: Self.user, folder: folder, flags: flags)
    }

    /// Signs in, does `body`, and closes.
    func visit<Result: Sendable>(_ body: @Sendable (IMAPMailbox) async throws -> Result) async throws -> Result {
        let mailbox = try await IMAPMailbox.signIn(try credential(), on: try await connect(.imap))
        do {
            let result = try await body(mailbox)
            await mailbox.close()
            return result
        } catch {
            await mailbox.close()
            throw error
        }
    }

    func connect(_ service: MailService) async throws -> Connection {
        let port = service == .imap ? relay?.port ?? server.port(.imap) : server.port(.pop3)
        return try await Connection.open(
            ConnectionRequest(
                service, at: Endpoint(host: "localhost", port: port, tls: .none), timeout: .seconds(60)),
            on: EventLoop())
    }

    func credential() throws -> SASLCredential {
        .password(user: Self.user, password: Secret(server.password(of: Self.user) ?? ""))
    }

    /// The UIDs in a folder with their flags, without \Recent.
    func stored(_ folder: String = "INBOX") async throws -> [UInt32: [String]] {
        let messages = try await server.messages(of: Self.user, folder: folder)
        return Dictionary(messages.map { ($0.uid, $0.flags.filter { $0 != "\\Recent" }) }) { first, _ in first }
    }
}

extension IMAPMailbox {
    /// Opens the folder of that name as the server lists it.
    @discardableResult
    func open(_ name: String = "INBOX", for purpose: FolderPurpose = .changing) async throws -> FolderFacts {
        try await select(folder(name), for: purpose)
    }

    func folder(_ name: String) async throws -> RemoteFolder {
        let folders = try await folders()
        return folders.first { $0.serverName == name }
            ?? RemoteFolder(serverName: name, path: FolderPath([name]), role: nil)
    }
}
