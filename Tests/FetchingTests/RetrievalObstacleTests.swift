import Diagnostics
import MailModel
import Sessions
import Testing

@testable import Fetching

@Suite("RetrievalObstacle") struct RetrievalObstacleTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let refusal = Failure(.folder, .later(after: nil), operation: "UID FETCH", reason: "no")

    @Test(
        "asks again at the next visit, then more and more rarely, and then the message steps aside",
        arguments: [
            (.refused(refusal), [0, 900, 3_600, 14_400, 86_400, 86_400, nil]),
            (.brokenOff(refusal), [0, 0, 0, 0, 900, 3_600, 14_400, 86_400, 86_400, nil]),
            (.unanswered, [0, 0, 900, 3_600, 14_400, 86_400, 86_400, nil]),
            (.stub, [0, 0, 900, 3_600, 14_400, 86_400, 86_400, nil]),
        ] as [(RetrievalObstacle, [Int64?])])
    func schedule(obstacle: RetrievalObstacle, waits: [Int64?]) {
        for (index, wait) in waits.enumerated() {
            #expect(obstacle.nextAttempt(after: index + 1, at: Self.now) == wait.map { Self.now + .seconds($0) })
        }
        #expect(obstacle.failure.scope == .message)
    }

    @Test(
        "suspects the first message without an answer, unless the failure says another cause",
        arguments: [
            (refusal, "1:2", 3), (refusal, "", 1), (refusal, "1,3", 2), (refusal, "1:4", nil),
            (Failure(.folder, .never, operation: "UID FETCH", reason: "cannot"), "1", 2),
            (Failure(.direction, .now, operation: "UID FETCH", reason: "over", condition: .sessionEnded), "1", nil),
            (
                Failure(
                    .direction, .later(after: .seconds(9)), operation: "UID FETCH", reason: "slow",
                    condition: .throttled),
                "1", nil
            ),
            (Failure(.direction, .whenReauthorized, operation: "UID FETCH", reason: "who?"), "1", nil),
            (Failure(.direction, .later(after: .seconds(60)), operation: "UID FETCH", reason: "wait"), "1", nil),
        ] as [(Failure, String, UInt32?)])
    func suspects(failure: Failure, answered: String, suspect: UInt32?) {
        var asked = UIDSet()
        asked.insert(1...4)
        var done = UIDSet()
        for part in answered.split(separator: ",") {
            let ends = part.split(separator: ":").compactMap { UInt32($0) }
            done.insert(ends[0]...ends[ends.count - 1])
        }
        #expect(
            RetrievalObstacle.suspect(asked: asked, answered: done, after: failure) == suspect.flatMap { UID($0) })
    }

    @Test("more folders than can be watched are a failure that says so, and the first ones are watched")
    func tooManyFolders() throws {
        let signIn = SignInSettings(provider: try #require(Name("p")), login: "a@b", authorizedAs: "a@b")
        var settings = ReceiveSettings(
            signIn: signIn, endpoint: Endpoint(host: "localhost", port: 143, tls: .starttls),
            deliverTo: [try #require(Name("inbox"))])
        settings.folders = [FolderSettings(selector: .pattern("*"))]
        let remote = (1...Limits.watchedFolders + 1).map {
            RemoteFolder(serverName: "\($0)", path: FolderPath(["\($0)"]), role: nil)
        }
        let selection = FolderSelection(settings: settings, remote: remote)
        #expect(selection.watched.count == Limits.watchedFolders)
        #expect(selection.missing.first?.reason.contains("\(Limits.watchedFolders + 1)") == true)
        #expect(FolderSelection(settings: settings, remote: remote.dropLast()).missing.isEmpty)
    }
}
