import Diagnostics
import Explanations
import MailModel
import Operations
import Synchronization

/// A daemon that answers as it is told, and remembers what it was asked.
public final class FakePlane: ControlPlane {
    public struct Script: Sendable {
        public var state = DaemonState.ok
        public var accounts: [AccountStatus] = [.support]
        public var rules = AccessRules()
        /// Thrown by every call that names an account or a message.
        public var error: (any Error)?
        public var reloadError: Problem?
        public var fetchFinished = true
        public var fetchErrors: [ErrorReport] = []
        public var mailOutcome = "done"
        public var signIn: [AuthorizationProgress.State] = [.waiting, .done]
        /// Thrown by the first submissions, one each.
        public var submissionProblems: [Problem] = []
        public var signInWarning: String?
        public var audit = AuditReport.clean
        public var doctor = DoctorReport.healthy
        public var importErrors: [ErrorReport] = []
        public var pages: [QueuePage] = [QueuePage(messages: [.deferred])]
        /// Pieces of a submitted message are taken only after this returned.
        public var beforeReading: @Sendable () async -> Void = {}
        public init() {}
    }

    /// A message as it arrived.
    public struct Received: Sendable {
        public var submission: Submission
        public var octets = 0
        public var content: [UInt8] = []
        /// The largest piece.
        public var piece = 0
    }

    struct State {
        var script: Script
        var calls: [String] = []
        var received: [Received] = []
        var keys: [String: [UInt8]] = [:]
    }
    let state: Mutex<State>

    public init(_ script: Script = Script()) { state = Mutex(State(script: script)) }

    /// What was asked, one line each.
    public var calls: [String] { state.withLock { $0.calls } }
    public var received: [Received] { state.withLock { $0.received } }
    public func change(_ body: (inout Script) -> Void) { state.withLock { body(&$0.script) } }

    func note(_ call: String) throws -> Script {
        let script = state.withLock { state in
            state.calls.append(call)
            return state.script
        }
        if let error = script.error { throw error }
        return script
    }

    // MARK: DaemonControl

    public func status() async -> DaemonStatus {
        state.withLock { state in
            DaemonStatus(
                state: state.script.state, release: "1.0", process: 42, started: .start, configurationLoaded: .start,
                accounts: state.script.accounts.count,
                problems: state.script.accounts.count { $0.hasProblem(at: .start) },
                problem: state.script.state == .storage ? ErrorReport(FakePlane.fullDisk) : nil)
        }
    }

    private static let fullDisk = Failure(
        .daemon, .later(after: nil), operation: "commit", reason: "The disk is full. Free space there.")

    public func reload() async throws -> ReloadReport {
        let script = try note("reload")
        if let error = script.reloadError { throw error }
        return ReloadReport(
            added: ["info"], changed: ["support"], warnings: ["postbote.yaml:3:1: no date"],
            restartNeeded: ["state_directory"])
    }

    public func access() async -> AccessRules { state.withLock { $0.script.rules } }

    // MARK: AccountControl

    public func accounts() async throws -> [AccountStatus] { try note("accounts").accounts }

    public func account(_ name: AccountName) async throws -> AccountStatus {
        let script = try note("account \(name)")
        guard let account = script.accounts.first(where: { $0.name == name.text }) else {
            throw Problem.notFound("no account is called \(name)")
        }
        return account
    }

    public func fetch(_ name: AccountName, wait: Bool) async throws -> FetchReport {
        _ = try await account(name)
        let script = try note("fetch \(name)\(wait ? " and wait" : "")")
        guard wait else { return FetchReport(finished: false) }
        return FetchReport(
            finished: script.fetchFinished, delivered: 3, octets: 12_345, errors: script.fetchErrors)
    }

    public func pause(
        _ name: AccountName, backfillOnly: Bool, until end: Timestamp?
    ) async throws -> AccountStatus {
        _ = try note("pause \(name)\(backfillOnly ? " backfill" : "")\(end.map { " until \($0)" } ?? "")")
        return try await account(name)
    }

    public func resume(_ name: AccountName, backfillOnly: Bool) async throws -> AccountStatus {
        _ = try note("resume \(name)\(backfillOnly ? " backfill" : "")")
        return try await account(name)
    }

    public func folders(_ name: AccountName) async throws -> [FolderStatus] {
        _ = try await account(name)
        return [
            FolderStatus(
                name: "INBOX", role: "inbox", watched: true, messages: 12, fetched: 11, uidValidity: 7, cursor: 40,
                lastLook: .start),
            FolderStatus(name: "Gelöschte Elemente", role: "trash", watched: false),
        ]
    }

    public func token(_ name: AccountName, _ direction: Direction?, refresh: Bool) async throws -> AccessTokenReply {
        _ = try await account(name)
        let whose = direction.map { "-to-\($0.rawValue)" } ?? ""
        return AccessTokenReply(
            token: Secret((refresh ? "fresh-token" : "present-token") + whose), validUntil: .start)
    }

    // MARK: LedgerControl

    public func reset(_ name: AccountName, folder: String?, dryRun: Bool) async throws -> ResetReport {
        _ = try await account(name)
        _ = try note("reset \(name) \(folder ?? "all")\(dryRun ? " dry" : "")")
        guard folder != "Nowhere" else { throw Problem.notFound("no such folder") }
        return ResetReport(
            dryRun: dryRun,
            folders: [dryRun ? .init(name: "INBOX", known: 11, new: 2, doubtful: 1) : .init(name: "INBOX")])
    }

    // MARK: DoctorControl

    public func doctor(_ name: AccountName, sendTo address: MailAddress?) async throws -> DoctorReport {
        _ = try await account(name)
        return try note("doctor \(name)\(address.map { " to \($0)" } ?? "")").doctor
    }

