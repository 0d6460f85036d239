import MailModel
import Store

/// Messages of a folder that wait behind new mail: those of a mailbox that is fetched for the first time, and those that an
/// outage left. They are fetched newest first.
struct Backlog: Hashable, Sendable {
    let folder: FolderID
    let epoch: Epoch
    /// Up to where the folder had been looked at: what waits above it is not in here yet.
    let cursor: UID?
    private(set) var rest: UIDSet

    init?(_ folder: StoredFolder, _ rest: UIDSet, upTo cursor: UID?) {
        guard !rest.isEmpty else { return nil }
        self.folder = folder.id
        epoch = folder.epoch
        self.cursor = cursor
        self.rest = rest
    }

    /// The next slice.
    func newest(_ count: Int) -> UIDSet { rest.suffix(count) }

    mutating func remove(_ uids: UIDSet) { rest = rest.subtracting(uids) }

    mutating func add(_ uids: UIDSet) { rest = rest.union(uids) }

    /// What is fetched in the visit itself and what waits: many messages at once would keep other folders, and what
    /// arrives meanwhile, from being looked at.
    ///
    /// - Parameters:
    ///   - new: what is there and not known.
    ///   - cursor: up to where the folder was looked at before; what lies above it arrived since.
    static func split(
        _ new: UIDSet, above cursor: UID?, atMost limit: Int = Limits.fetchedAtOnce
    ) -> (now: UIDSet, later: UIDSet) {
        guard new.count > limit else { return (new, UIDSet()) }
        guard let cursor, let first = UID(cursor.rawValue &+ 1) else { return (UIDSet(), new) }
        let arrived = new.clamped(to: first ... .max)
        return arrived.count <= limit ? (arrived, new.subtracting(arrived)) : (UIDSet(), new)
    }
}
