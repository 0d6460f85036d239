import Diagnostics
import Dispatch
import MailModel
import Store
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Another master key")
struct KeyRotationTests {
    let directory: TemporaryDirectoryPath
    private var path: String { directory.path }

    init() throws { directory = try TemporaryDirectoryPath() }

    private func key() throws -> String { try Directory.text(of: path + "/postbote.key") }

    private func put(_ text: String, in file: String) throws {
        let descriptor = open(path + "/" + file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
    }

    @Test("Opens what the former one sealed, and the former one opens nothing any more")
    func rotated() async throws {
        let store = try Store.open(in: path)
        let life = RotationLife(store)
        try await life.begin()
        let former = try key()
        let rotation = try await store.rotateMasterKey()
        #expect(rotation.path == path + "/postbote.key" && !rotation.isForCredential && rotation.unreadable == 0)
        #expect(try await life.holds())
        #expect(try key() != former)
        #expect(store.masterKey.reveal() + "\n" == (try key()))
        #expect(try Files.names(in: path).filter { $0.hasPrefix("postbote.key") } == ["postbote.key"])
        var status = stat()
        #expect(stat(path + "/postbote.key", &status) == 0 && status.st_mode & 0o777 == 0o600)
        await store.close()
        let again = try Store.open(in: path)
        #expect(try await RotationLife(again).holds())
        await again.close()
        try put(former, in: "postbote.key")
        let failure = #expect(throws: Failure.self) { try Store.open(in: path) }
        #expect(failure?.reason.contains("is not the one that") == true)
    }

    @Test("Opens what is sealed in the commit that seals everything anew, and until the service knows of it")
    func meanwhile() async throws {
        let store = try Store.open(in: path)
        let life = RotationLife(store)
        try await life.begin()
        // The writer stands still until the rotation waits for it, and behind it what is sealed with the former key.
        let (isHeld, release) = (Gate(), DispatchSemaphore(value: 0))
        async let held: Void = store.withWriterHandle { _ in
            isHeld.open()
            release.wait()
        }
        try await isHeld.passed()
        async let rotation = store.rotateMasterKey()
        while access(path + "/postbote.key.new", F_OK) != 0 { await Task.yield() }
        try await withThrowingTaskGroup { group in
            for number in 100..<400 {
                group.addTask { try await life.consent("user\(number)@contoso.de", seed: UInt64(number)) }
                await Task.yield()
            }
            release.signal()
            try await group.waitForAll()
        }
        _ = try await (held, rotation)
        await store.close()
        let again = try Store.open(in: path)
        #expect(try await RotationLife(again).refreshTokens().count == RotationLife.subjects.count + 300)
        await again.close()
    }

    @Test("Is in force or not after a crash at any commit", arguments: CrashAfterCommits.Moment.allCases)
    func crash(moment: CrashAfterCommits.Moment) async throws {
        for count in 1...20 {
            let directory = try TemporaryStore.makeDirectory()
            defer { TemporaryStore.remove(directory) }
            let prepared = try Store.open(in: directory)
            try await RotationLife(prepared).begin()
            await prepared.close()
            await #expect(processExitsWith: .exitCode(CrashAfterCommits.status)) {
                [directory = directory as String, count = count as Int, moment] in
                try await CrashingLife(directory, count, moment).run { _ = try await $0.rotateMasterKey() }
            }
            let store = try Store.open(in: directory)
            #expect(try await RotationLife(store).holds())
            // And what was interrupted can be done again.
            _ = try await store.rotateMasterKey()
            #expect(try await RotationLife(store).holds())
            #expect(try Files.names(in: directory).filter { $0.hasPrefix("postbote.key") } == ["postbote.key"])
            await store.close()
            if access(directory + "/over", F_OK) == 0 {
                #expect(count > 2, "a rotation has several commits")
                return
            }
        }
        Issue.record("the rotation never came to its end")
    }

    @Test("What a crash left of a key that was being written is no key")
    func half() async throws {
        let store = try Store.open(in: path)
        try await RotationLife(store).begin()
        await store.close()
        try put("0123", in: "postbote.key.new.draft")
        let again = try Store.open(in: path)
        _ = try await again.rotateMasterKey()
        #expect(try await RotationLife(again).holds())
        await again.close()
    }

    @Test("Is not put in the place of another one that waits there, even if that cannot be read")
    func unreadableNext() async throws {
        let store = try Store.open(in: path)
        try await RotationLife(store).begin()
        try put("no key", in: "postbote.key.new")
        let failure = await #expect(throws: Failure.self) { try await store.rotateMasterKey() }
        #expect(failure?.reason.contains("postbote.key.new does not hold a key") == true)
        #expect(try Directory.text(of: path + "/postbote.key.new") == "no key")
        await store.close()
        // The key in use is another one: nothing keeps the service from starting.
        let again = try Store.open(in: path)
        #expect(try await RotationLife(again).holds())
        await again.close()
    }

