import Console
import Diagnostics
import MailModel
import Operations
import TestSupport
import Testing

@testable import Daemon
@testable import Store

/// What the tests of links, and of the mail that brings them to owners, have in common.
protocol LinkScene {}

extension LinkScene {
    static var console: String {
        """
        console: {listen: "127.0.0.1:1", public_url: "https://post.example.test"}
        notify_via: office
        """
    }
    static var hour: Duration { .seconds(3600) }
    static var minutes: Duration { .seconds(300) }

    var anna: AccountName { AccountName("anna")! }

    /// A daemon whose accounts have no consent, and an office that sends.
    func running(
        _ accounts: [String] = ["anna", "bert"], top: String = "", shared: String = ""
    ) async throws -> (DaemonUnderTest, Daemon) {
        let test = try DaemonUnderTest()
        try test.configure(accounts: accounts, top: Self.console + "\n" + top, office: true, shared: shared)
        let daemon = try test.daemon()
        try await daemon.start()
        return (test, daemon)
    }

    func stop(_ test: DaemonUnderTest, _ daemon: Daemon) async {
        await daemon.stop(within: .seconds(60))
        await test.store.close()
    }

    func token(_ report: SignInLinkReport) throws -> Secret {
        let url = try #require(report.url)
        #expect(url.hasPrefix("https://post.example.test/authorize/"))
        return Secret(String(try #require(url.split(separator: "/").last)))
    }

    /// Moves the clock from one look to the next until something is true.
    func pass(
        _ test: DaemonUnderTest, by step: Duration = .seconds(300),
        until isReached: @escaping @Sendable () async throws -> Bool
    ) async throws {
        try await within(.seconds(60), "what the owner is told") {
            while try await !isReached() {
                try await test.clock.sleepers()
                test.clock.advance(by: step)
                await Task.yield()
            }
        }
    }

    /// Who got mail, and the links in it.
    func mails(_ test: DaemonUnderTest) async throws -> [(to: String, link: String)] {
        let queued = try await test.store.read { transaction in
            try transaction.queue.list().map { (id: $0.id, to: try transaction.queue.recipients($0.id)) }
        }
        var mails: [(to: String, link: String)] = []
        for message in queued {
            let text = String(decoding: try await test.store.body(of: message.id).read(from: 0), as: UTF8.self)
            let link = try #require(text.firstMatch(of: /https:\/\/post\.example\.test\/authorize\/(\S+)/)).1
            mails.append((message.to.map(\.address).joined(), String(link)))
        }
        return mails
    }

    // MARK: A queue that takes nothing

    func refuseMail(_ test: DaemonUnderTest) async throws {
        try await test.store.write { transaction in
            try transaction.signInLinks.connection.run(
                "CREATE TRIGGER refusing BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'refused'); END")
        }
    }

    func takeMail(_ test: DaemonUnderTest) async throws {
        try await test.store.write { try $0.signInLinks.connection.run("DROP TRIGGER refusing") }
    }
}

extension BrowserKey {
    /// Of a browser that nobody knows.
    static var fresh: BrowserKey { BrowserKey() }
}
