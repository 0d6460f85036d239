import Diagnostics
import MailModel
import MailProtocol
import Sending
import Sessions
import TestSupport

/// A submission server in memory: what becomes of a message is a test's to decide.
final class MemorySubmission: SubmitterConnector {
    enum Answer: Sendable {
        case accept
        /// The same, and then the server hangs up.
        case acceptAndClose
        /// The final dot is sent, `work` runs, and the server accepts.
        case acceptAfter(_ work: @Sendable () async -> Void)
        /// By address, before the final dot; whoever is not named is accepted.
        case each([String: SMTPOutcome])
        /// Before anybody was accepted.
        case fail(Failure)
        /// The final dot is sent and no reply comes.
        case loseReply
    }

    struct Submission: Sendable {
        /// From 1, in the order in which they began.
        var number: Int
        var connection: Int
        var recipients: [String]
        var content: [UInt8]

        var subject: String? {
            String(decoding: content, as: UTF8.self).split(whereSeparator: \.isNewline)
                .first { $0.hasPrefix("Subject: ") }.map { String($0.dropFirst(9)) }
        }
    }

    struct State: Sendable {
        /// Tries to connect, whether they succeeded or not.
        var openings = 0
        var open: Set<Int> = []
        /// Those that began.
        var begun = 0
        /// Those that came to their end, whatever it was.
        var submissions: [Submission] = []
    }

    let state = Watched(State())
    private let whenOpening = Watched<@Sendable (Int) async throws -> Void> { _ in }
    private let answer = Watched<@Sendable (Submission) async -> Answer> { _ in .accept }

    var submissions: [Submission] { state.value.submissions }

    func submissions(atLeast count: Int) async throws {
        try await state.wait(for: "\(count) submissions") { $0.submissions.count >= count }
    }

    func openings(atLeast count: Int) async throws {
        try await state.wait(for: "\(count) openings") { $0.openings >= count }
    }

    func answers(_ answer: @escaping @Sendable (Submission) async -> Answer) { self.answer.update { $0 = answer } }

    /// `body` gets the number of the try, 1 for the first, and throws what the sender is to be told.
    func opens(_ body: @escaping @Sendable (Int) async throws -> Void) { whenOpening.update { $0 = body } }

    func open() async throws -> any Submitter {
        let number = state.update { state in
            state.openings += 1
            return state.openings
        }
        try await whenOpening.value(number)
        state.update { _ = $0.open.insert(number) }
        return MemorySubmitter(server: self, connection: number)
    }

    fileprivate func take(
        _ envelope: SMTPEnvelope, _ content: [UInt8], on connection: Int,
        marker: @Sendable ([Int: SMTPOutcome]) async throws -> Void
    ) async -> SMTPResult {
        let number = state.update { state in
            state.begun += 1
            return state.begun
        }
        let submission = Submission(
            number: number, connection: connection, recipients: envelope.recipients.map(\.description),
            content: content)
        let result = await conclude(submission, await answer.value(submission), marker)
        state.update { $0.submissions.append(submission) }
        return result
    }

    private func conclude(
        _ submission: Submission, _ answer: Answer, _ marker: @Sendable ([Int: SMTPOutcome]) async throws -> Void
    ) async -> SMTPResult {
        if case .fail(let failure) = answer { return submission.all(.deferred(failure)) }
        var outcomes = submission.all(.accepted(SMTPReply(code: 250, lines: ["2.0.0 Ok"]))).outcomes
        var settled: [Int: SMTPOutcome] = [:]
        if case .each(let refused) = answer {
            for (position, recipient) in submission.recipients.enumerated() {
                guard let outcome = refused[recipient] else { continue }
                settled[position] = outcome
                outcomes[position] = outcome
            }
        }
        guard settled.count < outcomes.count else { return SMTPResult(outcomes: outcomes) }
        do {
            try await marker(settled)
        } catch {
            let failure = error as? Failure ?? .connectionLost
            return submission.all(.deferred(failure))
        }
        switch answer {
        case .acceptAfter(let work): await work()
        case .acceptAndClose: state.update { _ = $0.open.remove(submission.connection) }
        case .loseReply: return submission.all(.inDoubt(.replyLost))
        case .accept, .each, .fail: break
        }
        return SMTPResult(outcomes: outcomes)
    }
}

extension MemorySubmission.Submission {
    fileprivate func all(_ outcome: SMTPOutcome) -> SMTPResult {
        SMTPResult(outcomes: recipients.map { _ in outcome })
    }
}

private struct MemorySubmitter: Submitter {
    let server: MemorySubmission
    let connection: Int

    var isUsable: Bool { get async { server.state.value.open.contains(connection) } }

    func submit(
        _ envelope: SMTPEnvelope, content: any MessageContent,
        marker: @escaping @Sendable (_ settled: [Int: SMTPOutcome]) async throws -> Void
    ) async -> SMTPResult {
        var octets: [UInt8] = []
        while let piece = try? await content.read(from: Int64(octets.count)), !piece.isEmpty { octets += piece }
        return await server.take(envelope, octets, on: connection, marker: marker)
    }

    func refusal(of sender: MailAddress) async -> Failure? { nil }

    func close() async { server.state.update { _ = $0.open.remove(connection) } }
}

extension Failure {
    static let connectionLost = Failure(
        .direction, .later(after: nil), operation: "send", reason: "The connection was lost.")
    static let replyLost = Failure(
        .message, .later(after: nil), operation: "send", reason: "No reply came to the final dot.")
    static let notAllowed = Failure(
        .direction, .whenReconfigured(by: .tenantAdministrator), operation: "sign in",
        reason: "The tenant does not allow it.", serverLine: "535 5.7.139 disabled")
    static let busy = Failure(
        .message, .later(after: nil), operation: "send", reason: "Later.", serverLine: "450 4.2.1 later")
    static let unknownUser = Failure(
        .message, .never, operation: "send", reason: "There is no such user.", serverLine: "550 5.1.1 no such user")
}
