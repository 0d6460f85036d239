import Diagnostics
import MailModel
import Operations
import Testing

@Suite("What status --problems shows") struct AccountProblemTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status: AccountStatus
        var isProblem: Bool

        init(_ name: String, _ isProblem: Bool, _ change: (inout AccountStatus) -> Void) {
            testDescription = name
            self.isProblem = isProblem
            status = AccountStatus(name: "anna", address: "anna@example.test", receive: DirectionStatus(.ok))
            change(&status)
        }
    }

    private static func folder(_ name: String) -> ErrorReport {
        ErrorReport(
            Failure(
                .folder, .later(after: nil), operation: "EXAMINE", reason: "It is missing.", place: ["folder": name]))
    }

    @Test(
        "is what somebody has to look at",
        arguments: [
            Case("well", false) { _ in },
            Case("parked", true) { $0.send = DirectionStatus(.needsAdmin, since: now) },
            Case("paused", false) { $0.send = DirectionStatus(.paused, since: now - .seconds(86_400)) },
            Case("waiting for a moment", false) { $0.receive = DirectionStatus(.waiting, since: now - .seconds(60)) },
            Case("waiting for an hour", true) { $0.receive = DirectionStatus(.waiting, since: now - .seconds(3600)) },
            Case("throttled for an hour", true) {
                $0.receive = DirectionStatus(.throttled, since: now - .seconds(3600))
            },
            Case("a folder in trouble", true) { $0.errors = [folder("Orders")] },
            Case("in doubt", true) { $0.queue.inDoubt = 1 },
            Case("deferred", false) { $0.queue.deferred = 1 },
        ])
    func problem(_ example: Case) {
        #expect(example.status.hasProblem(at: Self.now) == example.isProblem)
    }
}
