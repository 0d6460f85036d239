import CSQLite
import Diagnostics
import Dispatch
import MailModel

#if canImport(Glibc)
    import Glibc
#endif

/// Everything Postbote remembers: one SQLite file, the bodies of large outgoing messages beside it, and the master key.
///
/// Invariant: a `write` that returned is durable. Nothing here blocks the caller's thread.
public final class Store: Sendable {
    /// The state directory.
    public let directory: String
    /// 8 hexadecimal digits that no other state has: a part of the names of files that it must find again as its own.
    public let mark: String
    /// Whether the last run ended without `close()`: then `check()` is worth its time.
    public var previousStopWasUnclean: Bool { lock.previousStopWasUnclean }

    /// Raw bytes of messages that could not be read.
    public let quarantine: QuarantineFiles
    let spool: Spool
    private let writer: Writer
    private let readers: [Reader]
    private let lock: StateLock
    private let keys: KeyRing
    private let rotator: KeyRotator

    private init(
        directory: String, mark: String, quarantine: QuarantineFiles, spool: Spool, writer: Writer, readers: [Reader],
        lock: StateLock, keys: KeyRing, rotator: KeyRotator,
        keyAwaitingCredential: String?
    ) {
        self.directory = directory
        self.mark = mark
        self.quarantine = quarantine
        self.spool = spool
        self.writer = writer
        self.readers = readers
        self.lock = lock
        self.keys = keys
        self.rotator = rotator
        self.keyAwaitingCredential = keyAwaitingCredential
    }

    var databasePath: String { Store.databasePath(in: directory) }
    private static func databasePath(in directory: String) -> String { directory + "/postbote.db" }

    // MARK: Opening

    /// Opens the state in `directory`, or makes it. Blocks on the disk: call it before anything else runs.
    ///
    /// Errors name the file and what to do: a second daemon on the same state, a database of another program or of a
    /// newer Postbote, a damaged one, a missing or wrong master key.
    ///
    /// - Parameters:
    ///   - credentialsDirectory: `$CREDENTIALS_DIRECTORY`; its `postbote-key` is the master key where there is one.
    ///   - onHealthChange: called on the writer's queue; it must be short.
    public static func open(
        in directory: String, credentialsDirectory: String? = nil,
        onHealthChange: @escaping @Sendable (StoreHealth) -> Void = { _ in }
    ) throws -> Store {
        try Directory.make(directory)
        let lock = try StateLock(directory + "/postbote.lock")
        for name in ["spool", "spool/in", "spool/out", "quarantine"] { try Directory.make(directory + "/" + name) }
        let path = databasePath(in: directory)
        try makeFile(path)
        let connection = try Writer.connect(path)
        try Schema.migrations.apply(to: connection)
        let file = KeyFile.choose(stateDirectory: directory, credentialsDirectory: credentialsDirectory)
        let (keys, isNext) = try KeyCheck.keys(file, for: connection)
        let mark = try StateMark.mark(of: connection)
        let spool = Spool(directory: directory + "/spool/out")
        try spool.removeOrphans(known: connection)
        let quarantine = QuarantineFiles(directory: directory + "/quarantine")
        try quarantine.removeOrphans(known: connection)
        let surroundings = Surroundings(sealer: Sealer(keys), spool: spool)
        let writer = Writer(connection, surroundings: surroundings, onHealthChange: onHealthChange)
        let readers = try (0..<Limits.readers).map { number in
            Reader(try Connection(path, for: .read), number: number, surroundings: surroundings) { failure in
                writer.report(failure)
            }
        }
        return Store(
            directory: directory, mark: mark, quarantine: quarantine, spool: spool, writer: writer, readers: readers,
            lock: lock, keys: keys, rotator: KeyRotator(file, keys),
            keyAwaitingCredential: isNext ? file.next : nil)
    }

