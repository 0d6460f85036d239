import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

@Suite struct ManyConnectionsTests {
    private static let isLong = getenv("POSTBOTE_LONG_TESTS") != nil

    @Test("1,200 connections are open at once on one loop, and each still answers")
    func many() async throws {
        try OpenFiles.allow(4000)
        let count = 1200
        let server = try await ScriptedServer.start(Opening.text(.pop3, .none) + "C: ping\nS: pong\nREST")
        let loop = EventLoop()
        var connections: [Connection] = []
        try await withThrowingTaskGroup(of: Connection.self) { group in
            for _ in 0..<count { group.addTask { try await Connection.open(.local(server.port, .pop3), on: loop) } }
            for try await connection in group { connections.append(connection) }
        }
        #expect(server.records.count == count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in connections {
                group.addTask {
                    try await connection.write("ping\r\n")
                    #expect(try await connection.readExactly(6) == bytes("pong\r\n"))
                    await connection.close()
                }
            }
            try await group.waitForAll()
        }
        try await server.finished(count)
    }

    @Test("opening and closing again and again leaves no descriptor behind")
    func cycles() async throws {
        let count = Self.isLong ? 10_000 : 1_000
        let server = try await ScriptedServer.start(Opening.text(.pop3, .none) + "REST")
        let loop = EventLoop()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<10 {
                group.addTask {
                    for round in 0..<(count / 10) {
                        let connection = try await Connection.open(.local(server.port, .pop3), on: loop)
                        // Every other way out: closed while it is read, or just let go.
                        if (worker + round).isMultiple(of: 3) { await connection.close() }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await server.finished(count)
        await loop.ping()
        #expect(try sockets(connectedTo: server.port) == 0)
    }

    /// The sockets of this process whose other side is `port`: its clients, found by the kernel's own list.
    private func sockets(connectedTo port: Int) throws -> Int {
        let digits = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - digits.count) + digits
        let open = Set(
            Directory.names(in: "/proc/self/fd").compactMap { name -> String? in
                var target = [CChar](repeating: 0, count: 64)
                let count = readlink("/proc/self/fd/\(name)", &target, 63)
                guard count > 0 else { return nil }
                return String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            })
        return try ["/proc/self/net/tcp", "/proc/self/net/tcp6"].reduce(0) { sum, path in
            sum
                + (try Directory.text(of: path)).split(separator: "\n").count { line in
                    let fields = line.split(separator: " ")
                    return fields.count > 9 && fields[2].hasSuffix(suffix) && open.contains("socket:[\(fields[9])]")
                }
        }
    }
}
