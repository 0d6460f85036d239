import Diagnostics
import MailModel
import MailProtocol
import Transport

/// A mailbox reached with IMAP (RFC 3501), signed in.
///
/// It lives on its connection's event loop. Folders are read with EXAMINE and BODY.PEEK: reading changes nothing on the
/// server. Only for changing is a folder opened with SELECT, and never left with CLOSE, which expunges.
public actor IMAPMailbox: Mailbox {
    public nonisolated let keepsSession = true
    public nonisolated let canMove: Bool
    public nonisolated let deletesAtClose = false
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let loop: EventLoop
    private let connection: Connection
    let capabilities: IMAPCapabilities
    let dialog: IMAPDialog
    private let timeouts: SessionTimeouts
    /// The folder that is open for changing.
    private(set) var changing: ChangingFolder?
    /// The folder that is open for reading, by its server name.
    private var reading: (name: String, validity: UIDValidity)?
    /// What the sign-in listed, until somebody asks for it.
    private var listed: [RemoteFolder]?

    public var isOutOfStep: Bool { get async { await dialog.isOutOfStep } }

    /// Signs in on `connection`, which is closed when that fails, and lists the folders: Exchange says OK to a token that
    /// does not open the mailbox, and says so at the first command ("User is authenticated but not connected").
    ///
    /// - Throws: `Failure`; the condition is `signInRefused` when the server did not like the credential.
    public static func signIn(
        _ credential: SASLCredential, on connection: Connection, timeouts: SessionTimeouts = SessionTimeouts()
    ) async throws -> IMAPMailbox {
        do {
            let mailbox = try await IMAPSigningIn(connection, timeouts).run(credential)
            try await mailbox.listAhead()
            return mailbox
        } catch {
            await connection.close()
            throw error
        }
    }

    init(
        _ connection: Connection, parser: IMAPResponseParser, nextTag: IMAPTag, capabilities: IMAPCapabilities,
        server: IMAPServerKind, timeouts: SessionTimeouts
    ) {
        loop = connection.loop
        self.connection = connection
        self.capabilities = capabilities
        canMove = capabilities.hasMove
        self.timeouts = timeouts
        dialog = IMAPDialog(
            connection, parser: parser, nextTag: nextTag, capabilities: capabilities, server: server,
            timeouts: timeouts)
    }

    // MARK: Folders

    public func folders() async throws -> [RemoteFolder] {
        if let ahead = listed {
            listed = nil
            return ahead
        }
        return try await list()
    }

    private func listAhead() async throws { listed = try await list() }

    private func list() async throws -> [RemoteFolder] {
        let list = try await dialog.run([.list(capabilities: capabilities)], into: ListCollector())
        let subscribed = try await subscribed(among: list.entries)
        let roles = FolderRoles.assign(to: list.entries)
        return list.entries.filter { $0.isSelectable && !$0.path.isEmpty }.map { entry in
            RemoteFolder(
                serverName: entry.mailbox.spelling, path: FolderPath(entry.path), role: roles[entry.mailbox],
                isSubscribed: subscribed.contains(entry.mailbox),
                delimiter: entry.delimiter.map { String(Unicode.Scalar($0)) })
        }
    }

    /// LSUB is a wish, not a need: revision 2 has it no more, and Exchange answers BAD there. Without any answer the dialog
    /// is out of step, and nothing else may be asked. It is not sent along with LIST: a server that refuses that one for good
    /// and hangs up must find nothing unread, or its reason may be lost with the connection.
    private func subscribed(among entries: [IMAPListEntry]) async throws -> Set<IMAPMailboxName> {
        if capabilities.hasListExtended { return Set(entries.filter(\.isSubscribed).map(\.mailbox)) }
        do {
            return Set(try await dialog.run([.listSubscribed()], into: ListCollector()).entries.map(\.mailbox))
        } catch {
            guard await !dialog.isOutOfStep else { throw error }
            return []
        }
    }

    public func select(_ folder: RemoteFolder, for purpose: FolderPurpose) async throws -> FolderFacts {
        let name = IMAPMailboxName(spelling: folder.serverName)
        changing = nil
        reading = nil
        let facts = try await dialog.run(
            [purpose == .changing ? .select(name) : .examine(name)], into: SelectCollector())
        guard let uidValidity = facts.uidValidity, !facts.isNotSticky else {
            throw Failure(
                .folder, .whenReconfigured(by: .operatorOfPostbote), operation: "SELECT",
                reason:
                    "The server gives no lasting UIDs for this folder (RFC 3501 §2.3.1.1), so that mail cannot be "
                    + "told apart from one visit to the next. Fetch it with POP3, or leave the folder out.")
        }
        if purpose == .changing {
            guard !facts.isReadOnly else { throw ChangingFolder.isReadOnly }
            changing = ChangingFolder(name: name, permanentFlags: facts.permanentFlags)
        } else {
            reading = (folder.serverName, uidValidity)
        }
        return FolderFacts(
            uidValidity: uidValidity, uidNext: facts.uidNext, exists: facts.exists, mailboxID: facts.mailboxID)
    }

    /// By STATUS, which does not count messages here.
    public func identities(of folders: [RemoteFolder]) async throws -> [FolderAnswer] {
        let names = folders.map { IMAPMailboxName(spelling: $0.serverName) }
        return try await dialog.run(
            names.map { .status($0, capabilities: capabilities) }, into: StatusCollector(asked: names)
        ).answers
    }

    public func openValidity(of folder: RemoteFolder) -> UIDValidity? {
        reading.flatMap { $0.name == folder.serverName ? $0.validity : nil }
    }

    // MARK: Messages

    public func look(_ question: Look.Question) async throws -> Look {
        var keys: [IMAPSearchKey] = []
        if case .from(let uid) = question.range { keys.append(.from(uid)) }
        // The server compares days in its own zone.
        if let since = question.since { keys.append(.since(since - .seconds(86400))) }
        if keys.isEmpty { keys = [.all] }
        let search = IMAPCommand.search(keys, extended: capabilities.hasExtendedSearch)
        let anchors = question.anchors.isEmpty ? [] : IMAPCommand.fetch(question.anchors, describing)
        let answer = try await dialog.run([search] + anchors, into: LookCollector(exists: dialog.exists))
        return try answer.answer(to: question)
    }

    public func describe(
        _ uids: UIDSet, _ extent: DescriptionExtent,
        each take: @escaping @Sendable ([MessageSummary]) async throws -> Void
    ) async throws {
        let attributes: [IMAPFetchAttribute] =
            switch extent {
            case .size: [.uid, .size]
            case .date: [.uid, .size, .internalDate]
            case .identity: describing
            }
        _ = try await dialog.run(
            IMAPCommand.fetch(uids, attributes), window: Limits.pipelinedCommands, timeout: timeouts.stream,
            into: SummaryCollector(asked: uids, hand: SummaryHand(take)))
    }

    public func fetch(_ uids: UIDSet, into sink: any MessageSink) async throws {
        var attributes: [IMAPFetchAttribute] = [.uid]
        if capabilities.hasObjectID { attributes.append(.emailID) }
        if capabilities.isGmail { attributes.append(.gmailMessageID) }
        _ = try await dialog.run(
            IMAPCommand.fetch(uids, attributes + [.body]), window: Limits.pipelinedFetches, timeout: timeouts.stream,
            into: MessageCollector(asked: uids, sink: sink))
    }

    private var describing: [IMAPFetchAttribute] {
        var attributes: [IMAPFetchAttribute] = [
            .uid, .size,
            .headerFields(["MESSAGE-ID", "DATE", "FROM", "TO", "SUBJECT", "LIST-ID", "DELIVERED-TO"]),
        ]
        if capabilities.hasObjectID { attributes.append(.emailID) }
        if capabilities.isGmail { attributes.append(.gmailMessageID) }
        return attributes
    }

    // MARK: Ending

    @discardableResult
    public func close() async -> Failure? {
        if await !dialog.isOutOfStep {
            _ = try? await dialog.run([.logout], timeout: timeouts.logout, into: IgnoreResponses())
        }
        await connection.close()
        return nil
    }
}
