import Glibc
import TestSupport
import Testing

@Suite("A full disk", .enabled(if: SmallDisk.isPossible, "mounting needs root"))
struct FullDiskTests {
    private static let other = "bert@example.test"
    private static let message = "From: \(ServiceUnderTest.user)\nTo: somebody@example.org\n\nHello.\n"

    @Test("under a Maildir makes its account wait and say so, no other; when there is room it goes on by itself")
    func maildir() async throws {
        let disk = try SmallDisk(size: 4 << 20)
        let service = try await ServiceUnderTest.start(users: [ServiceUnderTest.user, Self.other])
        let messages = Array(MessageCorpus().small(40, size: 20_000))
        for user in [ServiceUnderTest.user, Self.other] { try service.dovecot.deliver(messages[0], to: user) }
        try service.configure(
            receive: "deliver_to: [small]",
            extra: """
                  bert: {address: \(Self.other), provider: test, receive: {}}
                destinations:
                  small: {type: maildir, path: "\(disk.path)/{account}"}
                """)
        let daemon = try await service.serve()
        try await service.consent()
        try await service.consent("bert", user: Self.other)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        // There is room for some of the mail that comes now.
        try disk.fill(except: 200_000)
        try service.dovecot.deliver(messages.dropFirst(), to: ServiceUnderTest.user)
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(75))
        let status = try await service.run("status", "anna")
        for text in [fetched.errors, status.text] {
            #expect(text.contains(disk.path) && text.contains("full: free room"), "\(text)")
        }
        #expect(status.text.contains("waiting"))
        #expect(try await service.run("fetch", "bert", "--wait").status == .exited(0))
        #expect(Directory.names(in: service.directory("state/mail/bert/new")).count == 1)
        let new = disk.path + "/anna/new"
        #expect(Directory.names(in: new).count < messages.count)
        disk.free()
        _ = try await FileWatch.change(in: new, what: "all mail") {
            Directory.names(in: new).count == messages.count ? true : nil
        }
        let delivered = try Directory.names(in: new).map { try Directory.bytes(of: "\(new)/\($0)") }
        #expect(sameMessages(delivered, messages))
        #expect(await daemon.stop() == .exited(0))
        #expect(Directory.names(in: disk.path + "/anna/postbote-staging").isEmpty)
        await service.stop()
    }

    @Test("under the state is said by status and journal, refuses mail with 75, and heals by itself")
    func state() async throws {
        let disk = try SmallDisk(size: 8 << 20)
        let server = try await SMTPServer.start()
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        try service.configure(extra: "state_directory: \(disk.path)/state")
        let daemon = try await service.serve()
        try await service.consent()
        let first = try await service.run("send", input: Self.message)
        #expect(first.status == .exited(0))
        try await server.transactions(atLeast: 1)
        try disk.fill(except: 0)
        let large = Self.message + String(repeating: String(repeating: "x", count: 70) + "\n", count: 3000)
        for input in [Self.message, large, Self.message] {
            let refused = try await service.run("send", input: input)
            #expect(refused.status == .exited(75), "\(refused.text)")
            #expect(refused.output.isEmpty && refused.errors.contains("full"), "\(refused.errors)")
        }
        let storage = try await daemon.errors.line(containing: "NEW_STATE=storage")
        #expect(storage.contains("Free space"))
        let status = try await service.run("status", "--problems")
        #expect(status.status == .exited(1))
        #expect(status.errors.contains("storage") && status.errors.contains(disk.path), "\(status.errors)")
        disk.free()
        try await daemon.errors.line { $0.contains("OLD_STATE=storage") && $0.contains("NEW_STATE=ok") }
        #expect(try await service.run("send", input: Self.message).status == .exited(0))
        try await server.transactions(atLeast: 2)
        #expect(server.transactions.count == 2)
        #expect(try await service.run("status", "--problems").errors.isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
        await server.stop()
    }
}
