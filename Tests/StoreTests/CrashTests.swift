import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A life of a message, crashed at its first commit, at its second, and so on until it runs through; each time the store
/// is opened again, recovered and compared with what was promised so far.
@Suite("Crash at every commit")
struct CrashTests {
    @Test(
        "Fetching: nothing staged is lost, nothing is delivered under two keys",
        arguments: CrashAfterCommits.Moment.allCases)
    func fetching(moment: CrashAfterCommits.Moment) async throws {
        try await everyCommit(moment) { directory, count in
            await #expect(processExitsWith: .exitCode(CrashAfterCommits.status)) {
                [directory = directory as String, count = count as Int, moment] in
                try await CrashingLife(directory, count, moment).run { store in try await FetchLife(store).run() }
            }
        } check: { store, isOver in
            try await FetchLife(store).checkAndFinish(wasOver: isOver)
        }
    }

    @Test("Sending: what was acknowledged is sent or in doubt", arguments: CrashAfterCommits.Moment.allCases)
    func sending(moment: CrashAfterCommits.Moment) async throws {
        try await everyCommit(moment) { directory, count in
            await #expect(processExitsWith: .exitCode(CrashAfterCommits.status)) {
                [directory = directory as String, count = count as Int, moment] in
                try await CrashingLife(directory, count, moment).run { store in
                    try await SendLife(store, directory: directory).run()
                }
            }
        } check: { store, isOver in
            try await SendLife(store, directory: store.directory).checkAndFinish(wasOver: isOver)
        }
    }

    private func everyCommit(
        _ moment: CrashAfterCommits.Moment, crash: (String, Int) async -> Void,
        check: (Store, Bool) async throws -> Void
    ) async throws {
        for count in 1...50 {
            let directory = try TemporaryStore.makeDirectory()
            defer { TemporaryStore.remove(directory) }
            await crash(directory, count)
            let store = try Store.open(in: directory)
            let isOver = access(directory + "/over", F_OK) == 0
            try await check(store, isOver)
            await store.close()
            if isOver {
                #expect(count > 3, "the life has several commits")
                return
            }
        }
        Issue.record("the life never came to its end")
    }
}

/// Runs in a process of its own, which ends at the chosen commit, or after the life with a file that says so.
struct CrashingLife {
    let directory: String
    let count: Int
    let moment: CrashAfterCommits.Moment

    init(_ directory: String, _ count: Int, _ moment: CrashAfterCommits.Moment) {
        self.directory = directory
        self.count = count
        self.moment = moment
    }

    func run(_ life: (Store) async throws -> Void) async throws {
        let store = try Store.open(in: directory)
        await CrashAfterCommits.arm(store, at: count, moment)
        try await life(store)
        close(open(directory + "/over", O_CREAT | O_WRONLY, 0o600))
        _exit(CrashAfterCommits.status)
    }
}
