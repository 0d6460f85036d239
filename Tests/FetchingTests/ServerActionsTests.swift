import Diagnostics
import MailModel
import Sessions
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("The server's copy of a delivered message") struct ServerActionsTests {
    private static let grace = Duration.seconds(600)

    private func test(
        _ afterFetch: AfterFetch, _ change: @Sendable (inout ReceiveSettings) -> Void = { _ in }
    ) async throws -> FetchUnderTest {
        let test = try await FetchUnderTest {
            $0.afterFetch = afterFetch
            change(&$0)
        }
        test.server.change { $0.append(messages(1...5)) }
        test.server.change("Done") { $0.append(messages([100])) }
        return test
    }

    private func present(_ test: FetchUnderTest, _ folder: String = "INBOX") -> [MemoryServer.Message] {
        let messages = test.server.state.value.folders[folder]?.messages ?? [:]
        return messages.sorted { $0.key < $1.key }.map(\.value)
    }

    private func pending(_ test: FetchUnderTest) async throws -> Int {
        try await test.store.read { [id = test.accountID] in try $0.serverActions.count(id) }
    }

    @Test("is kept as it is unless something else is configured")
    func kept() async throws {
        let test = try await test(.keep)
        try await test.visit()
        test.clock.advance(by: .seconds(86_400))
        try await test.visit()
        #expect(present(test) == messages(1...5))
        #expect(try await pending(test) == 0)
    }

    @Test(
        "is changed when its grace time is over, and only once",
        arguments: [AfterFetch.seen, .delete, .moveToFolder("Done")], [true, false])
    func changed(_ afterFetch: AfterFetch, canMove: Bool) async throws {
        let test = try await test(afterFetch)
        test.server.state.update { $0.canMove = canMove }
        try await test.visit()
        try await test.visit(firstOfSession: false)
        #expect(present(test) == messages(1...5))
        #expect(try await pending(test) == 5)
        test.clock.advance(by: Self.grace)
        // What comes now has its own time.
        test.server.change { $0.append(messages([6])) }
        try await test.visit(firstOfSession: false)
        switch afterFetch {
        case .seen: #expect(present(test).map(\.isSeen) == [true, true, true, true, true, false])
        case .delete: #expect(present(test) == messages([6]))
        default:
            #expect(present(test) == messages([6]))
            #expect(present(test, "Done") == messages([100] + Array(1...5)))
        }
        #expect(try await pending(test) == 1)
        try await test.visit(firstOfSession: false)
        test.server.forgetRequests()
        try await test.visit(firstOfSession: false)
        #expect(test.server.requests == [.open, .select("INBOX")])
        try test.expectDelivered(messages(1...6))
    }

    @Test("is kept when the setting says so by the time")
    func revoked() async throws {
        let test = try await test(.delete)
        try await test.visit()
        test.clock.advance(by: Self.grace)
        try await test.visit(settings: { $0.afterFetch = .keep })
        #expect(present(test) == messages(1...5))
        #expect(try await pending(test) == 0)
    }

    /// Every request of the visit that acts fails once; the next visits come to the same end.
    @Test(
        "comes to the same end wherever the connection breaks",
        arguments: [AfterFetch.seen, .delete, .moveToFolder("Done")], [true, false])
    func interrupted(_ afterFetch: AfterFetch, canMove: Bool) async throws {
        var step = 1
        while true {
            let test = try await test(afterFetch)
            test.server.state.update { $0.canMove = canMove }
            try await test.visit()
            test.clock.advance(by: Self.grace)
            let count = Watched(0)
            // Before the request is carried out, and after it, when only its reply is lost.
            let failing = step
            test.server.fails { _, _ in
                if count.update({
                    $0 += 1
                    return $0
                }) == failing {
                    throw MemoryServer.connectionLost
                }
            }
            test.server.losesReplies { _ in
                if count.update({
                    $0 += 1
                    return $0
                }) == failing {
                    throw MemoryServer.connectionLost
                }
            }
            let isOver = (try? await test.visit()) != nil
            test.server.works()
            try await test.visit()
            try await test.visit()
            let all = present(test).filter { !$0.isSeen } + present(test, "Done").dropFirst()
            switch afterFetch {
            case .seen: #expect(all.isEmpty, "step \(step)")
            case .delete: #expect(all.isEmpty && present(test).isEmpty, "step \(step)")
            default: #expect(all == messages(1...5), "step \(step)")
            }
            #expect(try await pending(test) == 0, "step \(step)")
            try test.expectDelivered(messages(1...5))
            if isOver { break }
            step += 1
        }
        #expect(step > 3)
    }

    @Test("is never another message that stands under its UID")
    func otherMessage() async throws {
        let test = try await test(.delete)
        try await test.visit()
        test.clock.advance(by: Self.grace)
        // The same numbers, one message in place of another, unseen between two polls.
        test.server.change { folder in
            folder.messages[UID(3)!] = messages([77])[0]
        }
        await #expect(throws: Failure.self) { try await test.visit(firstOfSession: false) }
        #expect(present(test) == messages([1, 2, 77, 4, 5]))
        // What is known is recognised, and what is new is delivered; then what is due is done.
        try await test.visit()
        try test.expectDelivered(messages(Array(1...5) + [77]))
        #expect(present(test) == messages([77]))
    }

    @Test("that was removed, and whose UID names a message again, makes the folder one that moved")
    func reusedUID() async throws {
        let test = try await test(.delete)
        try await test.visit()
        test.clock.advance(by: Self.grace)
        try await test.visit()
        #expect(present(test).isEmpty)
        test.server.change { folder in
            folder.messages[UID(2)!] = messages([77])[0]
            folder.messages[UID(9)!] = messages([78])[0]
            folder.uidNext = UID(10)!
        }
        #expect(try await test.visit().delivered == 2)
        try test.expectDelivered(messages(Array(1...5) + [77, 78]))
        #expect(test.recorder.events(.folderMoved).count == 1)
    }

    @Test("that was moved into a watched folder is not delivered from there", arguments: [true, false])
    func movedIntoWatched(tellsPlaces: Bool) async throws {
        let test = try await test(.moveToFolder("Done"))
        test.server.state.update { $0.tellsPlaces = tellsPlaces }
        try await test.visit("Done")
        try await test.visit()
        test.clock.advance(by: Self.grace)
        try await test.visit()
        #expect(try await test.visit("Done").delivered == 0)
        try test.expectDelivered(messages(1...5))
        try test.expectDelivered(messages([100]), in: "/.Done")
    }

    @Test("stays where it is when that is the folder it is to be moved to")
    func alreadyThere() async throws {
        let test = try await test(.moveToFolder("Done"))
        try await test.visit("Done")
        test.clock.advance(by: Self.grace)
        #expect(try await test.visit("Done").actionFailure == nil)
        #expect(present(test, "Done") == messages([100]))
        #expect(try await pending(test) == 0)
        #expect(try await test.visit("Done").delivered == 0)
    }

    @Test("goes nowhere when the folder to move it to is missing, which is said")
    func missingTarget() async throws {
        let test = try await test(.moveToFolder("Nowhere"))
        try await test.visit()
        test.clock.advance(by: Self.grace)
        test.server.change { $0.append(messages([6])) }
        let result = try await test.visit()
        #expect(result.delivered == 1)
        #expect(result.actionFailure?.scope == .folder)
        #expect(result.actionFailure?.reason.contains("“Nowhere”") == true)
        #expect(present(test) == messages(1...6))
    }

    @Test("is deleted when it is older than delete_after, whatever after_fetch says")
    func deleteAfter() async throws {
        let test = try await test(.keep) { $0.deleteAfter = [.inbox: .seconds(30 * 86_400)] }
        try await test.visit()
        test.clock.advance(by: .seconds(29 * 86_400))
        test.server.change { $0.append(messages([6])) }
        try await test.visit(plansDeletions: true)
        #expect(present(test).count == 6)
        test.clock.advance(by: .seconds(86_400))
        try await test.visit(plansDeletions: true)
        #expect(present(test) == messages([6]))
        #expect(try await test.visit().delivered == 0)
    }
}
