import TestSupport

/// In which order the daemon must sync and write, so that a power failure at any moment loses no mail: what a kill does not
/// show, because the kernel keeps what a killed program wrote.
///
/// What another call needs to be durable must have been synced before that call *began*: the kernel may write pages back
/// at any time by itself.
struct DurableOrder {
    let trace: SystemCallTrace
    /// The state directory.
    let state: String

    private var log: String { state + "/postbote.db-wal" }

    /// What is wrong with the order in which mail came into `maildir`, and how much mail came.
    func delivered(into maildir: String) -> (count: Int, violations: [String]) {
        let staging = maildir + "/postbote-staging/"
        let renames = trace.calls.filter { call in
            call.name.hasPrefix("rename") && call.hasSucceeded && (call.text(0) ?? "").hasPrefix(staging)
        }
        let violations = renames.flatMap { rename in
            let name = String((rename.text(0) ?? "").dropFirst(staging.count))
            return deliveryViolations(of: name, in: maildir, rename).map { "\(name): \($0)" }
        }
        return (renames.count, violations)
    }

    private func deliveryViolations(of name: String, in maildir: String, _ rename: SystemCall) -> [String] {
        let staging = maildir + "/postbote-staging"
        let file = staging + "/" + name
        guard let opened = first({ $0.creates(file) }) else { return ["it was never written"] }
        let written = trace.calls.last { $0.isWrite && $0.descriptor() == file } ?? opened
        guard let row = first({ isLogWrite($0) && $0.mentions(name) }) else {
            return ["no row of the ledger names it"]
        }
        var violations: [String] = []
        if !isSynced(between: written, row, file, fileSystem: staging) {
            violations.append("its content was not synced before its row `staged` was written")
        }
        if !isSynced(between: opened, row, staging, fileSystem: staging) {
            violations.append("its directory was not synced before its row `staged` was written")
        }
        if !isSynced(between: row, rename, log) {
            violations.append("its row `staged` was not durable when it was renamed")
        }
        guard let settled = first({ isLogWrite($0) && rename.isBefore($0) }) else {
            return violations + ["its delivery was not recorded"]
        }
        if !isSynced(between: rename, settled, maildir + "/new", fileSystem: maildir + "/new") {
            violations.append("its renaming was not synced before its row `delivered` was written")
        }
        return violations
    }

    /// What is wrong with the order in which the message with that id was accepted.
    func accepted(_ id: String) -> [String] {
        guard let answer = first({ $0.isAnswer && $0.mentions(id) }) else { return ["its id was told to nobody"] }
        let rows = trace.calls.filter { isLogWrite($0) && $0.mentions(id) && $0.entered < answer.entered }
        guard let first = rows.first, let last = rows.last else {
            return ["its id was told before its row was written"]
        }
        var violations: [String] = []
        if !isSynced(between: last, answer, log) { violations.append("its id was told before its row was durable") }
        let spool = state + "/spool/out"
        let file = spool + "/" + id
        if let opened = self.first({ $0.creates(file) }) {
            let written = trace.calls.last { $0.isWrite && $0.descriptor() == file } ?? opened
            if !isSynced(between: written, first, file) {
                violations.append("its content was not synced before its row was written")
            }
            if !isSynced(between: opened, first, spool) {
                violations.append("its directory was not synced before its row was written")
            }
        }
        return violations
    }

    // MARK: Calls

    private func first(_ condition: (SystemCall) -> Bool) -> SystemCall? { trace.calls.first(where: condition) }

    private func isLogWrite(_ call: SystemCall) -> Bool { call.isWrite && call.descriptor() == log }

    /// Whether `path` was made durable after `start` and before `end`: by itself, or with the file system that holds it.
    private func isSynced(
        between start: SystemCall, _ end: SystemCall, _ path: String, fileSystem: String? = nil
    ) -> Bool {
        trace.calls.contains { call in
            let isOfFile = ["fsync", "fdatasync"].contains(call.name) && call.descriptor() == path
            let isOfAll = call.name == "syncfs" && fileSystem != nil && call.descriptor() == fileSystem
            return (isOfFile || isOfAll) && call.hasSucceeded && start.isBefore(call) && call.isBefore(end)
        }
    }
}

extension SystemCall {
    fileprivate func creates(_ path: String) -> Bool {
        name == "openat" && mentions("O_CREAT") && text(1) == path && hasSucceeded
    }

    /// Whether it writes to one of the daemon's sockets.
    fileprivate var isAnswer: Bool { isWrite && (descriptor() ?? "").hasPrefix("UNIX") }

    fileprivate var isWrite: Bool {
        ["write", "pwrite64", "writev", "pwritev", "pwritev2", "sendto", "sendmsg"].contains(name)
    }

    var isSync: Bool { ["fsync", "fdatasync", "syncfs"].contains(name) }
}
