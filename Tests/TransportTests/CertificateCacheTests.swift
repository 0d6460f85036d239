import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

/// Parsing all certificates costs 19 ms and 850 KB, so that libcurl must do it once and not for each connection.
@Suite struct CertificateCacheTests {
    @Test("the certificates are read once for all connections of a loop")
    func mail() async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(Opening.text(.imap, .implicit) + "REST", .implicit(certificate))
        let openings = try Openings(of: await CABundles.shared.bundle(for: trust).path)
        let loop = EventLoop()
        for _ in 0..<10 {
            let connection = try await Connection.open(
                .local(server.port, .imap, .implicit, trust: trust), on: loop)
            // Certificates of another file, which must not push these out.
            _ = try await thrown {
                try await Connection.open(.local(server.port, .imap, .implicit), on: loop)
            }
            await connection.close()
        }
        #expect(openings.count() == 1)
    }

    @Test("the certificates are read once for all requests of a client")
    func https() async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(
            HTTPDialog.answer("200 OK") + "REST", .implicit(certificate))
        let openings = try Openings(of: await CABundles.shared.bundle(for: trust).path)
        let client = HTTPSClient(loop: EventLoop())
        for _ in 0..<10 {
            // Not kept: each is a connection of its own.
            _ = try await client.send(
                HTTPRequest("POST", "https://localhost:\(server.port)/", trust: trust))
        }
        #expect(server.records.count == 10)
        #expect(openings.count() == 1)
    }
}

/// How often a file was opened (inotify(7)).
private final class Openings {
    private let descriptor: Int32
    private var total = 0

    init(of path: String) throws {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        try #require(descriptor >= 0)
        // Closing is watched too: the kernel makes one event of two alike in a row.
        try #require(inotify_add_watch(descriptor, path, UInt32(IN_OPEN) | UInt32(IN_CLOSE_NOWRITE)) >= 0)
        for _ in 0..<2 { close(open(path, O_RDONLY | O_CLOEXEC)) }
        try #require(count() == 2, "this kernel does not tell who opens a file in memory")
        total = 0
    }

    deinit { close(descriptor) }

    func count() -> Int {
        // The watch is on a file: events carry no name, and have one size.
        var events = [inotify_event](repeating: inotify_event(), count: 256)
        while true {
            let length = read(descriptor, &events, events.count * MemoryLayout<inotify_event>.size)
            guard length > 0 else { return total }
            let read = events.prefix(length / MemoryLayout<inotify_event>.size)
            total += read.count { $0.mask & UInt32(IN_OPEN) != 0 }
        }
    }
}
