import Glibc
import TestSupport
import Testing

@Suite("A state that is not right")
struct DamagedStateTests {
    private static let message = "From: \(ServiceUnderTest.user)\nTo: somebody@example.org\nSubject: kept\n\nHello.\n"

    enum Damage: String, CaseIterable, Sendable {
        case garbage, cut, zeroed, foreign, newer, withoutKey, otherKey

        /// What the operator must be told.
        var words: [String] {
            switch self {
            case .garbage: ["postbote.db", "not an SQLite database", "Restore a backup"]
            case .cut, .zeroed: ["postbote.db", "damaged", "restore a backup"]
            case .foreign: ["postbote.db", "another program", "Move it away"]
            case .newer: ["postbote.db", "newer Postbote", "schema 99"]
            case .withoutKey: ["postbote.key", "missing", "Put the key back"]
            case .otherKey: ["postbote.key", "not the one", "Put the right key back"]
            }
        }

        func apply(in state: String) throws {
            let database = state + "/postbote.db"
            var bytes = try Directory.bytes(of: database)
            switch self {
            case .garbage: try Directory.write([UInt8](repeating: UInt8(ascii: "x"), count: 8192), to: database)
            case .cut: try Directory.write(Array(bytes.prefix(3 * 4096)), to: database)
            case .zeroed:
                // The first page says what the file is; the next ones hold what it knows.
                for index in 4096..<bytes.count { bytes[index] = 0 }
                try Directory.write(bytes, to: database)
            case .foreign, .newer:
                // Big-endian numbers of the header: application_id at 68, user_version at 60
                // (https://www.sqlite.org/fileformat.html#the_database_header).
                bytes[self == .foreign ? 71 : 63] = self == .foreign ? 7 : 99
                try Directory.write(bytes, to: database)
            case .withoutKey: unlink(state + "/postbote.key")
            case .otherKey:
                let key = String(repeating: "ab", count: 32) + "\n"
                try Directory.write(key, to: state + "/postbote.key", mode: 0o600)
            }
        }
    }

    @Test("keeps the daemon from starting, with what to do, and is left as it is", arguments: Damage.allCases)
    func damaged(damage: Damage) async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        #expect(try await service.run("send", input: Self.message).status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        let state = service.directory("state")
        try damage.apply(in: state)
        let before = try contents(of: state)
        for _ in 0..<2 {
            let refused = try await service.run("serve")
            #expect(refused.status == .exited(78), "\(refused.errors)")
            let line = refused.errors.split(separator: "\n").first { $0.hasPrefix("<3>") }.map(String.init) ?? ""
            for word in damage.words { #expect(line.contains(word), "\(refused.errors)") }
        }
        #expect(try contents(of: state) == before)
        await service.stop()
    }

    @Test("that is not there yet ends the start with 73, after which systemd tries again", arguments: [true, false])
    func late(asLink: Bool) async throws {
        let service = try await ServiceUnderTest.start()
        // As a directory on a disk that is not mounted yet, and as a link into one.
        let path = service.directory("disk/state")
        let shown = asLink ? service.directory("link") : path
        if asLink { try #require(symlink(path, shown) == 0) }
        let early = try service.spawn(adding: ["STATE_DIRECTORY": shown])
        #expect(try await early.exit() == .exited(73))
        try await early.errors.ended()
        #expect(early.errors.text.contains(shown), "\(early.errors.text)")
        #expect(early.errors.text.contains("mount the disk"), "\(early.errors.text)")
        try service.directory.directory("disk/state")
        let daemon = try service.spawn(adding: ["STATE_DIRECTORY": shown])
        try await daemon.errors.line(containing: "EVENT=ready")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("or has no directory for its sockets, ends the start with 73, too")
    func noRuntimeDirectory() async throws {
        let service = try await ServiceUnderTest.start()
        let missing = service.directory("gone")
        let early = try service.spawn(adding: ["RUNTIME_DIRECTORY": missing])
        #expect(try await early.exit() == .exited(73))
        try await early.errors.ended()
        #expect(early.errors.text.contains("listen on \(missing)/postbote.sock"), "\(early.errors.text)")
        #expect(early.errors.text.contains("RuntimeDirectory="), "\(early.errors.text)")
        await service.stop()
    }

    @Test("because another daemon has it, is left to that one, which is named")
    func second() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        let second = try await service.run("serve")
        #expect(second.status == .exited(78))
        #expect(second.errors.contains("Process \(daemon.processID) holds"))
        #expect(second.errors.contains("systemctl stop postbote") && second.errors.contains("state_directory:"))
        #expect(try await service.run("send", input: Self.message).status == .exited(0))
        #expect(try await service.run("status").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    /// What must not change: everything but the lock, whose content is a hint.
    private func contents(of state: String) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in ["postbote.db", "postbote.key"] where access(state + "/" + name, F_OK) == 0 {
            contents[name] = try Directory.bytes(of: state + "/" + name)
        }
        return contents
    }
}