    /// SQLite would make the file readable for the world; its log and index take over the mode found here.
    private static func makeFile(_ path: String) throws(Failure) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemCallFailure.failure("open", path, errno: errno) }
        defer { Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw SystemCallFailure.failure("chmod", path, errno: errno) }
        try Directory.sync(Directory.parent(of: path))
    }

    // MARK: Using

    /// Runs `unit` and returns what it returned once that is durable. Units that wait at the same time share a commit;
    /// one that throws undoes only itself.
    ///
    /// A commit that fails throws the same `Failure` to everybody in it and makes `health` `storage`.
    @discardableResult
    public func write<Value: Sendable>(
        _ unit: @escaping @Sendable (WriteTransaction) throws -> Value
    ) async throws -> Value {
        try await writer.write(unit)
    }

    /// Runs `unit` on a consistent view of what is committed. Keep it short, and page through what is long.
    public func read<Value: Sendable>(
        _ unit: @escaping @Sendable (ReadTransaction) throws -> Value
    ) async throws -> Value {
        guard let reader = readers.min(by: { $0.load < $1.load }) else { preconditionFailure("there are readers") }
        return try await reader.read(unit)
    }

    // MARK: Queue bodies

    /// Begins a message's content, of at most `limit` octets.
    public func bodyWriter(
        limit: Int64, at now: Timestamp, using generator: inout some RandomNumberGenerator
    ) throws -> BodyWriter {
        try BodyWriter(id: QueueID(at: now, using: &generator), limit: limit, spool: spool)
    }

    /// The content of a queued message.
    public func body(of id: QueueID) async throws -> BodyReader {
        enum Found: Sendable {
            case row([UInt8])
            case file(Int64)
        }
        let found = try await read { transaction -> Found? in
            switch try transaction.queue.bodyPlace(id) {
            case (.row, _)?: .row(try transaction.queue.bodyRow(id))
            case (.file, let size)?: .file(size)
            case (.none, _)?, nil: nil
            }
        }
        switch found {
        case .row(let content)?:
            return BodyReader(row: content)
        case .file(let size)?:
            let queue = spool.nextQueue()
            return try await queue.perform { [spool] in try BodyReader(id, size: size, spool: spool, queue: queue) }
        case nil:
            throw BodyReader.lost(id, spool.path(of: id))
        }
    }

    // MARK: Master key

    /// The key that the secrets of this state are sealed with, as its file holds it: 64 hexadecimal digits.
    public var masterKey: Secret { keys.current.text }

    /// Where the key in use lies that systemd's credential is to be replaced by; `nil`: it is where it belongs.
    public let keyAwaitingCredential: String?

    /// Seals everything with a new master key. What is interrupted is finished at the next start, or by another call.
    public func rotateMasterKey() async throws -> KeyRotation { try await rotator.run(on: writer, readers) }

    // MARK: Health

    public var health: StoreHealth { writer.health }

    /// Tries at once whether a store in trouble can commit again. It also tries by itself every few seconds.
    public func recover() async -> StoreHealth { await writer.tryRecovery() }

    /// Returns when the writer and all readers have answered: fed to the watchdog with a deadline of the caller's.
    public func ping() async {
        await writer.ping()
        for reader in readers { await reader.ping() }
    }

    /// Reads the whole database for damage, which takes as long as reading the file does, on a queue of its own.
    /// Damage makes `health` `storage`, and is thrown.
    public func check() async throws {
        let path = databasePath
        do {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                DispatchQueue(label: "postbote.store.check").async {
                    continuation.resume(with: Result { try Store.quickCheck(path) })
                }
            }
        } catch let failure as Failure {
            writer.report(failure)
            throw failure
        }
    }

    private static func quickCheck(_ path: String) throws {
        let connection = try Connection(path, for: .read)
        let verdict: String = try connection.value("PRAGMA quick_check(1)")
        guard verdict == "ok" else { throw connection.failure(SQLITE_CORRUPT, message: verdict) }
    }

    // MARK: Closing

    /// Commits what waits, puts everything away and lets the next daemon in. What comes later fails.
    public func close() async {
        for reader in readers { await reader.close() }
        lock.release(clean: await writer.close())
    }

    /// SQLite's own handle of the writer, between two commits: for tests that crash at the n-th commit.
    package func withWriterHandle(_ body: @escaping @Sendable (OpaquePointer) -> Void) async {
        await writer.withHandle(body)
    }
}
