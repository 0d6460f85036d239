import Synchronization

/// Hands over lines as they come in pieces of any size, until one is not taken.
final class LineStream: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var error: (any Error)?
    }

    private let state = Mutex(State())
    private let take: @Sendable ([UInt8]) throws -> Void

    /// - Parameter take: is given each line without its end.
    init(_ take: @escaping @Sendable ([UInt8]) throws -> Void) { self.take = take }

    /// Why a line was not taken.
    var error: (any Error)? { state.withLock { $0.error } }

    /// Returns whether it goes on.
    func add(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            state.rest += bytes
            do {
                while let end = state.rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Array(state.rest[..<end])
                    state.rest.removeSubrange(...end)
                    try take(line)
                }
                return true
            } catch {
                state.error = error
                return false
            }
        }
    }
}
