import Diagnostics
import MailModel
import MailProtocol
import Sessions
import TestSupport
import Testing
import Transport

/// Servers that say what none should say: a failure at most, never the end of the service.
@Suite("A server that says what none should say") struct StrangeServersTests {
    private static let password = SASLCredential.password(user: "anna", password: Secret("secret"))

    private func connect(_ service: MailService, _ server: ScriptedServer) async throws -> Connection {
        let endpoint = Endpoint(host: "localhost", port: server.port, tls: .none)
        return try await Connection.open(
            ConnectionRequest(service, at: endpoint, timeout: .seconds(60)), on: EventLoop())
    }

    @Test("welcome and good-bye at once, to a POP3 sign-in", arguments: ["-ERR bye", "+OK bye"])
    func welcomeAndGoodBye(goodBye: String) async throws {
        let server = try await ScriptedServer.start(
            """
            S: +OK ready
            C: CAPA
            S+ +OK
            S+ USER
            S: .
            C: USER anna
            S: +OK
            C: PASS secret
            S+ +OK Welcome
            S: \(goodBye)
            REST
            """)
        let connection = try await connect(.pop3, server)
        let failure = await #expect(throws: Failure.self) {
            _ = try await POP3Mailbox.signIn(Self.password, on: connection, numbering: Numbering())
        }
        #expect(failure?.scope == .direction)
        await server.stop()
    }

    @Test("welcome and good-bye at once, to an SMTP sign-in", arguments: ["421 4.3.2 closing", "250 once more"])
    func welcomeAndGoodByeOfSubmission(goodBye: String) async throws {
        let server = try await ScriptedServer.start(
            """
            S: 220 ready
            C: EHLO $*
            S+ 250-localhost
            S: 250 AUTH PLAIN
            C: AUTH PLAIN $*
            S+ 235 2.7.0 welcome
            S: \(goodBye)
            REST
            """)
        let connection = try await connect(.smtp, server)
        let failure = await #expect(throws: Failure.self) {
            _ = try await SMTPSubmitter.signIn(Self.password, on: connection)
        }
        #expect(failure?.scope == .direction)
        await server.stop()
    }

    @Test("a UIDL that leaves messages out is not believed")
    func shortUIDL() async throws {
        let server = try await ScriptedServer.start(
            """
            S: +OK ready
            C: CAPA
            S+ +OK
            S+ USER
            S: .
            C: USER anna
            S: +OK
            C: PASS secret
            S: +OK Welcome
            C: STAT
            S: +OK 2 100
            C: UIDL
            S+ +OK
            S+ 1 one
            S: .
            C: LIST
            S+ +OK
            S+ 1 50
            S: .
            C: QUIT
            S: +OK
            """)
        let mailbox = try await POP3Mailbox.signIn(
            Self.password, on: try await connect(.pop3, server), numbering: Numbering())
        _ = try await mailbox.select(await mailbox.folders()[0])
        let failure = await #expect(throws: Failure.self) { _ = try await mailbox.look(Look.Question(.all)) }
        #expect(failure?.scope == .folder)
        await mailbox.close()
        await server.stop()
    }

    @Test("folders without a name are left out, and a name that is no UTF-8 goes back as it came")
    func folderNames() async throws {
        let server = try await ScriptedServer.start(
            """
            S: * OK ready
            C: $a CAPABILITY
            S+ * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN
            S: $a OK done
            C: $b AUTHENTICATE PLAIN $*
            S+ * CAPABILITY IMAP4rev1 SASL-IR
            S: $b OK in
            C: $c LIST $*
            S+ * LIST () "/" ""
            S+ * LIST () "/" "///"
            S+ * LIST () NIL ""
            S+ * LIST () "/" INBOX
            S+ * LIST () "." "Caf\\xE9.B\\xFCro"
            S: $c OK done
            C: $d LSUB $*
            S: $d OK done
            C: $e EXAMINE {9}
            S: + go on
            C= 9
            C:
            S+ * 0 EXISTS
            S+ * OK [UIDVALIDITY 7] valid
            S: $e OK done
            C: $f LOGOUT
            S+ * BYE
            S: $f OK done
            """)
        let mailbox = try await IMAPMailbox.signIn(Self.password, on: try await connect(.imap, server))
        let folders = try await mailbox.folders()
        #expect(folders.count == 2)
        let other = try #require(folders.last)
        #expect(other.delimiter == ".")
        #expect(other.path.components.count == 2)
        #expect(try await mailbox.select(other).exists == 0)
        await mailbox.close()
        try await server.finished()
        let octets = Array("Caf".utf8) + [0xE9] + Array(".B".utf8) + [0xFC] + Array("ro".utf8)
        #expect(server.records.first?.transcript.entries.contains(.client(octets)) == true)
        await server.stop()
    }
}

/// Numbers unique-ids in their order.
private struct Numbering: UniqueIDNumbering {
    func number(_ listed: [POP3UniqueID]) -> [UID] { listed.indices.compactMap { UID(UInt32($0 + 1)) } }
}
