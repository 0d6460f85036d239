import Diagnostics

/// What all credentials of one provider share: how many requests run at once, and a refusal that hits them all.
///
/// A wrong client secret is found out by one request, told once, and probed by one request at a time; the others fail with
/// it without asking the provider.
struct ProviderGate: Sendable {
    enum Entry: Sendable {
        case go
        /// Until another one leaves.
        case queued
        case refused(Failure, until: Timestamp)
    }

    /// What a refusal of the app means for the others.
    struct Closing: Sendable {
        var isNews: Bool
        var until: Timestamp
        var sentAway: [CredentialKey]
    }

    private struct Refusal: Sendable {
        var failure: Failure
        var probes: ParkedProbes
        var until: Timestamp
        /// Who finds out whether it was mended.
        var probe: CredentialKey?
    }

    private var running: Set<CredentialKey> = []
    private var queue: [CredentialKey] = []
    private var refusal: Refusal?
    /// Whom the provider refused in a way that may mean the app or the person, since it accepted anybody.
    private var doubtful: CredentialKey?

    /// What is wrong with the whole provider.
    var failure: Failure? { refusal?.failure }

    mutating func enter(_ key: CredentialKey, at now: Timestamp) -> Entry {
        if var closed = refusal {
            if closed.probe != nil { return .refused(closed.failure, until: now + Limits.flight) }
            if now < closed.until, closed.until - now <= Limits.longestWait {
                return .refused(closed.failure, until: closed.until)
            }
            closed.probe = key
            refusal = closed
        } else if running.count >= Limits.requestsPerProvider {
            queue.append(key)
            return .queued
        }
        running.insert(key)
        return .go
    }

    /// The provider refused the app itself.
    mutating func refused(_ failure: Failure, by key: CredentialKey, at now: Timestamp) -> Closing {
        var probes = refusal?.probes ?? ParkedProbes(since: now)
        // Requests that were on their way at the same time are not probes.
        if refusal?.probe == key { probes.probeFailed() }
        let isNews = refusal?.failure.reason != failure.reason
        let until = probes.next(after: now)
        let probe = refusal?.probe == key ? nil : refusal?.probe
        refusal = Refusal(failure: failure, probes: probes, until: until, probe: probe)
        defer { queue = [] }
        return Closing(isNews: isNews, until: until, sentAway: queue)
    }

    /// The provider refused the app or the person, which is not clear.
    ///
    /// - Returns: whether it is the app: another one was refused so, too, and nobody was accepted in between.
    mutating func isOfApp(refusing key: CredentialKey) -> Bool {
        guard refusal == nil, doubtful == nil || doubtful == key else { return true }
        doubtful = key
        return false
    }

    /// The provider accepted the app, whatever it said about the credential.
    ///
    /// - Returns: what was wrong before.
    mutating func accepted() -> Failure? {
        defer { refusal = nil }
        doubtful = nil
        return refusal?.failure
    }

    /// One has its reply, or gave up waiting for it.
    ///
    /// - Returns: who was queued and enters now.
    mutating func leave(_ key: CredentialKey, at now: Timestamp) -> CredentialKey? {
        if var closed = refusal, closed.probe == key {
            // A probe without a verdict.
            closed.probe = nil
            closed.probes.probeFailed()
            closed.until = closed.probes.next(after: now)
            refusal = closed
        }
        guard running.remove(key) != nil else {
            queue.removeAll { $0 == key }
            return nil
        }
        guard refusal == nil, !queue.isEmpty, running.count < Limits.requestsPerProvider else { return nil }
        let next = queue.removeFirst()
        running.insert(next)
        return next
    }

    /// Somebody may have mended it: the next one is a probe.
    mutating func mended() { refusal?.until = Timestamp(milliseconds: 0) }
}
