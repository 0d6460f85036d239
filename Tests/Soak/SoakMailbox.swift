import TestSupport

/// One mailbox: what arrived in it, and what stands where now.
final class SoakMailbox {
    struct Folder {
        var name: String
        /// In the order of their arrival.
        var present: [ComposedMessage] = []
        var uidValidity: UInt32 = 0
        var first: UInt32 = 1
        /// Above all UIDs there ever were.
        var next: UInt32 = 1
    }

    let account: String
    let address: String
    var folders = [Folder(name: "INBOX"), Folder(name: "Archive")]
    /// Tokens of all arrivals.
    private(set) var arrived: [Int] = []
    /// Of these others look alike: they stay where they are, for of a message that looks like one that is gone nobody could
    /// tell whether it is that one.
    private(set) var pinned: Set<Int> = []
    /// Not delivered where they are now: of two of one look only one is to be delivered there, and nobody could tell which.
    private var dragged: Set<Int> = []
    private var delivered = DeliveredTokens()

    init(account: String) {
        self.account = account
        address = SoakServers.address(of: account)
    }

    // MARK: Arrivals

    func arrive(_ folder: Int, token: Int, on server: DovecotServer, using generator: inout SeededGenerator) throws {
        var message = ComposedMessage(token)
        let original = folders[folder].present.filter { !dragged.contains($0.token) }.randomElement(using: &generator)
        switch (Int.random(in: 0..<20, using: &generator), original) {
        case (0, let original?):
            message = original.with("List-Id", "List \(token) <list\(token).example.test>", token: token)
        case (1, let original?):
            message = original.with("X-Copy", "\(token)", token: token)
            pinned.formUnion([original.token, token])
        case (2, _): message["Message-ID"] = nil
        case (3, _):
            message["Date"] = nil
            message["Message-ID"] = "<scan@device.example.test>"
        default: break
        }
        try put(message, in: folder, on: server)
        arrived.append(token)
    }

    /// Moves a message to the other folder, as a person does: it is not to be delivered from there.
    func drag(from folder: Int, place: Int, on server: DovecotServer) throws {
        let message = folders[folder].present.remove(at: place)
        dragged.insert(message.token)
        try server.lose([place], of: address, folder: folders[folder].name)
        try put(message, in: 1 - folder, on: server)
    }

    private func put(_ message: ComposedMessage, in folder: Int, on server: DovecotServer) throws {
        try server.deliver(message.octets, to: address, folder: folders[folder].name)
        folders[folder].present.append(message)
        folders[folder].next += 1
    }

    /// Places of messages that may be removed: they were delivered, and none looks like them.
    func removable(_ folder: Int, in directory: String) throws -> [Int] {
        try delivered.update(below: directory)
        return folders[folder].present.indices.filter { place in
            let token = folders[folder].present[place].token
            return delivered.tokens.contains(token) && !pinned.contains(token)
        }
    }

    // MARK: The end

    /// How often each token lies in the Maildirs, against how often it arrived.
    func compare(below directory: String) throws -> (lost: [Int], again: [Int]) {
        var delivered = DeliveredTokens()
        try delivered.update(below: directory)
        var balance: [Int: Int] = [:]
        for token in arrived { balance[token, default: 0] += 1 }
        for token in delivered.all { balance[token, default: 0] -= 1 }
        let sorted = balance.sorted { $0.key < $1.key }
        return (
            sorted.filter { $0.value > 0 }.map(\.key),
            sorted.flatMap { Array(repeating: $0.key, count: max(0, -$0.value)) }
        )
    }
}

/// Which messages lie in the Maildirs of an account.
struct DeliveredTokens {
    private(set) var all: [Int] = []
    private var seen: Set<String> = []
    var tokens: Set<Int> { Set(all) }

    mutating func update(below directory: String) throws {
        let folders = [""] + Directory.names(in: directory).filter { $0.hasPrefix(".") }.map { "/" + $0 }
        for folder in folders {
            let new = "\(directory)\(folder)/new"
            for name in Directory.names(in: new) where seen.insert("\(folder)/\(name)").inserted {
                guard let token = ComposedMessage.token(of: try Directory.bytes(of: "\(new)/\(name)")) else {
                    throw SoakFailure(description: "\(new)/\(name) is no message of the soak")
                }
                all.append(token)
            }
        }
    }
}
