import Diagnostics
import MailModel

/// The messages of one folder that wait behind new mail, shared by the connections that fetch them: each takes the next slice
/// when it is done with the one before, newest first.
actor BackfillShare {
    /// What nobody has taken.
    private(set) var backlog: Backlog
    private(set) var progress: BackfillProgress
    private(set) var tooLarge = 0
    /// Connections with a slice in hand.
    private(set) var hands = 0
    private let clock: any WallClock
    private let goesOn: @Sendable (BackfillProgress) async -> Bool

    /// - Parameter goesOn: asked before each slice, and told how far it is.
    init(
        _ backlog: Backlog, _ progress: BackfillProgress, _ clock: any WallClock,
        while goesOn: @escaping @Sendable (BackfillProgress) async -> Bool
    ) {
        self.backlog = backlog
        self.progress = progress
        self.clock = clock
        self.goesOn = goesOn
    }

    struct Slice: Sendable {
        let uids: UIDSet
        fileprivate let taken: Timestamp
    }

    /// - Returns: `nil` when nothing is left, or when new mail is to be looked for.
    func next() async -> Slice? {
        guard await goesOn(progress), !backlog.rest.isEmpty else { return nil }
        let slice = Slice(
            uids: backlog.newest(progress.slice(of: backlog.rest.count, among: hands + 1)), taken: clock.now)
        backlog.remove(slice.uids)
        hands += 1
        return slice
    }

    func fetched(_ slice: Slice, octets: Int64, tooLarge: Int) {
        progress.fetched(slice.uids.count, octets: octets, in: clock.now - slice.taken, among: hands)
        self.tooLarge += tooLarge
        hands -= 1
    }

    /// - Parameter rest: what was not fetched of a slice, which waits again.
    func gaveUp(_ slice: Slice, rest: UIDSet) {
        progress.fetched(slice.uids.count - rest.count)
        backlog.add(rest)
        hands -= 1
    }

    /// Tells how far it is now.
    func tell() async { _ = await goesOn(progress) }
}
