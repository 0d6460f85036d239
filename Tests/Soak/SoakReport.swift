import Foundation

/// What `status --json` counts of an account's mail.
struct MailCounts {
    var delivered = 0
    var doubtful = 0
    var recognised = 0
    var duplicates = 0

    init(_ json: [UInt8]) throws {
        let status = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        guard let mail = status?["mail"] as? [String: Int] else {
            throw SoakFailure(description: "status has no counts of mail")
        }
        delivered = mail["delivered"] ?? 0
        doubtful = mail["doubtful"] ?? 0
        recognised = mail["recognised"] ?? 0
        duplicates = mail["duplicates"] ?? 0
    }
}

/// What happened, and what came of it.
struct SoakReport: CustomStringConvertible {
    var arrived = 0
    var moves: [String: Int] = [:]
    var kills = 0
    var restarts = 0
    var cuts = 0
    var delivered = 0
    var doubtful = 0
    var recognised = 0
    var duplicates = 0
    var lost: [String] = []
    /// Of those that came again, more than the account counts as doubtful.
    var unexplained = 0
    var again: [String] = []
    var endedWell = false
    /// KiB.
    var peakMemory = 0

    var isGood: Bool { lost.isEmpty && unexplained == 0 && endedWell && arrived > 0 && delivered > 0 }

    mutating func add(_ counts: MailCounts) {
        delivered += counts.delivered
        doubtful += counts.doubtful
        recognised += counts.recognised
        duplicates += counts.duplicates
    }

    var progress: String {
        "\(arrived) arrived, \(moves.values.reduce(0, +)) moves, \(kills) kills, \(restarts) restarts, \(cuts) cuts"
    }

    var description: String {
        var rows = [("arrived", "\(arrived)")]
        rows += moves.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        rows += [
            ("postbote killed", "\(kills)"), ("server restarted", "\(restarts)"), ("connections cut", "\(cuts)"),
            ("delivered", "\(delivered)"), ("recognised", "\(recognised)"),
            ("seen in another folder", "\(duplicates)"),
            ("doubtful", "\(doubtful)"), ("peak memory", "\(peakMemory / 1024) MB"),
            ("lost", Self.some(lost)), ("again", Self.some(again)),
            ("again, and not counted as doubtful", "\(unexplained)"), ("ended well", endedWell ? "yes" : "no"),
            ("result", isGood ? "every message is accounted for" : "FAILED"),
        ]
        let width = rows.map(\.0.count).max() ?? 0
        let lines = rows.map { name, value in
            "  " + name + String(repeating: " ", count: width - name.count + 2) + value
        }
        return (["", "Postbote soak"] + lines).joined(separator: "\n")
    }

    private static func some(_ messages: [String]) -> String {
        messages.isEmpty ? "none" : "\(messages.count): " + messages.prefix(20).joined(separator: ", ")
    }
}
