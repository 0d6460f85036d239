import Diagnostics
import MailModel
import MailProtocol
import Transport

/// Gives unique-ids their lasting numbers, so that a POP3 mailbox looks like a folder with UIDs.
public protocol UniqueIDNumbering: Sendable {
    /// The numbers of `listed`, in its order: the same for the same unique-id at every visit, higher for later ones.
    func number(_ listed: [POP3UniqueID]) async throws -> [UID]
}

/// A mailbox reached with POP3 (RFC 1939), signed in: one folder, in which unique-ids stand for UIDs.
///
/// It lives on its connection's event loop. A session sees what was there when it was opened, so it is opened for each
/// visit and ended with QUIT.
public actor POP3Mailbox: Mailbox {
    public nonisolated let keepsSession = false
    public nonisolated let findsByDate = false
    public nonisolated var unownedExecutor: UnownedSerialExecutor { dialog.unownedExecutor }

    private let dialog: POP3Dialog
    private let numbering: any UniqueIDNumbering
    private let timeouts: SessionTimeouts
    private var numbers: [UID: POP3MessageNumber] = [:]
    private var sizes: [POP3MessageNumber: Int64] = [:]
    /// Messages, as STAT said; a session sees the same ones to its end (RFC 1939 §4).
    private var exists = 0

    public var isOutOfStep: Bool { get async { await dialog.isOutOfStep } }

    /// Signs in on `connection`, which is closed when that fails.
    ///
    /// - Throws: `Failure`; the condition is `signInRefused` when the server did not like the credential.
    public static func signIn(
        _ credential: SASLCredential, on connection: Connection, numbering: any UniqueIDNumbering,
        timeouts: SessionTimeouts = SessionTimeouts()
    ) async throws -> POP3Mailbox {
        let dialog = await POP3Dialog(connection, timeouts)
        do {
            try await dialog.signIn(credential)
            return POP3Mailbox(dialog, numbering, timeouts)
        } catch {
            await connection.close()
            throw error
        }
    }

    private init(_ dialog: POP3Dialog, _ numbering: any UniqueIDNumbering, _ timeouts: SessionTimeouts) {
        self.dialog = dialog
        self.numbering = numbering
        self.timeouts = timeouts
    }

    /// POP3 has one mailbox and no name for it.
    public func folders() -> [RemoteFolder] {
        [RemoteFolder(serverName: "INBOX", path: FolderPath(["INBOX"]), role: .inbox, isSubscribed: true)]
    }

    /// Unique-ids are for ever (RFC 1939 §7), so there is one validity and no next UID to be told.
    public func select(_ folder: RemoteFolder) async throws -> FolderFacts {
        let found = try await dialog.run([.stat], into: POP3Listings())
        exists = found.messages
        return FolderFacts(uidValidity: UIDValidity(1), uidNext: nil, exists: found.messages)
    }

    public func look(_ question: Look.Question) async throws -> Look {
        let found = try await dialog.run([.uidl, .list], into: POP3Listings())
        guard found.uniqueIDs.count >= exists else {
            throw Failure(
                .folder, .later(after: nil), operation: "UIDL",
                reason: "The server listed \(found.uniqueIDs.count) messages in a mailbox of \(exists). Nothing is "
                    + "concluded from that; it is looked at again later.")
        }
        let uids = try await numbering.number(found.uniqueIDs.map(\.value))
        numbers = Dictionary(zip(uids, found.uniqueIDs.map(\.number))) { first, _ in first }
        sizes = Dictionary(found.sizes.map { ($0.number, $0.value) }) { first, _ in first }
        return Look(present: UIDSet(uids.sorted()))
    }

    public func describe(_ uids: UIDSet, _ extent: DescriptionExtent) async throws -> [MessageSummary] {
        let listed = uids.compactMap { uid in numbers[uid].map { (uid: uid, number: $0) } }
        var headers: [POP3MessageNumber: MessageHeaders] = [:]
        if extent == .identity {
            let commands = listed.map { POP3Command.top($0.number, lines: 0) }
            headers = try await dialog.run(commands, into: POP3Headers()).headers
        }
        return listed.map { uid, number in
            MessageSummary(uid: uid, size: sizes[number], headers: headers[number])
        }
    }

    public func fetch(_ uids: UIDSet, into sink: any MessageSink) async throws {
        var asked: [POP3MessageNumber: UID] = [:]
        var commands: [POP3Command] = []
        var gone: [MessagePiece] = []
        for uid in uids {
            guard let number = numbers[uid] else {
                gone.append(.gone(uid))
                continue
            }
            asked[number] = uid
            commands.append(.retr(number))
        }
        if !gone.isEmpty { try await sink.take(gone) }
        _ = try await dialog.run(
            commands, timeout: timeouts.stream, into: POP3Messages(asked: asked, hand: SinkHand(sink)))
    }

    public func close() async { await dialog.close() }
}
