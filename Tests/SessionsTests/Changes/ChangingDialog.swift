import Diagnostics
import MailModel
import MailProtocol
import Sessions
import TestSupport
import Transport

/// A session with a scripted server that has opened INBOX, 9 messages with the UIDs 1 to 9, for changing.
struct ChangingDialog: Sendable {
    /// What a server says it can do.
    enum Capabilities: String, Sendable {
        case exchange = "IMAP4 IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS MOVE UNSELECT CHILDREN IDLE NAMESPACE LITERAL+"
        case dovecot = "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE ESEARCH UIDPLUS MOVE CONDSTORE LIST-STATUS"
        case uidPlusOnly = "IMAP4rev1 UIDPLUS"
        case revision2 = "IMAP4rev2"
        case bare = "IMAP4rev1"
        case bareExtended = "IMAP4rev1 ESEARCH"
    }

    static let inbox = RemoteFolder(serverName: "INBOX", path: FolderPath(["INBOX"]), role: .inbox)
    static let done = RemoteFolder(serverName: "Done", path: FolderPath(["Done"]), role: nil)
    static let ours = set(5, 6)

    static func set(_ uids: UInt32...) -> UIDSet { UIDSet(uids.compactMap { UID($0) }) }

    static let selected = #"""
        C: $e SELECT "INBOX"
        S+ * 9 EXISTS
        S+ * OK [PERMANENTFLAGS (\\Answered \\Seen \\Deleted \\*)] kept
        S+ * OK [UIDVALIDITY 7] valid
        S: $e OK [READ-WRITE] done

        """#
    static let goodBye = "\nC: $z LOGOUT\nS+ * BYE\nS: $z OK done"

    static func dialog(_ capabilities: Capabilities, selected: String = selected, _ text: String) throws -> Dialog {
        try Dialog(
            """
            S: * OK ready
            C: $a CAPABILITY
            S+ * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN
            S: $a OK done
            C: $b AUTHENTICATE PLAIN $*
            S+ * CAPABILITY \(capabilities.rawValue)
            S: $b OK in
            C: $c LIST $*
            S+ * LIST () "/" INBOX
            S: $c OK done
            C: $d LSUB $*
            S: $d OK done

            """ + selected + text)
    }

    /// Opens INBOX, does `body`, and closes.
    static func run<Result: Sendable>(
        on server: ScriptedServer, for purpose: FolderPurpose = .changing,
        _ body: @Sendable (IMAPMailbox) async throws -> Result
    ) async throws -> Result {
        let endpoint = Endpoint(host: "localhost", port: server.port, tls: .none)
        let connection = try await Connection.open(
            ConnectionRequest(.imap, at: endpoint, timeout: .seconds(60)), on: EventLoop())
        let mailbox = try await IMAPMailbox.signIn(
            .password(user: "anna", password: Secret("geheim")), on: connection)
        do {
            _ = try await mailbox.select(inbox, for: purpose)
            let result = try await body(mailbox)
            await mailbox.close()
            return result
        } catch {
            await mailbox.close()
            throw error
        }
    }

    /// The same with a server that says this, and nothing else: the client has said all of it, and nothing more.
    static func run<Result: Sendable>(
        _ capabilities: Capabilities, selected: String = selected, _ text: String,
        for purpose: FolderPurpose = .changing, _ body: @Sendable (IMAPMailbox) async throws -> Result
    ) async throws -> Result {
        let server = try await ScriptedServer.start([try dialog(capabilities, selected: selected, text + goodBye)])
        do {
            let result = try await run(on: server, for: purpose, body)
            try await server.finished()
            await server.stop()
            return result
        } catch {
            try await server.finished()
            await server.stop()
            throw error
        }
    }
}
