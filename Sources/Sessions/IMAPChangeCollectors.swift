import Diagnostics
import MailModel
import MailProtocol

/// Which UIDs some searches found.
struct FoundCollector: IMAPCollector {
    private(set) var uids = UIDSet()
    private let searches: Int
    private var answers = 0
    private var count: FolderCount

    /// - Parameters:
    ///   - exists: how many messages the folder had so far.
    ///   - searches: how many answers there must be.
    init(exists: Int, searches: Int) {
        count = FolderCount(exists)
        self.searches = searches
    }

    mutating func take(_ event: IMAPEvent) {
        guard case .untagged(let response) = event else { return }
        count.take(response)
        switch response {
        case .search(let found):
            answers += 1
            uids = uids.union(found)
        case .extendedSearch(let answer):
            answers += 1
            uids = uids.union(answer.all)
        default: break
        }
    }

    /// A search without matches has an answer, too (RFC 3501 §7.2.5); without one nobody knows what is there.
    func ended() async throws {
        guard answers < searches, count.lowest > 0 else { return }
        throw Failure(
            .folder, .later(after: nil), operation: IMAPOperation.search.rawValue,
            reason: "The server said OK to a search and did not say what it found. It will be tried again.")
    }
}

/// Where messages went, as COPYUID says (RFC 4315 §3): before the messages are gone from here, or in the reply.
struct PlacesCollector: IMAPCollector {
    private(set) var places: [UID: MessagePlace] = [:]
    private let asked: UIDSet

    init(of asked: UIDSet) { self.asked = asked }

    mutating func take(_ event: IMAPEvent) {
        if case .untagged(.status(let reply)) = event { note(reply.code) }
    }

    mutating func completed(_ reply: IMAPReply, at index: Int) { note(reply.code) }

    /// Exchange sends empty sets, or sets of which nobody can say which belongs to which: then nothing is known.
    private mutating func note(_ code: IMAPResponseCode?) {
        guard case .copyUID(let copied) = code else { return }
        for uid in copied.source.set.intersection(asked) {
            guard let target = copied.destination(of: uid) else { continue }
            places[uid] = MessagePlace(uidValidity: copied.uidValidity, uid: target)
        }
    }
}
