import Diagnostics
import MailModel
import MailProtocol

// Everything goes by UID, a few hundred messages a command, so that no reply is long in coming.
extension IMAPMailbox {
    public func markSeen(_ uids: UIDSet) async throws {
        try openFolder(.store).checkKeeps(.seen)
        _ = try await change(uids) { IMAPCommand.store($0, .add, IMAPFlags(.seen)) }
    }

    public func delete(_ uids: UIDSet) async throws {
        try openFolder(.expunge).checkKeeps(.deleted)
        guard capabilities.hasUIDPlus else {
            return try await IMAPExpunge(dialog, extendedSearch: capabilities.hasExtendedSearch).run(uids)
        }
        // Not sent together: what UID EXPUNGE removes depends on what came of the STORE (RFC 3501 §5.5).
        _ = try await change(uids) { IMAPCommand.store($0, .add, IMAPFlags(.deleted)) }
        _ = try await change(uids) { IMAPCommand.expunge($0) }
    }

    public func move(_ uids: UIDSet, to target: RemoteFolder) async throws -> [UID: MessagePlace] {
        guard canMove else {
            throw Failure(
                .folder, .never, operation: IMAPOperation.move.rawValue,
                reason: "The server has no MOVE (RFC 6851): its messages are copied and then deleted.")
        }
        return try await transfer(uids, .move, to: target, IMAPCommand.move)
    }

    public func copy(_ uids: UIDSet, to target: RemoteFolder) async throws -> [UID: MessagePlace] {
        try await transfer(uids, .copy, to: target, IMAPCommand.copy)
    }

    public func present(_ uids: UIDSet) async throws -> UIDSet {
        let commands = IMAPCommand.search(uids, extended: capabilities.hasExtendedSearch)
        let found = try await dialog.run(
            commands, window: Limits.pipelinedCommands,
            into: FoundCollector(exists: dialog.exists, searches: commands.count))
        return found.uids.intersection(uids)
    }

    private func transfer(
        _ uids: UIDSet, _ operation: IMAPOperation, to target: RemoteFolder,
        _ command: (UIDSet, IMAPMailboxName) -> [IMAPCommand]
    ) async throws -> [UID: MessagePlace] {
        let name = IMAPMailboxName(spelling: target.serverName)
        // What comes to a folder from itself gets new UIDs, and would be new mail.
        guard try openFolder(operation).name != name else {
            throw Failure(
                .folder, .whenReconfigured(by: .operatorOfPostbote), operation: operation.rawValue,
                reason: "Messages of \(target.path) cannot be moved to \(target.path). Name another folder.")
        }
        do {
            return try await change(uids) { command($0, name) }.places
        } catch let failure as Failure {
            var copy = failure.at("target", target.path.description)
            if failure.condition == .noSuchFolder {
                copy.reason =
                    "There is no folder \(target.path) that messages could be moved to. Create it, or name another."
            }
            throw copy
        }
    }

    private func change(_ uids: UIDSet, _ commands: (UIDSet) -> [IMAPCommand]) async throws -> PlacesCollector {
        try await dialog.run(
            uids.chunks(of: Limits.changedAtOnce).flatMap(commands), window: Limits.pipelinedCommands,
            into: PlacesCollector(of: uids))
    }

    private func openFolder(_ operation: IMAPOperation) throws(Failure) -> ChangingFolder {
        guard let changing else {
            throw Failure(
                .folder, .later(after: nil), operation: operation.rawValue,
                reason: "No folder is open for changing, so that nothing was changed.")
        }
        return changing
    }
}

/// A folder that was opened with SELECT, and what it allows.
struct ChangingFolder: Hashable, Sendable {
    var name: IMAPMailboxName
    /// The flags that last; `nil`: all do.
    var permanentFlags: IMAPFlags?

    /// - Throws: when `flag` would be gone with the session, or be passed over.
    func checkKeeps(_ flag: IMAPFlags.System) throws(Failure) {
        guard let kept = permanentFlags?.system, kept.isDisjoint(with: [flag, .any]) else { return }
        throw Failure(
            .folder, .whenReconfigured(by: .operatorOfPostbote), operation: IMAPOperation.store.rawValue,
            reason:
                "The server does not keep the flag \(IMAPFlags(flag)) in this folder (PERMANENTFLAGS \(IMAPFlags(kept))). "
                + "Set after_fetch: keep, or have whoever signs in get the right to set it.")
    }

    static let isReadOnly = Failure(
        .folder, .whenReconfigured(by: .operatorOfPostbote), operation: IMAPOperation.select.rawValue,
        reason:
            "The server opens this folder for reading only (READ-ONLY), so that its messages can be neither marked nor moved "
            + "nor deleted. Set after_fetch: keep, or have whoever signs in get the right to change it.")
}
