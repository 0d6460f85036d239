import Diagnostics
import MailModel
import MailProtocol
import Sessions
import Transport

/// Does on a session all that a service does, once.
struct Visitor: Sendable {
    let service: MailService
    var timeouts = SessionTimeouts()
    /// What happens while the marker is committed.
    var marker: @Sendable (Connection) async throws -> Void = { _ in }

    /// What became of it.
    enum End: Sendable {
        case done
        /// It ended early.
        case failed(Failure)
        /// The final dot was sent and not answered.
        case inDoubt(Failure)
    }

    func run(_ port: Int, content: any MessageContent = ShortContent()) async throws -> End {
        let request = ConnectionRequest(
            service, at: Endpoint(host: "localhost", port: port, tls: .none), timeout: timeouts.connect)
        do {
            let connection = try await Connection.open(request, on: EventLoop())
            switch service {
            case .imap: try await read(IMAPMailbox.signIn(Self.credential, on: connection, timeouts: timeouts))
            case .pop3:
                try await read(
                    POP3Mailbox.signIn(
                        Self.credential, on: connection, numbering: InOrder(), timeouts: timeouts))
            case .smtp:
                let submitter = try await SMTPSubmitter.signIn(Self.credential, on: connection, timeouts: timeouts)
                return try await submit(content, submitter, connection)
            }
            return .done
        } catch let failure as Failure {
            return .failed(failure)
        }
    }

    private static let credential = SASLCredential.password(user: "anna", password: Secret("geheim"))

    private func read(_ mailbox: any Mailbox) async throws {
        do {
            let folder = try await mailbox.folders()[0]
            _ = try await mailbox.select(folder)
            let present = try await mailbox.look(Look.Question(.all)).present
            if service == .imap { _ = try await mailbox.describe(present, .identity) }
            try await mailbox.fetch(present, into: Nowhere())
        } catch {
            await mailbox.close()
            throw error
        }
        await mailbox.close()
    }

    private func submit(_ content: any MessageContent, _ submitter: SMTPSubmitter, _ connection: Connection)
        async throws -> End
    {
        let addresses = ["b@x.test", "c@x.test"].compactMap { MailAddress($0) }
        let envelope = try SMTPEnvelope(reversePath: MailAddress("anna@x.test"), recipients: addresses)
        let result = await submitter.submit(envelope, content: content) { _ in try await marker(connection) }
        await submitter.close()
        switch result.outcomes[0] {
        case .accepted: return .done
        case .deferred(let failure), .failed(let failure): return .failed(failure)
        case .inDoubt(let failure): return .inDoubt(failure)
        }
    }
}

/// Numbers unique-ids as they come.
private struct InOrder: UniqueIDNumbering {
    func number(_ listed: [POP3UniqueID]) async throws -> [UID] {
        (1...UInt32(max(1, listed.count))).prefix(listed.count).compactMap { UID($0) }
    }
}

private struct Nowhere: MessageSink {
    func take(_ pieces: [MessagePiece]) async throws {}
}

struct ShortContent: MessageContent {
    func read(from offset: Int64) async throws -> [UInt8] { offset == 0 ? Array("Subject: x\r\n\r\nx\r\n".utf8) : [] }
}

/// More than the buffers between two programs hold.
struct LongContent: MessageContent {
    func read(from offset: Int64) async throws -> [UInt8] {
        guard offset < 256 << 20 else { return [] }
        return [UInt8](repeating: UInt8(ascii: "x"), count: 62 << 10) + [13, 10]
    }
}
