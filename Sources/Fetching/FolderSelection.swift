import Diagnostics
import MailModel
import Sessions

/// Which of the server's folders are watched, and what is special about each: `folders:` held against LIST.
public struct FolderSelection: Sendable {
    public struct Watched: Hashable, Sendable {
        public var folder: RemoteFolder
        var deliverTo: [DestinationName]
        var afterFetch = AfterFetch.keep
    }

    public private(set) var watched: [Watched] = []
    /// All folders of the server.
    let remote: [RemoteFolder]
    /// What `folders:` asks for and the server does not have: each a failure of that folder alone.
    public private(set) var missing: [Failure] = []

    public init(settings: ReceiveSettings, remote: [RemoteFolder]) {
        self.remote = remote
        var names: Set<String> = []
        for wish in settings.folders {
            let found = remote.filter {
                FolderSelection.matches($0, wish.selector) && !FolderSelection.isExcluded($0, settings.exclude)
            }
            if found.isEmpty, let name = FolderSelection.expectedName(of: wish.selector) {
                missing.append(FolderSelection.notFound(name, among: remote))
            }
            for folder in found where names.insert(folder.serverName).inserted {
                watched.append(
                    Watched(
                        folder: folder, deliverTo: wish.deliverTo ?? settings.deliverTo,
                        afterFetch: wish.afterFetch ?? settings.afterFetch))
            }
        }
        guard watched.count > Limits.watchedFolders else { return }
        missing.append(FolderSelection.tooMany(watched.count))
        watched.removeLast(watched.count - Limits.watchedFolders)
    }

    private static func tooMany(_ count: Int) -> Failure {
        Failure(
            .folder, .whenReconfigured(by: .operatorOfPostbote), operation: "LIST",
            reason:
                "`folders:` selects \(count) folders, and \(Limits.watchedFolders) are watched. Those behind them are not "
                + "fetched: select fewer, or use `exclude:`.",
            place: ["folder": "*"])
    }

    private static func matches(_ folder: RemoteFolder, _ selector: FolderSettings.Selector) -> Bool {
        switch selector {
        case .name(let name): sameName(folder, name)
        case .role(let role): folder.role == role
        case .pattern(let pattern): FolderPattern(pattern).matches(folder.path)
        case .subscribed: folder.isSubscribed
        }
    }

    /// INBOX is INBOX in any case (RFC 3501 §5.1); other names are taken as the server has them, or, where no other
    /// folder fits exactly, regardless of case, as Exchange does.
    private static func sameName(_ folder: RemoteFolder, _ name: String) -> Bool {
        folder.path.description == name || folder.serverName == name
            || folder.path.description.lowercased() == name.lowercased()
    }

    private static func isExcluded(_ folder: RemoteFolder, _ exclude: [FolderSettings.Selector]) -> Bool {
        exclude.contains { matches(folder, $0) }
    }

    /// The name a human expects to exist; patterns and `subscribed` may match nothing.
    private static func expectedName(of selector: FolderSettings.Selector) -> String? {
        switch selector {
        case .name(let name): name
        case .role(let role): "the folder with role \(role.rawValue)"
        case .pattern, .subscribed: nil
        }
    }

    private static func notFound(_ name: String, among remote: [RemoteFolder]) -> Failure {
        let some = remote.prefix(20).map { $0.path.description }.joined(separator: ", ")
        return Failure(
            .folder, .later(after: nil), operation: "LIST",
            reason: "The mailbox has no folder “\(name)”. It has: \(some). Correct `folders:` or create it.",
            place: ["folder": name])
    }
}

/// A folder pattern with IMAP's wildcards: `*` stands for anything, `%` for anything within one level (RFC 3501 §6.3.8).
struct FolderPattern {
    private let pattern: [Character]

    init(_ pattern: String) { self.pattern = Array(pattern.lowercased()) }

    func matches(_ path: FolderPath) -> Bool {
        var reachable: Set<Int> = [0]
        for character in path.description.lowercased() {
            var next: Set<Int> = []
            for position in closure(reachable) where position < pattern.count {
                switch pattern[position] {
                case "*": next.insert(position)
                case "%": if character != "/" { next.insert(position) }
                default: if pattern[position] == character { next.insert(position + 1) }
                }
            }
            reachable = next
        }
        return closure(reachable).contains(pattern.count)
    }

    /// Positions reached without a character: a wildcard may stand for nothing.
    private func closure(_ positions: Set<Int>) -> Set<Int> {
        var result = positions
        for var position in positions {
            while position < pattern.count, pattern[position] == "*" || pattern[position] == "%" {
                position += 1
                result.insert(position)
            }
        }
        return result
    }
}
