import Glibc
import TestSupport
import Testing

@testable import Transport

@Suite struct PollerTests {
    @Test("a socket is told to be ready for what it is watched for, and for nothing before")
    func readiness() async throws {
        let (loop, told) = (EventLoop(), Watched<[String]>([]))
        let (quiet, pair) = (try SocketPair(), try SocketPair())
        quiet.send()
        pair.send()
        await loop.onQueue { poller in
            // Registered, and ready, but never watched.
            _ = poller.add(quiet.ours) { _ in told.update { $0.append("quiet") } }
            let token = poller.add(pair.ours) { told.update { [name = $0.name] in $0.append(name) } }
            poller.watch(token, for: .readable, once: true)
        }
        try await told.wait(for: "the first") { $0 == ["readable"] }
        await loop.onQueue { poller in
            let token = poller.add(pair.theirs) { told.update { [name = $0.name] in $0.append(name) } }
            poller.watch(token, for: [.readable, .writable], once: true)
        }
        try await told.wait(for: "the second") { $0 == ["readable", "writable"] }
    }

    @Test("a socket watched once is told once, until it is watched again")
    func once() async throws {
        let (loop, told, marked) = (EventLoop(), Watched(0), Watched(0))
        let (pair, marker) = (try SocketPair(), try SocketPair())
        pair.send()
        marker.send()
        let token = await loop.onQueue { poller in
            let token = poller.add(pair.ours) { _ in told.update { $0 += 1 } }
            poller.watch(token, for: .readable, once: true)
            return token
        }
        try await told.wait(for: "the first time") { $0 == 1 }
        pair.send()
        // What is ready later is told later: when the marker is, the other would have been.
        await loop.onQueue { poller in
            poller.watch(poller.add(marker.ours) { _ in marked.update { $0 += 1 } }, for: .readable, once: true)
        }
        try await marked.wait(for: "the marker") { $0 == 1 }
        #expect(told.value == 1)
        await loop.onQueue { poller in poller.watch(token, for: .readable, once: true) }
        try await told.wait(for: "the second time") { $0 == 2 }
    }

    @Test("a socket watched for good is told again and again, until it is removed")
    func forGood() async throws {
        let (loop, told) = (EventLoop(), Watched(0))
        let pair = try SocketPair()
        pair.send()
        let token = await loop.onQueue { poller in
            let token = poller.add(pair.ours) { _ in told.update { $0 += 1 } }
            poller.watch(token, for: .readable, once: false)
            return token
        }
        try await told.wait(for: "the third time") { $0 >= 3 }
        await loop.onQueue { poller in poller.remove(token) }
        let last = told.value
        try await loop.deliverOnce()
        #expect(told.value == last)
    }

    @Test("a hang-up counts as everything, whatever was watched for")
    func hangUp() async throws {
        let (loop, told) = (EventLoop(), Watched<[String]>([]))
        let pair = try SocketPair()
        await loop.onQueue { poller in
            let token = poller.add(pair.ours) { told.update { [name = $0.name] in $0.append(name) } }
            poller.watch(token, for: .readable, once: true)
        }
        pair.hangUp()
        try await told.wait(for: "the hang-up") { $0 == ["both"] }
    }

    @Test("a socket that another one's handler removes is not told any more, though both were ready")
    func removedByAnother() async throws {
        let (loop, told) = (EventLoop(), Watched(0))
        let pairs = [try SocketPair(), try SocketPair()]
        for pair in pairs { pair.send() }
        await loop.onQueue { poller in
            let tokens = Tokens()
            tokens.all = pairs.map { pair in
                poller.add(pair.ours) { [weak poller] _ in
                    told.update { $0 += 1 }
                    for token in tokens.all { poller?.remove(token) }
                }
            }
            for token in tokens.all { poller.watch(token, for: .readable, once: false) }
        }
        try await told.wait(for: "the one") { $0 > 0 }
        try await loop.deliverOnce()
        #expect(told.value == 1)
    }

    @Test("a descriptor's number may be another socket's at once", arguments: [true, false])
    func reusedNumber(removed: Bool) async throws {
        let (loop, told) = (EventLoop(), Watched<[String]>([]))
        let (first, second) = (try SocketPair(), try SocketPair())
        await loop.onQueue { poller in
            let old = poller.add(first.ours) { _ in told.update { $0.append("old") } }
            poller.watch(old, for: .readable, once: false)
            // In order: removed, closed, used again. Or closed behind the poller's back, which the kernel then notices.
            if removed { poller.remove(old) }
            dup2(second.ours, first.ours)
            let new = poller.add(first.ours) { [weak poller] _ in
                told.update { $0.append("new") }
                poller?.remove(old)
            }
            poller.watch(new, for: .readable, once: true)
        }
        first.send()
        second.send()
        try await told.wait(for: "the new socket") { !$0.isEmpty }
        try await loop.deliverOnce()
        #expect(told.value == ["new"])
    }

    @Test("more ready sockets than one turn takes are all told")
    func many() async throws {
        let count = Transport.Limits.readyBatch * Transport.Limits.readyRounds + 100
        try OpenFiles.allow(UInt(4 * count))
        let (loop, told) = (EventLoop(), Watched<Set<Int32>>([]))
        let pairs = try (0..<count / 2).map { _ in try SocketPair() }
        for pair in pairs { pair.send(bothWays: true) }
        let sockets = pairs.flatMap { [$0.ours, $0.theirs] }
        let tokens = await loop.onQueue { poller in
            sockets.map { socket in
                let token = poller.add(socket) { _ in told.update { _ = $0.insert(socket) } }
                poller.watch(token, for: .readable, once: true)
                return token
            }
        }
        try await told.wait(for: "all") { $0.count == sockets.count }
        await loop.onQueue { poller in for token in tokens { poller.remove(token) } }
        withExtendedLifetime(pairs) {}
    }
}

extension EventLoop {
    fileprivate func onQueue<Result: Sendable>(_ body: @escaping @Sendable (Poller) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body(self.confined.poller)) }
        }
    }

    /// Returns when the poller has told what was ready before.
    fileprivate func deliverOnce() async throws {
        let told = Watched(false)
        let pair = try SocketPair()
        pair.send()
        let token = await onQueue { poller in
            let token = poller.add(pair.ours) { _ in told.update { $0 = true } }
            poller.watch(token, for: .readable, once: true)
            return token
        }
        try await told.wait(for: "a marker") { $0 }
        await onQueue { poller in poller.remove(token) }
    }
}

extension Poller.Readiness {
    fileprivate var name: String {
        switch self {
        case .readable: "readable"
        case .writable: "writable"
        case [.readable, .writable]: "both"
        default: "nothing"
        }
    }
}

/// Confined to a loop.
private final class Tokens { var all: [Poller.Token] = [] }

/// Two sockets that are connected to each other.
private final class SocketPair: Sendable {
    let ours: Int32
    let theirs: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, type, 0, &ends) == 0)
        (ours, theirs) = (ends[0], ends[1])
    }

    deinit {
        close(ours)
        close(theirs)
    }

    /// Makes `ours` readable, or both.
    func send(bothWays: Bool = false) {
        Glibc.send(theirs, "x", 1, Int32(MSG_NOSIGNAL))
        if bothWays { Glibc.send(ours, "x", 1, Int32(MSG_NOSIGNAL)) }
    }
    func hangUp() { shutdown(theirs, Int32(SHUT_RDWR)) }
}
