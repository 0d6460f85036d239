/// A flight that has left: queued for its provider, or running.
///
/// It is kept apart from the credential's entry, which may be replaced or dropped meanwhile: what is on the wire
/// stays the only flight of its credential until it has landed.
struct Departure: Sendable {
    /// Who waits for it.
    enum Standing: Sendable, Equatable {
        /// The lifecycle, under this number.
        case current(Int)
        /// Nobody: the credential is not needed any more. What it brings is stored.
        case dropped
        /// Nobody: another consent came in between. What it brings is void.
        case overtaken
    }

    enum Stage: Sendable {
        /// Nothing was sent: it can end at any time.
        case queued
        /// The watchdog tells whoever waits when it takes too long.
        case running(Task<Void, Never>, watchdog: Task<Void, Never>)
    }

    /// No other flight of this process has it.
    let identity: Int
    var standing: Standing
    var stage = Stage.queued
    /// The flight that the lifecycle wants next, and that may not leave before this one has landed.
    var following: Int?

    init(_ identity: Int, number: Int) {
        self.identity = identity
        standing = .current(number)
    }

    var number: Int? { if case .current(let number) = standing { number } else { nil } }
}
