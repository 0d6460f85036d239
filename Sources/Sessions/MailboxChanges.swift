import MailModel

/// What can be done to messages on the server, in the folder that was opened for changing.
///
/// Messages are named by UID alone. UIDs that are not there are passed over: to do a thing twice changes nothing, except with
/// `copy`. A refusal may come when part is done; `present` shows what is left. A failure never removes what was not asked for.
public protocol MailboxChanges: Sendable {
    /// Whether `move` exists, which loses and doubles nothing (RFC 6851). Else copy, write that down, and delete later.
    var canMove: Bool { get }

    /// Whether what is deleted is removed only when the mailbox is closed in good order. Then nobody knows before `close`
    /// has said so, or the next visit has shown it; a connection that breaks before leaves everything (RFC 1939 §6).
    var deletesAtClose: Bool { get }

    /// Marks messages as read.
    ///
    /// - Throws: `whenReconfigured` where messages cannot be marked.
    func markSeen(_ uids: UIDSet) async throws

    /// Removes messages for good, and no others: what other programs have marked as deleted stays as it is.
    func delete(_ uids: UIDSet) async throws

    /// Moves messages. Only where `canMove`.
    ///
    /// - Returns: where they are now, as far as the server says so.
    /// - Throws: `noSuchFolder` when there is no such target.
    func move(_ uids: UIDSet, to target: RemoteFolder) async throws -> [UID: MessagePlace]

    /// Copies messages, some hundred in one step that is done or not done; more of them in several such steps.
    ///
    /// - Returns: where the copies are, as far as the server says so.
    /// - Throws: `noSuchFolder` when there is no such target.
    func copy(_ uids: UIDSet, to target: RemoteFolder) async throws -> [UID: MessagePlace]

    /// Those of `uids` that are there now.
    func present(_ uids: UIDSet) async throws -> UIDSet
}
