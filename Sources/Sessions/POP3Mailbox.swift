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
    public nonisolated let canMove = false
    public nonisolated let deletesAtClose = true
    public nonisolated var unownedExecutor: UnownedSerialExecutor { dialog.unownedExecutor }

    private let dialog: POP3Dialog
    private let numbering: any UniqueIDNumbering
    private let timeouts: SessionTimeouts
    private var numbers: [UID: POP3MessageNumber] = [:]
    private var sizes: [POP3MessageNumber: Int64] = [:]
    /// Messages, as STAT said; a session sees the same ones to its end (RFC 1939 §4).
    private var exists = 0
    private var isListed = false
    /// What is deleted when the session ends with QUIT; `nil`: no deletion was asked for.
    private var marked: Set<POP3MessageNumber>?

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
    public func select(_ folder: RemoteFolder, for purpose: FolderPurpose) async throws -> FolderFacts {
        let found = try await dialog.run([.stat], into: POP3Listings())
        exists = found.messages
        return FolderFacts(uidValidity: UIDValidity(1), uidNext: nil, exists: found.messages)
    }

    /// There is no folder but the open one.
    public func identities(of folders: [RemoteFolder]) -> [FolderAnswer] {
        folders.map { _ in .untold }
    }

    public func look(_ question: Look.Question) async throws -> Look { Look(present: try await list()) }

    private func list() async throws -> UIDSet {
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
        isListed = true
        return UIDSet(uids.sorted())
    }

    /// What a UID is called in this session only a listing tells.
    private func listOnce() async throws { if !isListed { _ = try await list() } }

    public func describe(
        _ uids: UIDSet, _ extent: DescriptionExtent,
        each take: @escaping @Sendable ([MessageSummary]) async throws -> Void
    ) async throws {
        try await listOnce()
        var asked: [POP3MessageNumber: MessageSummary] = [:]
        var commands: [POP3Command] = []
        var hand = SummaryHand(take)
        for uid in uids {
            guard let number = numbers[uid] else { continue }
            let summary = MessageSummary(uid: uid, size: sizes[number])
            if extent == .identity {
                asked[number] = summary
                commands.append(.top(number, lines: 0))
            } else {
                hand.add(summary)
            }
        }
        guard extent == .identity else { return try await hand.finish() }
        _ = try await dialog.run(commands, into: POP3Summaries(asked: asked, hand: hand))
    }

    public func fetch(_ uids: UIDSet, into sink: any MessageSink) async throws {
        try await listOnce()
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

    // MARK: Changing

    public func markSeen(_ uids: UIDSet) throws {
        throw POP3Mailbox.unable("mark as seen", "has no flags, so that no message can be marked as seen")
    }

    public func move(_ uids: UIDSet, to target: RemoteFolder) throws -> [UID: MessagePlace] {
        throw POP3Mailbox.unable("move", "has no folders, so that no message can be moved")
    }

    public func copy(_ uids: UIDSet, to target: RemoteFolder) throws -> [UID: MessagePlace] {
        throw POP3Mailbox.unable("copy", "has no folders, so that no message can be copied")
    }

    private static func unable(_ operation: String, _ what: String) -> Failure {
        Failure(
            .folder, .whenReconfigured(by: .operatorOfPostbote), operation: operation,
            reason: "POP3 \(what). Set after_fetch to keep or delete, or use protocol: imap for this mailbox.")
    }

    /// Marks them, each that is not marked yet; they are removed by the QUIT of `close`.
    ///
    /// - Throws: the first refusal, with the others marked.
    public func delete(_ uids: UIDSet) async throws {
        if !isListed { _ = try await list() }
        let before = marked ?? []
        let commands = uids.compactMap { numbers[$0] }.filter { !before.contains($0) }.map(POP3Command.dele)
        guard !commands.isEmpty else { return }
        // From here on the end of the session matters, also where no reply comes any more.
        marked = before
        let answer = try await dialog.run(commands, into: POP3Deletions())
        marked = before.union(answer.marked)
        if let refusal = answer.refusal { throw refusal }
    }

    /// A message that is marked is there until the session has ended.
    public func present(_ uids: UIDSet) async throws -> UIDSet {
        if !isListed { _ = try await list() }
        return UIDSet(uids.filter { numbers[$0] != nil })
    }

    // MARK: Ending

    /// Without its QUIT a session deletes nothing (RFC 1939 §6).
    @discardableResult
    public func close() async -> Failure? {
        let isDeleting = marked != nil
        marked = nil
        return await dialog.close(deleting: isDeleting)
    }
}
