import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

/// A provider may have replaced the refresh token as soon as it has the request, and only the reply says with what.
@Suite("A token request that was sent")
struct OnTheWireTests {
    /// Rotates with each answer; the first `held` answers wait at the door.
    private func provider(_ door: Gate, held: Int = .max) -> ScriptedProvider {
        ScriptedProvider { _, number in
            if number <= held { try await door.passed() }
            return .token("access-\(number)", refresh: "refresh-\(number)", more: ImportTests.rightPerson)
        }
    }

    @Test("is awaited when everything ends, and what it brings is stored; who waits for it is let go at once")
    func shutDown() async throws {
        let door = Gate()
        let fixture = try await KeeperFixture.consented(provider: provider(door))
        let waiting = Task { try await fixture.token() }
        try await fixture.provider.requests(atLeast: 1)
        let ending = Task { await fixture.keeper.shutDown() }
        await #expect(throws: CancellationError.self) { try await waiting.value }
        door.open()
        await ending.value
        #expect(try await fixture.refreshToken() == "refresh-1")
        #expect(fixture.provider.requests.count == 1)
    }

    @Test("is the only one that is awaited: what was queued behind it is never sent")
    func shutDownQueued() async throws {
        let door = Gate()
        let settings = Settings.accounts((0..<40).map { "a\($0)" })
        let fixture = try await KeeperFixture.consented(settings, provider: provider(door))
        let waiting = settings.accounts.keys.map { name in Task { try await fixture.token(name.text) } }
        try await fixture.provider.requests(atLeast: 16)
        let ending = Task { await fixture.keeper.shutDown() }
        for task in waiting { await #expect(throws: CancellationError.self) { try await task.value } }
        door.open()
        await ending.value
        #expect(fixture.provider.requests.count == 16)
        #expect(fixture.vault.state.value.writes == 16)
    }

    @Test("is awaited, too, when it asks for a person who has just consented with a device code")
    func shutDownAtASignIn() async throws {
        let door = Gate()
        let provider = ScriptedProvider { request, number in
            guard request["device_code"] != nil else { return DeviceTests.code }
            try await door.passed()
            return .token("access", refresh: "refresh", more: ImportTests.rightPerson)
        }
        let fixture = KeeperFixture(provider: provider)
        try await fixture.keeper.apply(fixture.settings)
        let steps = fixture.keeper.authorizeByDevice(for: ImportTests.account, fixture.signIn)
        let following = Task {
            for await step in steps { if case .waiting(let next) = step { fixture.clock.set(to: next) } }
        }
        try await provider.requests(atLeast: 2)
        following.cancel()
        await following.value
        let ending = Task { await fixture.keeper.shutDown() }
        door.open()
        await ending.value
        #expect(try await fixture.refreshToken() == "refresh")
    }

    @Test("is awaited, too, when it tries a token that is imported by somebody who has gone")
    func shutDownAtAnImport() async throws {
        let door = Gate()
        let fixture = KeeperFixture(provider: provider(door))
        try await fixture.keeper.apply(fixture.settings)
        let importing = Task {
            try await fixture.keeper.importRefreshToken(Secret("old"), for: ImportTests.account, fixture.signIn)
        }
        try await fixture.provider.requests(atLeast: 1)
        importing.cancel()
        door.open()
        await fixture.keeper.shutDown()
        #expect(try await fixture.refreshToken() == "refresh-1")
    }

    @Test("has its full time, however long it was queued")
    func queued() async throws {
        let (first, second) = (Gate(), Gate())
        let settings = Settings.accounts((0..<17).map { "a\($0)" })
        let provider = ScriptedProvider { _, number in
            try await (number <= 16 ? first : second).passed()
            return .token("access-\(number)")
        }
        let fixture = try await KeeperFixture.consented(settings, provider: provider)
        let asking = settings.accounts.keys.map { name in Task { await fixture.failure(name.text) } }
        try await provider.requests(atLeast: 16)
        fixture.clock.advance(by: .seconds(100))
        first.open()
        try await provider.requests(atLeast: 17)
        // The others must have landed before their own time is over.
        try await within(.seconds(60), "16 tokens") {
            while fixture.recorder.events(.tokenRefreshed).count < 16 { await Task.yield() }
        }
        fixture.clock.advance(by: .seconds(30))
        // Whoever slept until now acts before this is answered.
        for _ in 0..<100 { _ = try await fixture.keeper.status(of: fixture.signIn("a0")) }
        second.open()
        for task in asking { #expect(await task.value == nil) }
    }

    @Test("is waited for when it takes too long: nobody else waits, nothing else is sent, and what it brings is used")
    func late() async throws {
        let door = Gate()
        let fixture = try await KeeperFixture.consented(provider: provider(door, held: 1))
        let asking = Task { await fixture.failure() }
        try await fixture.provider.requests(atLeast: 1)
        // Two clocks run: the watchdog's and perhaps the alarm's.
        fixture.clock.advance(by: .seconds(121))
        let failure = try #require(await asking.value)
        #expect(failure.reason.contains("no reply"))
        #expect(failure.retry == .later(after: nil))
        for _ in 0..<10 {
            fixture.clock.advance(by: .seconds(900))
            #expect(await fixture.failure() == failure)
            try await fixture.keeper.retryNow(fixture.signIn)
        }
        #expect(fixture.provider.requests.count == 1)
        fixture.clock.set(to: KeeperFixture.start + .seconds(130))
        door.open()
        try await fixture.rest()
        #expect(try await fixture.token() == "access-1")
        #expect(try await fixture.refreshToken() == "refresh-1")
        #expect(try await fixture.keeper.status(of: fixture.signIn)?.state == .ok)
        #expect(fixture.provider.requests.count == 1)
        #expect(fixture.recorder.events(.failure).count == 1)
    }

    @Test("stays the only one while what it brought waits for a slow disk")
    func slowDisk() async throws {
        let fixture = try await KeeperFixture.consented(provider: provider(Gate(open: true)))
        fixture.vault.door.close()
        let asking = Task { await fixture.failure() }
        try await fixture.provider.requests(atLeast: 1)
        fixture.clock.advance(by: .seconds(121))
        #expect(await asking.value?.reason.contains("no reply") == true)
        fixture.clock.advance(by: .seconds(600))
        #expect(await fixture.failure() != nil)
        fixture.vault.door.open()
        try await fixture.rest()
        #expect(try await fixture.token() == "access-1")
        #expect(fixture.provider.requests.map { $0["refresh_token"] } == ["refresh-0"])
    }

    @Test("stays the only one although its account leaves the configuration and comes back")
    func reload() async throws {
        let door = Gate()
        let fixture = try await KeeperFixture.consented(provider: provider(door, held: 1))
        let waiting = Task { try await fixture.token() }
        try await fixture.provider.requests(atLeast: 1)
        var without = fixture.settings
        without.accounts = [:]
        try await fixture.keeper.apply(without)
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await fixture.keeper.apply(fixture.settings)
        let asking = Task { try await fixture.token() }
        try await fixture.keeper.retryNow(fixture.signIn)
        #expect(fixture.provider.requests.count == 1)
        door.open()
        #expect(try await asking.value == "access-2")
        #expect(fixture.provider.requests.map { $0["refresh_token"] } == ["refresh-0", "refresh-1"])
    }

    @Test("does not park a new consent when the old one is refused after all")
    func refusedTooLate() async throws {
        let door = Gate()
        let fixture = try await KeeperFixture.consented(
            provider: ScriptedProvider { request, _ in
                guard request["refresh_token"] == "refresh-0" else { return .token("new", lifetime: 1) }
                try await door.passed()
                return RefusalTests.revoked
            })
        let waiting = Task { await fixture.failure() }
        try await fixture.provider.requests(atLeast: 1)
        _ = try await fixture.keeper.importRefreshToken(
            Secret("imported"), for: ImportTests.account, fixture.signIn)
        #expect(await waiting.value == nil)
        // The new consent wants its own flight, which leaves when the old one has landed.
        fixture.clock.advance(by: .seconds(5))
        let asking = Task { await fixture.failure() }
        door.open()
        #expect(await asking.value == nil)
        #expect(fixture.vault.state.value.notes.isEmpty)
        #expect(fixture.provider.requests.last?["refresh_token"] == "imported")
    }

    @Test("is stored at the end where a full disk kept it waiting")
    func fullDisk() async throws {
        let fixture = try await KeeperFixture.consented(provider: provider(Gate(open: true)))
        fixture.vault.state.update {
            $0.failing = Failure(.daemon, .later(after: nil), operation: "commit", reason: "The disk is full.")
        }
        #expect(await fixture.failure()?.reason == "The disk is full.")
        fixture.vault.state.update { $0.failing = nil }
        await fixture.keeper.shutDown()
        #expect(try await fixture.refreshToken() == "refresh-1")
    }
}
