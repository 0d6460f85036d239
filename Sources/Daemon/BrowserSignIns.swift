import Authorization
import Diagnostics
import MailModel
import Operations

/// The sign-ins in a browser that wait for their answer, each for one account and one answer. They do not survive a
/// restart: nothing was asked of the provider yet, and a person begins again.
struct BrowserSignIns: Sendable {
    private struct Entry: Sendable {
        var account: AccountName
        var request: AuthorizationRequest
    }

    private var entries: [String: Entry] = [:]

    mutating func add(
        _ request: AuthorizationRequest, as id: String, of account: AccountName, at now: Timestamp
    ) throws(Problem) {
        forgetExpired(at: now)
        guard entries.count < Limits.browserSignIns else {
            throw Problem(.tryLater, "\(Limits.browserSignIns) sign-ins are under way already.", retryAfter: 60)
        }
        entries[id] = Entry(account: account, request: request)
    }

    func find(_ id: String, of account: AccountName, at now: Timestamp) -> AuthorizationRequest? {
        guard let entry = entries[id], entry.account == account, now < entry.request.expires else { return nil }
        return entry.request
    }

    /// The sign-in that is answered now, and never again. An answer with another `state` leaves it waiting.
    mutating func take(
        _ id: String, of account: AccountName, state: Secret, at now: Timestamp
    ) throws(Problem) -> AuthorizationRequest {
        forgetExpired(at: now)
        guard let request = find(id, of: account, at: now) else {
            throw .notFound(
                "There is no such sign-in: it was answered already, or ten minutes have passed. Begin again.")
        }
        guard request.isAnswered(withState: state) else {
            throw Problem(.usage, "This is the answer to another sign-in: its state is not the one of this sign-in.")
        }
        entries[id] = nil
        return request
    }

    private mutating func forgetExpired(at now: Timestamp) {
        entries = entries.filter { now < $1.request.expires }
    }
}
