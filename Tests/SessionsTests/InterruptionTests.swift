import Diagnostics
import MailModel
import MailProtocol
import Sessions
import TestSupport
import Testing

/// Servers that hang up or say nothing more, after every step of a visit.
@Suite("Sessions that are interrupted") struct InterruptionTests {
    struct Place: Sendable, CustomTestStringConvertible {
        let service: MailService
        let visit: ScriptedVisit
        /// The server's steps until then.
        let count: Int
        var testDescription: String {
            "\(service) after step \(count), during \(visit.operation(after: count) ?? "good-bye")"
        }
    }

    static let places: [Place] = [
        (MailService.imap, try? ScriptedVisit.imap()), (.pop3, try? .pop3()), (.smtp, try? .smtp()),
    ].flatMap { service, visit in
        visit.map { visit in
            (0..<visit.dialog.steps.count).map { Place(service: service, visit: visit, count: $0) }
        } ?? []
    }

    /// Long enough for a busy machine to answer in, short enough to be waited for.
    private static var timeouts: SessionTimeouts {
        var timeouts = SessionTimeouts()
        let short = Duration.seconds(5)
        (timeouts.connect, timeouts.reply, timeouts.stream, timeouts.logout) = (short, short, short, short)
        var submission = SMTPTimeouts()
        (submission.signIn, submission.mail, submission.recipient) = (short, short, short)
        (submission.data, submission.finalDot, submission.quit) = (short, short, short)
        timeouts.submission = submission
        return timeouts
    }

    @Test("The whole visit, uninterrupted", arguments: [MailService.imap, .pop3, .smtp])
    func whole(service: MailService) async throws {
        let place = try #require(Self.places.first { $0.service == service })
        let server = try await ScriptedServer.start([place.visit.dialog])
        guard case .done = try await Visitor(service: service).run(server.port) else {
            return #expect(Bool(false), "it failed")
        }
        try await server.finished()
        await server.stop()
    }

    @Test("A server that says nothing more is given up in time, and the failure says during what", arguments: places)
    func stall(place: Place) async throws {
        let server = try await ScriptedServer.start([place.visit.dialog.stalling(after: place.count)])
        let end = try await Visitor(service: place.service, timeouts: Self.timeouts).run(server.port)
        let failure = check(end, place)
        #expect(failure.map { $0.reason.contains("within 5 s") } ?? true, "\(String(describing: failure))")
        await server.stop()
    }

    @Test("A server that hangs up is noticed, and the failure says during what", arguments: places)
    func hangUp(place: Place) async throws {
        let server = try await ScriptedServer.start([place.visit.dialog.hangingUp(after: place.count)])
        check(try await Visitor(service: place.service).run(server.port), place)
        await server.stop()
    }

    /// - Returns: the failure, where there is one.
    @discardableResult
    private func check(_ end: Visitor.End, _ place: Place) -> Failure? {
        let operation = place.visit.operation(after: place.count)
        switch end {
        case .done:
            #expect(operation == nil)
            return nil
        case .failed(let failure):
            #expect(failure.operation == operation)
            return failure
        case .inDoubt(let failure):
            #expect(failure.operation == operation && operation == "end of DATA")
            return failure
        }
    }

    @Test(
        "A final dot that is not answered leaves the message in doubt", arguments: [LineCutter.Fate.hangUp, .stall])
    func inDoubt(fate: LineCutter.Fate) async throws {
        let visit = try ScriptedVisit.smtp()
        let count = try #require(visit.dialog.steps.firstIndex(of: .expectThroughDot)) + 1
        let dialog = fate == .stall ? visit.dialog.stalling(after: count) : visit.dialog.hangingUp(after: count)
        let server = try await ScriptedServer.start([dialog])
        guard case .inDoubt = try await Visitor(service: .smtp, timeouts: Self.timeouts).run(server.port) else {
            return #expect(Bool(false), "it is not in doubt")
        }
        await server.stop()
    }

    @Test(
        "A server that goes while the marker is committed has not got the dot: nothing is in doubt",
        arguments: [nil, "421 4.3.2 Restarting"])
    func withheld(lastWords: String?) async throws {
        let visit = try ScriptedVisit.smtp()
        let count = try #require(visit.dialog.steps.firstIndex(of: .expectThroughDot))
        let content = ["Subject: x", "", "x"].map { Dialog.Step.expectLine(LinePattern($0)) }
        let words = try lastWords.map { try Dialog("S: \($0)").steps } ?? []
        let server = try await ScriptedServer.start([
            Dialog(steps: visit.dialog.steps.prefix(count) + content + words)
        ])
        let visitor = Visitor(
            service: .smtp,
            marker: { connection in
                try await server.finished()
                await server.stop()
                // Until the end of the stream is here: the kernel may take its time.
                _ = try await connection.awaitData(for: .seconds(60))
            })
        let end = try await visitor.run(server.port)
        guard case .failed(let failure) = end else { return #expect(Bool(false), "\(end)") }
        if let lastWords {
            #expect(failure.serverLine == lastWords)
        } else {
            #expect(failure.operation == "end of DATA" && failure.reason.contains("has closed the connection"))
        }
        await server.stop()
    }

    @Test("A server that takes no more content is given up in time, and nothing is in doubt")
    func fullBuffers() async throws {
        let visit = try ScriptedVisit.smtp()
        let count = try #require(visit.dialog.steps.firstIndex(of: .expectThroughDot))
        let server = try await ScriptedServer.start([visit.dialog.stalling(after: count)])
        var timeouts = SessionTimeouts()
        timeouts.submission.contentBlock = .seconds(1)
        let end = try await Visitor(service: .smtp, timeouts: timeouts).run(server.port, content: LongContent())
        guard case .failed(let failure) = end else { return #expect(Bool(false), "\(end)") }
        #expect(failure.operation == "end of DATA" && failure.reason.contains("within 1 s"))
        await server.stop()
    }
}
