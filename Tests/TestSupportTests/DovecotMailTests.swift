import Glibc
import TestSupport
import Testing

@Suite("Mail in a Dovecot for tests")
struct DovecotMailTests {
    static let anna = "anna@example.test"

    @Test("comes back byte by byte, in the order it was put in")
    func bytes() async throws {
        let server = try await DovecotServer.start()
        let corpus = MessageCorpus()
        let messages = Array(corpus.messages(40))
        try server.deliver(messages, to: Self.anna)
        let stored = try await server.messages(of: Self.anna)
        #expect(stored.map(\.uid) == (1...40).map { UInt32($0) })
        for (index, message) in stored.enumerated() {
            #expect(message.bytes == messages[index], "\(corpus.kind(of: index))")
        }
        await server.stop()
    }

    @Test("goes into folders, with flags")
    func folders() async throws {
        let server = try await DovecotServer.start()
        try server.deliver(MessageCorpus().message(.plainText), to: Self.anna, folder: "Projekte/Käse", flags: "S")
        let listed = String(
            decoding: try await server.doveadm("mailbox", "list", "-8", "-u", Self.anna), as: UTF8.self)
        #expect(listed.contains("Projekte/Käse"), "\(listed)")
        let flags = try await server.messages(of: Self.anna, folder: "Projekte/Käse").map(\.flags)
        #expect(flags == [["\\Seen", "\\Recent"]])
        try await server.createFolder("New one", of: Self.anna)
        try await server.renameFolder("New one", to: "Newer", of: Self.anna)
        #expect(try await server.messages(of: Self.anna, folder: "Newer").isEmpty)
        try await server.deleteFolder("Newer", of: Self.anna)
        await #expect(throws: (any Error).self) { try await server.messages(of: Self.anna, folder: "Newer") }
        await server.stop()
    }

    @Test("is announced to a client that idles")
    func idle() async throws {
        let server = try await DovecotServer.start()
        let client = try await LineClient(port: server.port(.imap))
        try await client.line(beginning: "* OK [")
        try await client.ask("a LOGIN \(Self.anna) \(try #require(server.password(of: Self.anna)))", until: "a OK")
        try await client.ask("b SELECT INBOX", until: "b OK")
        try await client.ask("c IDLE", until: "+ ")
        try server.deliver(MessageCorpus().message(.plainText), to: Self.anna)
        try await client.line(beginning: "* 1 EXISTS")
        await server.stop()
    }

    @Test("gets a new UIDVALIDITY, with the UIDs kept or begun anew")
    func uidValidity() async throws {
        let server = try await DovecotServer.start()
        try server.deliver(MessageCorpus().small(5), to: Self.anna)
        let before = try await server.messages(of: Self.anna)
        try await server.expunge(Self.anna, query: "uid 1")
        let validity = try await server.uidValidity(of: Self.anna)
        try await server.setUIDValidity(validity + 7, of: Self.anna)
        #expect(try await server.uidValidity(of: Self.anna) == validity + 7)
        #expect(try await server.messages(of: Self.anna).map(\.uid) == [2, 3, 4, 5])
        try await server.renumber(Self.anna, uidValidity: validity)
        #expect(try await server.uidValidity(of: Self.anna) == validity)
        let after = try await server.messages(of: Self.anna)
        #expect(after.map(\.uid) == [1, 2, 3, 4])
        #expect(after.map(\.bytes) == before.dropFirst().map(\.bytes))
        await server.stop()
    }

    @Test("survives a restart, in which the ports stay and refuse")
    func restart() async throws {
        let server = try await DovecotServer.start()
        let port = server.port(.imap)
        try server.deliver(MessageCorpus().small(3), to: Self.anna)
        let client = try await LineClient(port: port)
        try await client.line(beginning: "* OK")
        await server.stop()
        #expect(try await client.line() == nil)
        await #expect(throws: SystemError.self) { try await LineClient(port: port) }
        try await server.start()
        try await LineClient(port: port).line(beginning: "* OK")
        #expect(try await server.messages(of: Self.anna).count == 3)
        await server.crash()
        await #expect(throws: SystemError.self) { try await LineClient(port: port) }
        try await server.restart()
        #expect(try await server.messages(of: Self.anna).count == 3)
        await server.stop()
    }

    @Test("comes in by the ten thousand")
    func bulk() async throws {
        let server = try await DovecotServer.start()
        try server.deliver(MessageCorpus().small(10_000, size: 1024), to: Self.anna)
        let status = try await server.doveadm("-f", "flow", "mailbox", "status", "-u", Self.anna, "messages", "INBOX")
        #expect(String(decoding: status, as: UTF8.self).contains("messages=10000"))
        await server.stop()
    }

    @Test("is gone with the server, and so are its processes")
    func cleanUp() async throws {
        var server: DovecotServer? = try await DovecotServer.start()
        let path = try #require(server?.directory.path)
        let log = try #require(server?.log)
        server = nil
        // Every process of Dovecot holds the log's pipe.
        try await log.ended()
        #expect(access(path, F_OK) != 0)
    }
}
