import Store
import Synchronization

/// What came of an operator's order about one copy of a message.
public enum OrderOutcome: String, Sendable, CaseIterable {
    /// It is written down and will be carried out.
    case ordered
    case done
    /// The server has the copy no more.
    case gone
    /// It could not be carried out yet, and will be tried again.
    case pending
    /// It was tried in vain several times, and given up.
    case failed
}

/// What came of orders, for those who wait for it: only the messages that somebody asks about are remembered.
final class OrderOutcomes: Sendable {
    private struct State {
        var waiting: [LedgerID: Int] = [:]
        var known: [LedgerID: OrderOutcome] = [:]
        /// A copy that stands in for another one → that one.
        var substitutes: [LedgerID: LedgerID] = [:]
    }
    private let state = Mutex(State())

    /// From now on what comes of these is remembered, until `forget`.
    func expect(_ messages: [LedgerID]) {
        state.withLock { state in
            for message in messages {
                state.waiting[message, default: 0] += 1
                state.known[message] = nil
            }
        }
    }

    func forget(_ messages: [LedgerID]) {
        state.withLock { state in
            for message in messages {
                let left = (state.waiting[message] ?? 1) - 1
                state.waiting[message] = left > 0 ? left : nil
                guard left <= 0 else { continue }
                state.known[message] = nil
                state.substitutes = state.substitutes.filter { $0.value != message }
            }
        }
    }

    /// What comes of `other` came of `message`.
    func substitute(_ other: LedgerID, for message: LedgerID) {
        state.withLock { state in
            let first = state.substitutes[message] ?? message
            if state.waiting[first] != nil { state.substitutes[other] = first }
        }
    }

    func note(_ outcome: OrderOutcome, _ message: LedgerID) {
        state.withLock { state in
            for message in [message, state.substitutes[message]].compactMap(\.self)
            where state.waiting[message] != nil {
                state.known[message] = outcome
            }
        }
    }

    subscript(message: LedgerID) -> OrderOutcome? { state.withLock { $0.known[message] } }
}