    @Test("Is that of the database that is put back, whatever was there meanwhile")
    func putBack() async throws {
        mkdir(path + "/credentials", 0o700)
        try put(String(repeating: "ab", count: 32), in: "credentials/postbote-key")
        let open = { try Store.open(in: path, credentialsDirectory: path + "/credentials") }
        var store = try open()
        try await RotationLife(store).begin()
        _ = try await store.rotateMasterKey()
        await store.close()
        let aside = { (from: String, to: String) in rename(path + "/" + from, path + "/" + to) }
        #expect(aside("postbote.db", "newer.db") == 0)
        store = try open()
        #expect(store.keyAwaitingCredential == nil)
        await store.close()
        #expect(aside("newer.db", "postbote.db") == 0)
        store = try open()
        #expect(try await RotationLife(store).holds())
        await store.close()
    }

    @Test("Goes on where it failed, when it is asked for again")
    func takenUp() async throws {
        let store = try Store.open(in: path)
        let life = RotationLife(store)
        try await life.begin()
        // A directory in its place: the new key cannot take it, after everything was sealed with it.
        let key = path + "/postbote.key"
        #expect(rename(key, key + ".kept") == 0 && mkdir(key, 0o700) == 0)
        await #expect(throws: Failure.self) { try await store.rotateMasterKey() }
        #expect(try await life.holds())
        #expect(rmdir(key) == 0 && rename(key + ".kept", key) == 0)
        _ = try await store.rotateMasterKey()
        #expect(try await life.holds())
        await store.close()
        let again = try Store.open(in: path)
        #expect(try await RotationLife(again).holds())
        await again.close()
    }

    @Test("What no key opens stays as it is, and is counted")
    func unreadable() async throws {
        let store = try Store.open(in: path)
        let life = RotationLife(store)
        try await life.begin()
        await RawHandle(store).execute("UPDATE credentials SET refresh_token = x'0102' WHERE subject LIKE 'anna%'")
        #expect(try await store.rotateMasterKey().unreadable == 1)
        #expect(try await life.refreshTokens().count == RotationLife.subjects.count - 1)
        // The former key is kept, should it be asked for.
        #expect(try Files.names(in: path).contains { $0.hasPrefix("postbote.key.former-") })
        await store.close()
    }

    @Test("Lies beside systemd's credential until that is the new one, too")
    func credential() async throws {
        mkdir(path + "/credentials", 0o700)
        try put(String(repeating: "ab", count: 32), in: "credentials/postbote-key")
        let open = { try Store.open(in: path, credentialsDirectory: path + "/credentials") }
        var store = try open()
        try await RotationLife(store).begin()
        #expect(store.keyAwaitingCredential == nil)
        let rotation = try await store.rotateMasterKey()
        #expect(rotation.isForCredential && rotation.path == path + "/postbote.key.new")
        await store.close()

        store = try open()
        #expect(store.keyAwaitingCredential == rotation.path)
        #expect(try await RotationLife(store).holds())
        let failure = await #expect(throws: Failure.self) { try await store.rotateMasterKey() }
        #expect(failure?.reason.contains("Store it as the credential first") == true)
        await store.close()

        try put(try Directory.text(of: rotation.path), in: "credentials/postbote-key")
        store = try open()
        #expect(store.keyAwaitingCredential == nil)
        #expect(try await RotationLife(store).holds())
        #expect(access(rotation.path, F_OK) != 0)
        await store.close()
    }
}

/// Some consents whose tokens must stay readable.
private struct RotationLife: Sendable {
    static let subjects = ["anna@contoso.de", "berta@contoso.de", "carl@contoso.de"]
    let store: Store

    init(_ store: Store) { self.store = store }

    func begin() async throws {
        for (number, subject) in Self.subjects.enumerated() { try await consent(subject, seed: UInt64(number + 1)) }
    }

    func consent(_ subject: String, seed: UInt64) async throws {
        var generator = RepeatableGenerator(state: seed << 32)
        let id = CredentialID(using: &generator)
        try await store.write { transaction in
            let credential = try transaction.credentials.store(
                Consent(
                    grant: .authorizationCode, refreshToken: Secret("planted-refresh-of-\(subject)"),
                    scopes: ["imap"],
                    identity: StoredIdentity(objectID: "oid", tenantID: "tid", userName: subject)),
                provider: .contoso, subject: subject, new: id, at: .epoch)
            _ = try transaction.credentials.refresh(
                id, ifVersion: credential.version,
                Refreshed(
                    accessToken: StoredAccessToken(
                        token: Secret("planted-access-of-\(subject)"), obtained: .epoch,
                        expires: .epoch + .seconds(3600), refreshAfter: nil),
                    audience: "https://outlook.office.com"),
                at: .epoch)
        }
    }

    /// Those that open.
    func refreshTokens() async throws -> Set<String> {
        try await store.read { transaction in
            let tokens = try transaction.credentials.all().map { credential in
                try? transaction.credentials.refreshToken(credential.id)?.reveal()
            }
            return Set(tokens.compactMap(\.self))
        }
    }

    func holds() async throws -> Bool {
        let access = try await store.read { transaction in
            try transaction.credentials.all().compactMap { credential in
                try transaction.credentials.accessToken(credential.id, audience: "https://outlook.office.com")?.token
                    .reveal()
            }
        }
        let refresh = try await refreshTokens()
        return Set(access) == Set(Self.subjects.map { "planted-access-of-\($0)" })
            && refresh == Set(Self.subjects.map { "planted-refresh-of-\($0)" })
    }
}
