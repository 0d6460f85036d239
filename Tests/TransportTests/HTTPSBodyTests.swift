import Diagnostics
import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Transport

/// Bodies that come from files, read while they are sent.
@Suite struct HTTPSBodyTests {
    @Test("a file is sent from where it stands, and stays the caller's", arguments: [0, 100, 3_000_000])
    func file(start: Int) async throws {
        let all = Filler.bytes(3_000_000)
        let sent = all.count - start
        let server = try await SecureServer.start("C/\nC= \(sent)\n" + HTTPDialog.response("200 OK") + "REST")
        let file = try OpenFile(all)
        lseek(file.descriptor, start, SEEK_SET)
        var request = server.request("PUT")
        request.body = .file(descriptor: file.descriptor, length: Int64(sent))
        #expect(try await HTTPSClient(loop: EventLoop()).send(request).status == 200)
        #expect(server.lines.contains("Content-Length: \(sent)"))
        #expect(server.bytes.suffix(sent).elementsEqual(all.suffix(sent)))
        #expect(fcntl(file.descriptor, F_GETFD) >= 0)
    }

    @Test("a body of unknown length is sent as it comes, while its writer takes its time")
    func pipe() async throws {
        let server = try await SecureServer.start(
            "C/\nC: 6\nC: first,\nC: 6\nC: second\nC: 0\nC:\n" + HTTPDialog.response("200 OK") + "REST")
        var ends: [Int32] = [-1, -1]
        try #require(Glibc.pipe(&ends) == 0)
        defer { close(ends[0]) }
        var request = server.request("POST")
        request.body = .file(descriptor: ends[0], length: nil)
        let client = HTTPSClient(loop: EventLoop())
        let sending = Task { [request] in try await client.send(request) }
        // The head is sent before there is a body: libcurl was paused then.
        try await server.scripted.records("the head") { $0.first?.transcript.clientLines.isEmpty == false }
        write(ends[1], "first,", 6)
        try await server.scripted.records("the first piece") {
            $0.first?.transcript.clientLines.contains("first,") == true
        }
        write(ends[1], "second", 6)
        close(ends[1])
        #expect(try await sending.value.status == 200)
    }

    @Test("a request is given up while its body waits for a writer")
    func cancelled() async throws {
        let server = try await SecureServer.start("C/\nREST")
        var ends: [Int32] = [-1, -1]
        try #require(Glibc.pipe(&ends) == 0)
        var request = server.request("POST")
        request.body = .file(descriptor: ends[0], length: nil)
        let client = HTTPSClient(loop: EventLoop())
        let sending = Task { [request] in try await client.send(request) }
        try await server.scripted.records("the head") { $0.first?.transcript.clientLines.isEmpty == false }
        sending.cancel()
        await #expect(throws: CancellationError.self) { try await sending.value }
        close(ends[0])
        // Ends the read that is still waiting.
        close(ends[1])
        try await server.scripted.finished()
    }

    @Test("a file that cannot be read is named as the cause")
    func unreadable() async throws {
        let server = try await SecureServer.start("C/\nREST")
        let directory = try TemporaryDirectory()
        let descriptor = open(directory.path, O_RDONLY | O_DIRECTORY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var request = server.request("POST")
        request.body = .file(descriptor: descriptor, length: nil)
        let failure = try await thrown { [request] in try await HTTPSClient(loop: EventLoop()).send(request) }
        #expect(failure.reason.contains("The body could not be read: Is a directory"))
    }

    @Test("a file that is shorter than was said is named as the cause, and nothing waits for the rest")
    func tooShort() async throws {
        let server = try await SecureServer.start("C/\nREST")
        let file = try OpenFile(Filler.bytes(1000))
        var request = server.request("POST")
        request.body = .file(descriptor: file.descriptor, length: 2000)
        let failure = try await thrown { [request] in try await HTTPSClient(loop: EventLoop()).send(request) }
        #expect(failure.reason.contains("The body could not be read: it ended 1000 bytes early"))
    }

    @Test("a file that is longer than was said is sent as far as was said")
    func tooLong() async throws {
        let server = try await SecureServer.start("C/\nC= 600\n" + HTTPDialog.response("200 OK") + "REST")
        let file = try OpenFile(Filler.bytes(1000))
        var request = server.request("POST")
        request.body = .file(descriptor: file.descriptor, length: 600)
        #expect(try await HTTPSClient(loop: EventLoop()).send(request).status == 200)
        try await server.scripted.finished()
        #expect(server.bytes.suffix(600).elementsEqual(Filler.bytes(600)))
    }

    @Test("what is read ahead does not depend on the caller's descriptor, which may be another file's by then")
    func ownDescriptor() async throws {
        let file = try OpenFile(bytes("right"))
        let other = try OpenFile(bytes("wrong"))
        let loop = EventLoop()
        let resumed = Gate()
        let body = BodyFile(descriptor: file.descriptor, loop: loop) { resumed.open() }
        // The caller has closed its file and opened another, which got the same number.
        try #require(dup2(other.descriptor, file.descriptor) >= 0)
        await body.begin()
        try await resumed.passed()
        #expect(await body.piece() == bytes("right"))
    }
}

/// An open file with some content.
final class OpenFile {
    let descriptor: Int32
    private let directory: TemporaryDirectory

    init(_ content: [UInt8]) throws {
        directory = try TemporaryDirectory()
        try Directory.write(content, to: directory("content"))
        descriptor = open(directory("content"), O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }
}

extension BodyFile {
    /// Starts, and finds nothing yet, as libcurl does.
    fileprivate func begin() {
        start()
        let isPaused = withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { take(into: .init($0)) } > 16
        #expect(isPaused)
    }

    fileprivate func piece() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = buffer.withUnsafeMutableBytes { take(into: $0) }
        return Array(buffer[..<count])
    }
}
