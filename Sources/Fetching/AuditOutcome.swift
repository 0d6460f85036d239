import Diagnostics
import MailModel
import Store

/// What an audit of an account found, and what came of it.
public struct AuditOutcome: Sendable {
    public struct Difference: Hashable, Sendable {
        public var uid: UID
        public var reason: AuditReason
        /// What became of it, in words.
        public var done: String
    }

    public struct Folder: Sendable {
        public var path: FolderPath
        public var numbers = AuditNumbers()
        /// Messages that nobody could account for; of them, those of whom that is still so.
        public var unaccounted = 0
        public var remaining = 0
        /// The first of all differences, and how many there are.
        public var differences: [Difference] = []
        public var differencesInAll = 0
        /// Why the folder could not be audited.
        public var failure: Failure?

        init(_ path: FolderPath) { self.path = path }
    }

    public var started: Timestamp
    public var duration = Duration.zero
    public var folders: [Folder] = []
    /// Why what was found could not be cured.
    public var failure: Failure?

    public var listed: Int { folders.reduce(0) { $0 + $1.numbers.listed } }
    public var unaccounted: Int { folders.reduce(0) { $0 + $1.unaccounted } }
    public var remaining: Int { folders.reduce(0) { $0 + $1.remaining } }
}
