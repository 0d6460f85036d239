import MailProtocol

/// How many messages the open folder has, and had at any moment of an operation: some arrive and some are removed while
/// a server answers, and its answer may be of before or after.
struct FolderCount: Hashable, Sendable {
    private(set) var present: Int
    private(set) var lowest: Int
    private(set) var highest: Int

    init(_ exists: Int) {
        present = exists
        lowest = exists
        highest = exists
    }

    mutating func take(_ response: IMAPResponse) {
        switch response {
        case .exists(let count): present = Int(count)
        case .expunge: present = max(0, present - 1)
        case .vanished(let uids, earlier: false): present = max(0, present - uids.count)
        default: return
        }
        lowest = min(lowest, present)
        highest = max(highest, present)
    }
}
