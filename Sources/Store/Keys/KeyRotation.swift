import Diagnostics
import Dispatch
import Synchronization

/// What came of a new master key.
public struct KeyRotation: Hashable, Sendable {
    /// Where the new key lies.
    public var path: String
    /// The key is a credential of systemd, which only an administrator can replace: the service reads the new one from
    /// `path` until the credential is the new one, too.
    public var isForCredential: Bool
    /// Sealed values that neither key opens: they were so before, and their accounts have to be authorized again.
    public var unreadable: Int
}

/// Seals everything anew with another master key, while the service goes on.
///
/// The order is one in which a crash anywhere leaves a start that reads everything: the new key lies durable beside the old
/// one; one commit seals every value with it, and with them the one by which the database tells its key (`KeyCheck`); what
/// was sealed with the old key meanwhile follows; the new key takes the place of the old one.
final class KeyRotator: Sendable {
    private let file: KeyFile
    private let ring: KeyRing
    private let queue = DispatchQueue(label: "postbote.store.key")
    private let isRunning = Mutex(false)

    init(_ file: KeyFile, _ ring: KeyRing) {
        self.file = file
        self.ring = ring
    }

    /// - Parameter readers: they may have read what the former key sealed, and open it yet.
    func run(on writer: Writer, _ readers: [Reader]) async throws -> KeyRotation {
        let isFirst = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard isFirst else { throw KeyRotator.refusal("The master key is being replaced already.", retry: .now) }
        defer { isRunning.withLock { $0 = false } }
        let key = try await onDisk { [file, ring] in try KeyRotator.nextKey(file, ring) }
        ring.admit(key)
        _ = try await writer.write { try KeyRotator.seal(with: key, on: $0) }
        ring.turn(to: key)
        let unreadable = try await writer.write { try KeyRotator.seal(with: key, on: $0) }
        let former = unreadable == 0 ? nil : ring.former
        try await onDisk { [file] in try file.adoptNext(keeping: former) }
        for reader in readers { await reader.ping() }
        ring.forgetOther()
        return KeyRotation(
            path: file.origin == .credential ? file.next : file.path, isForCredential: file.origin == .credential,
            unreadable: unreadable)
    }

    /// One that an interrupted rotation left, or a new one. Never in the place of one that is there: it may be the only copy.
    private static func nextKey(_ file: KeyFile, _ ring: KeyRing) throws(Failure) -> MasterKey {
        guard let left = try file.readNext() else { return try file.createNext() }
        guard file.origin == .stateDirectory || left.id != ring.current.id else {
            throw refusal(
                "The key of the last rotation is in use and still lies in \(file.next). Store it as the credential first, "
                    + "and restart the service.", retry: .whenReconfigured(by: .operatorOfPostbote))
        }
        return left
    }

    /// - Returns: how many values no key opens.
    private static func seal(with key: MasterKey, on transaction: WriteTransaction) throws -> Int {
        let unreadable = try transaction.credentials.sealAnew(with: key)
        try KeyCheck.write(key, on: transaction.connection)
        return unreadable
    }

    private func onDisk<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }

    private static func refusal(_ reason: String, retry: Failure.Retry) -> Failure {
        Failure(.daemon, retry, operation: "rotate master key", reason: reason)
    }
}
