import Diagnostics
import MailModel
import MailProtocol
import Sessions
import TestSupport
import Testing
import Transport

@Suite("Folders that are not open, with IMAP") struct AskingFoldersTests {
    private func signIn(_ server: ScriptedServer) async throws -> IMAPMailbox {
        let endpoint = Endpoint(host: "localhost", port: server.port, tls: .none)
        let connection = try await Connection.open(
            ConnectionRequest(.imap, at: endpoint, timeout: .seconds(60)), on: EventLoop())
        return try await IMAPMailbox.signIn(.password(user: "anna", password: Secret("secret")), on: connection)
    }

    /// Up to the list of folders, on a server that says with it which are subscribed: LSUB is not asked for.
    private static let opening = """
        S: * OK ready
        C: $a CAPABILITY
        S+ * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN
        S: $a OK done
        C: $b AUTHENTICATE PLAIN $*
        S+ * CAPABILITY IMAP4rev1 LIST-EXTENDED OBJECTID
        S: $b OK in
        C: $c LIST "" "*" RETURN (SUBSCRIBED)
        S+ * LIST () "/" INBOX
        S+ * LIST (\\\\Subscribed \\\\HasNoChildren) "/" Rechnungen
        S+ * LIST (\\\\Subscribed \\\\NonExistent) "/" Gone
        S+ * LIST () "/" "Entw&APw-rfe"
        S+ * LIST () "/" Geheim
        S+ * LIST () "/" Leer
        S: $c OK done

        """

    private static let ending = """

        C: $z LOGOUT
        S+ * BYE
        S: $z OK done
        """

    @Test("are subscribed or not by the word of LIST, where it says so")
    func subscribed() async throws {
        let server = try await ScriptedServer.start(Self.opening + Self.ending)
        let mailbox = try await signIn(server)
        let folders = try await mailbox.folders()
        #expect(folders.map(\.serverName) == ["INBOX", "Rechnungen", "Entw&APw-rfe", "Geheim", "Leer"])
        #expect(folders.filter(\.isSubscribed).map(\.serverName) == ["Rechnungen"])
        await mailbox.close()
        try await server.finished()
        await server.stop()
    }

    @Test("are all asked before one has answered, and each answer is that of its folder")
    func identities() async throws {
        let server = try await ScriptedServer.start(
            Self.opening + """
                C: $d STATUS "INBOX" (UIDVALIDITY MAILBOXID)
                C: $e STATUS "Rechnungen" (UIDVALIDITY MAILBOXID)
                C: $f STATUS "Entw&APw-rfe" (UIDVALIDITY MAILBOXID)
                C: $g STATUS "Geheim" (UIDVALIDITY MAILBOXID)
                C: $h STATUS "Leer" (UIDVALIDITY MAILBOXID)
                S+ * STATUS Rechnungen (UIDVALIDITY 12 MAILBOXID (F12))
                S+ * STATUS inbox (MAILBOXID (F11) UIDVALIDITY 11)
                S+ $e OK done
                S+ $d OK done
                S+ * STATUS "Entw/other spelling" (UIDVALIDITY 13)
                S+ $f OK done
                S+ $g NO [NOPERM] Not for you
                S+ * STATUS Leer ()
                S: $h OK done
                """ + Self.ending)
        let mailbox = try await signIn(server)
        let answers = try await mailbox.identities(of: try await mailbox.folders())
        #expect(answers.count == 5)
        #expect(answers[0] == .told(FolderIdentity(uidValidity: UIDValidity(11), mailboxID: "F11")))
        #expect(answers[1] == .told(FolderIdentity(uidValidity: UIDValidity(12), mailboxID: "F12")))
        #expect(answers[2] == .told(FolderIdentity(uidValidity: UIDValidity(13))))
        if case .refused(let refusal) = answers[3] {
            #expect(refusal.scope == .folder)
        } else {
            Issue.record("\(answers[3])")
        }
        #expect(answers[4] == .untold)
        #expect(await !mailbox.isOutOfStep)
        await mailbox.close()
        try await server.finished()
        await server.stop()
    }

    @Test("end the session when the mailbox, not a folder of it, is refused")
    func refused() async throws {
        let server = try await ScriptedServer.start(
            Self.opening + """
                C: $d STATUS "INBOX" (UIDVALIDITY MAILBOXID)
                C: $e STATUS "Rechnungen" (UIDVALIDITY MAILBOXID)
                S+ $d BAD User is authenticated but not connected.
                S: * BYE Connection closed. 14
                REST
                """)
        let mailbox = try await signIn(server)
        let folders = try await mailbox.folders()
        let failure = await #expect(throws: Failure.self) {
            _ = try await mailbox.identities(of: Array(folders.prefix(2)))
        }
        #expect(failure?.scope == .direction)
        await mailbox.close()
        await server.stop()
    }
}
