import Diagnostics
import MailModel

/// The messages of one folder that wait behind new mail, shared by the connections that fetch them: each takes the next slice
/// when it is done with the one before, newest first.
actor BackfillShare {
    /// What nobody has taken.
    private(set) var backlog: Backlog
    private(set) var progress: BackfillProgress
    private(set) var tooLarge = 0
    /// A second connection takes slices, or will.
    private var isShared: Bool
    /// Of the second connection, which may be slower than the first.
    private var secondSlice = SliceSize()
    /// Connections with a slice in hand.
    private var hands = 0
    private let clock: any WallClock
    private let goesOn: @Sendable (BackfillProgress) async -> Bool

    /// - Parameter goesOn: asked before each slice, and told how far it is.
    init(
        _ backlog: Backlog, _ progress: BackfillProgress, isShared: Bool, _ clock: any WallClock,
        while goesOn: @escaping @Sendable (BackfillProgress) async -> Bool
    ) {
        self.backlog = backlog
        self.progress = progress
        self.isShared = isShared
        self.clock = clock
        self.goesOn = goesOn
    }

    struct Slice: Sendable {
        let uids: UIDSet
        fileprivate let isSecond: Bool
        fileprivate let taken: Timestamp
    }

    /// - Parameter isSecond: it is the second connection that asks.
    /// - Returns: `nil` when nothing is left, or when new mail is to be looked for.
    func next(forSecond isSecond: Bool = false) async -> Slice? {
        guard await goesOn(progress), !backlog.rest.isEmpty else { return nil }
        let size = isSecond ? secondSlice : progress.slice
        let count = size.next(of: backlog.rest.count, among: isShared ? 2 : 1)
        let slice = Slice(uids: backlog.newest(count), isSecond: isSecond, taken: clock.now)
        backlog.remove(slice.uids)
        hands += 1
        return slice
    }

    func fetched(_ slice: Slice, octets: Int64, tooLarge: Int) {
        let duration = clock.now - slice.taken
        progress.fetched(slice.uids.count, octets: octets, in: duration, among: hands, bySecond: slice.isSecond)
        if slice.isSecond { secondSlice.took(duration, for: slice.uids.count) }
        self.tooLarge += tooLarge
        hands -= 1
    }

    /// The second connection takes no more.
    ///
    /// - Parameters:
    ///   - slice: what it had in hand; `nil`: all that it took was taken for fetched.
    ///   - rest: of all that it took, what has no row: it waits again.
    func gaveUp(_ slice: Slice?, rest: UIDSet) {
        progress.gaveUp(rest.subtracting(slice?.uids ?? UIDSet()).count)
        backlog.add(rest)
        if slice != nil { hands -= 1 }
        isShared = false
    }

    /// There is no second connection.
    func isAlone() { isShared = false }

    /// Tells how far it is now.
    func tell() async { _ = await goesOn(progress) }
}
