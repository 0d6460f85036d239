import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Store

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Opening the state")
struct OpeningTests {
    let directory: TemporaryDirectoryPath

    init() throws { directory = try TemporaryDirectoryPath() }

    private var path: String { directory.path }

    /// What the operator is told when the state cannot be opened.
    private func refusal(credentials: String? = nil) async -> Failure? {
        do {
            try await Store.open(in: path, credentialsDirectory: credentials).close()
            return nil
        } catch {
            return error as? Failure
        }
    }

    private func makeState() async throws {
        let store = try Store.open(in: path)
        try await store.write { _ = try $0.accounts.ensure(.support, at: .epoch) }
        await store.close()
    }

    private func change(_ sql: String) async throws {
        let store = try Store.open(in: path)
        await RawHandle(store).execute(sql)
        await store.close()
    }

    private func put(_ bytes: [UInt8], at offset: Int = 0, in file: String = "postbote.db", mode: mode_t = 0o600) {
        let descriptor = open(path + "/" + file, O_WRONLY | O_CREAT, mode)
        pwrite(descriptor, bytes, bytes.count, off_t(offset))
        fchmod(descriptor, mode)
        close(descriptor)
    }

    private func mode(_ file: String) -> mode_t {
        var status = stat()
        stat(path + "/" + file, &status)
        return status.st_mode & 0o777
    }

    // MARK: Files

    @Test("State is kept from one start to the next, and readable by its owner only")
    func modes() async throws {
        try await makeState()
        let store = try Store.open(in: path)
        #expect(try await store.read { try $0.accounts.all().map(\.name) } == [.support])
        for file in ["postbote.db", "postbote.db-wal", "postbote.db-shm", "postbote.key", "postbote.lock"] {
            #expect(mode(file) == 0o600, "\(file)")
        }
        for folder in ["spool", "spool/in", "spool/out", "quarantine"] { #expect(mode(folder) == 0o700, "\(folder)") }
    }

    @Test("A second daemon on the same state is refused with the first one's process id")
    func second() async throws {
        let first = try Store.open(in: path)
        let failure = await refusal()
        #expect(failure?.place["pid"] == String(getpid()))
        #expect(failure?.reason.contains("Process \(getpid())") == true)
        await first.close()
        withExtendedLifetime(first) {}
    }

    @Test("An unclean stop is known at the next start, a clean one is not held against anybody")
    func unclean() async throws {
        try await makeState()
        do {
            let store = try Store.open(in: path)
            #expect(!store.previousStopWasUnclean)
        }
        let store = try await openOnceFree()
        #expect(store.previousStopWasUnclean)
        try await store.check()
        #expect(store.health == .ok)
        await store.close()
    }

    /// A process that another test is just starting holds copies of all descriptors until its exec, and the lock with them.
    private func openOnceFree() async throws -> Store {
        try await within(Limits.wait, "the lock to be free") { [path] in
            while true {
                do { return try Store.open(in: path) } catch let failure as Failure where failure.place["pid"] != nil
                {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
        }
    }

    // MARK: Foreign and damaged databases

    @Test("A database of another program is left alone")
    func foreign() async throws {
        try await makeState()
        try await change("PRAGMA application_id = 7")
        #expect(await refusal()?.reason.contains("another program") == true)
    }

    @Test("A database of a newer Postbote is left alone, and both versions are named")
    func newer() async throws {
        try await makeState()
        try await change("PRAGMA user_version = 99")
        #expect(await refusal()?.reason.contains("schema 99; this one knows \(Schema.migrations.latest)") == true)
    }

    @Test("A file that is no database is named as such")
    func noDatabase() async throws {
        put([UInt8](repeating: UInt8(ascii: "x"), count: 8192))
        #expect(await refusal()?.reason.contains("not an SQLite database") == true)
    }

    @Test("A file that was cut off is damaged, and the operator is told to restore a backup")
    func cutOff() async throws {
        try await makeState()
        truncate(path + "/postbote.db", 8192)
        let failure = await refusal()
        #expect(failure?.reason.contains("damaged") == true)
        #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
    }

    @Test("Damage within is found by the thorough check, and nothing more is written")
    func damaged() async throws {
        try await makeState()
        let store = try Store.open(in: path)
        // Not the first pages, which opening reads.
        let page = try await RawHandle(store).integer(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'attempts_open'")
        put([UInt8](repeating: 0xee, count: 4096), at: (page - 1) * 4096)
        await #expect(throws: Failure.self) { try await store.check() }
        await store.ping()
        #expect(store.health != .ok)
        await #expect(throws: Failure.self) { try await store.write { _ in } }
        #expect(await store.recover() != .ok, "damage does not heal by waiting")
    }

    // MARK: Keys

    @Test("Another master key is refused at the start")
    func wrongKey() async throws {
        try await makeState()
        put(Array(String(repeating: "ab", count: 32).utf8), in: "postbote.key")
        #expect(await refusal()?.reason.contains("not the one") == true)
    }

    @Test("A missing master key is refused, not made anew")
    func missingKey() async throws {
        try await makeState()
        unlink(path + "/postbote.key")
        #expect(await refusal()?.reason.contains("missing") == true)
        #expect(access(path + "/postbote.key", F_OK) != 0)
    }

    @Test("A key that others can read is refused", arguments: [0o640, 0o604, 0o660] as [mode_t])
    func readableKey(mode: mode_t) async throws {
        try await makeState()
        chmod(path + "/postbote.key", mode)
        #expect(await refusal()?.reason.contains("chmod 600") == true)
    }

    @Test(
        "A key file with something else in it is refused", arguments: ["", "abc", String(repeating: "g", count: 64)])
    func noKey(text: String) async throws {
        put(Array(text.utf8), in: "postbote.key")
        #expect(await refusal()?.reason.contains("does not hold a key") == true)
    }

    @Test("A systemd credential is the key where there is one, in any of its forms")
    func credential() async throws {
        mkdir(path + "/credentials", 0o700)
        let digits = String(repeating: "0f", count: 32)
        put(Array(digits.utf8), in: "credentials/postbote-key", mode: 0o440)
        #expect(await refusal(credentials: path + "/credentials") == nil)
        #expect(access(path + "/postbote.key", F_OK) != 0)
        truncate(path + "/credentials/postbote-key", 0)
        put([UInt8](repeating: 0x0f, count: 32), in: "credentials/postbote-key", mode: 0o400)
        #expect(await refusal(credentials: path + "/credentials") == nil)
        #expect(await refusal()?.reason.contains("missing") == true, "it does not fall back to a new key")
    }
}

/// A directory that goes with the test.
final class TemporaryDirectoryPath: Sendable {
    let path: String

    init() throws { path = try TemporaryStore.makeDirectory() }
    deinit { TemporaryStore.remove(path) }
}