    // MARK: QueueControl

    public func submit(_ submission: Submission, _ content: MessageContent) async throws -> SubmissionReceipt {
        let script = try note("submit")
        let problem = state.withLock { $0.script.submissionProblems.popLast() }
        if let problem { throw problem }
        await script.beforeReading()
        var received = Received(submission: submission)
        for try await piece in content {
            received.octets += piece.count
            received.piece = max(received.piece, piece.count)
            if received.octets <= 1 << 20 { received.content += piece }
        }
        return try accept(received)
    }

    private func accept(_ received: Received) throws -> SubmissionReceipt {
        guard received.octets > 0 else { throw Problem.refused("the message is empty") }
        let isDuplicate = try state.withLock { state in
            if let key = received.submission.idempotencyKey {
                if let known = state.keys[key] {
                    guard known == received.content else {
                        throw Problem.refused("the key \(key) came with another message before")
                    }
                    return true
                }
                state.keys[key] = received.content
            }
            state.received.append(received)
            return false
        }
        return SubmissionReceipt(
            id: QueueID.sample.description, account: received.submission.account?.text ?? "support",
            duplicate: isDuplicate)
    }

    public func messages(_ filter: QueueFilter) async throws -> QueuePage {
        let script = try note(
            "messages \(filter.account?.text ?? "-") \(filter.state?.rawValue ?? "-") \(filter.after?.description ?? "-")"
        )
        guard let after = filter.after?.description else { return script.pages[0] }
        let index = script.pages.firstIndex { $0.next == after }.map { $0 + 1 } ?? 0
        return script.pages[index]
    }

    public func message(_ id: QueueID) async throws -> QueuedMessage {
        _ = try note("message \(id)")
        guard id == .sample else { throw Problem.notFound("no message \(id)") }
        return .detailed
    }

    public func perform(
        _ order: QueueOrder, on selection: QueueSelection, for peer: Peer
    ) async throws -> QueueOrderReport {
        _ = try note("\(order.rawValue) \(selection)")
        switch selection {
        case .message(.sample): return QueueOrderReport(changed: 1)
        case .message(.sent): throw Problem(.conflict, "it has been sent: nothing can be done any more")
        case .message(let id): throw Problem.notFound("no message \(id)")
        case .account, .all: return QueueOrderReport(changed: 7)
        }
    }
}

extension DoctorReport {
    /// Of an account `support` that works.
    public static let healthy = DoctorReport(
        account: "support", started: .start, seconds: 2.5,
        steps: [
            Step(step: "configuration", outcome: .ok, found: "support@contoso.de receives", seconds: 0.1),
            Step(step: "test_mail", outcome: .skipped, found: "no mail is sent without --send-to ADDRESS"),
        ])

    /// The same, with a certificate that ends and a sign-in that the tenant does not allow.
    public static let ill: DoctorReport = {
        var facts = ExplanationFacts()
        facts[.address] = "support@contoso.de"
        let refusal = ErrorReport(
            Failure(
                .direction, .whenReconfigured(by: .tenantAdministrator), operation: "sign in",
                reason: "SMTP AUTH is switched off.",
                serverLine:
                    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox."),
            explainedWith: facts)
        var report = healthy
        report.steps.insert(
            contentsOf: [
                Step(
                    step: "tls", of: "imap", outcome: .warning, found: "it ends in 3 days",
                    nextStep: "It must be renewed.", seconds: 0.2),
                Step(
                    step: "submission_sign_in", outcome: .failed, found: "sign in: SMTP AUTH is switched off.",
                    nextStep: refusal.explanation?.toDo, seconds: 0.3, problem: refusal),
                Step(step: "sender", of: "support@contoso.de", outcome: .skipped, found: "needs: submission_sign_in"),
            ], at: 1)
        return report
    }()
}

extension AuditReport {
    /// Of an account `support` whose INBOX is in order, and which lacks a folder.
    public static let clean: AuditReport = {
        var inbox = Folder(name: "INBOX")
        inbox.listed = 12
        inbox.delivered = 11
        inbox.tooLarge = 1
        return AuditReport(
            account: "support", started: .start, seconds: 1.5, unaccounted: 0, remaining: 0, folders: [inbox])
    }()

    /// The same, with a message that was missed and fetched, and one that is not cured yet.
    public static let troubled: AuditReport = {
        var report = clean
        report.folders[0].unaccounted = 2
        report.folders[0].remaining = 1
        report.folders[0].moreDifferences = 7
        report.folders[0].differences = [
            Difference(uid: 5, reason: "missed", words: "not in the ledger", done: "fetched"),
            Difference(uid: 9, reason: "missed", words: "not in the ledger", done: "not cured yet"),
        ]
        report.folders[0].notFetched = [NotFetched(uid: 3, state: "too_large", reason: "9 octets, limit 8")]
        report.folders[0].moreNotFetched = 4
        report.unaccounted = 2
        report.remaining = 1
        report.problem = .expired
        var missing = Folder(name: "Nirgends")
        missing.problem = ErrorReport(
            Failure(
                .folder, .later(after: nil), operation: "LIST", reason: "The mailbox has no folder.",
                place: ["folder": "Nirgends"]))
        report.folders.append(missing)
        return report
    }()
}

extension QuarantinedMessage {
    /// Of an account `support`, with id 7.
    public static let stub = QuarantinedMessage(
        id: "7", account: "support", folder: "INBOX", uid: 4711, attempts: 8, reason: "Exchange cannot render it.",
        file: "/var/lib/postbote/quarantine/x")
}
