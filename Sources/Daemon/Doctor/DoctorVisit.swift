import Authorization
import ConfigurationFile
import Delivery
import Diagnostics
import Explanations
import Fetching
import MailModel
import Operations
import Sessions
import Transport

/// One doctor at one account: goes through the plan and tries each step.
///
/// It has connections of its own, so that the fetcher and the sender at work are not disturbed. What a step learns and
/// another one needs (the connection's trial, the folders, the open submission server) is kept here.
actor DoctorVisit {
    /// What it stands on; of the settings in force when it began.
    struct Ground: Sendable {
        var account: Account
        var settings: Settings
        var reader: ConfigurationReader
        var maildirs: [DestinationName: MaildirSettings]
        var opener: SessionOpener
        var logins: StoredLogins
        var tokens: TokenKeeper
        var trial: DestinationTrial
        var turnstile: Turnstile
        var clock: any WallClock
        /// The names in the explanations of what fails.
        var facts: [Direction: ExplanationFacts]
        var sendTo: MailAddress?
        var isPaused: Bool
    }

    let ground: Ground
    private let plan: DoctorPlan
    private(set) var findings: [DoctorStep: DoctorFinding] = [:]
    var trials: [MailService: ConnectionTrial] = [:]
    /// Of those who signed in, by direction.
    var credentials: [Direction: CredentialStatus] = [:]
    var folders: [RemoteFolder] = []
    var submitter: (any Submitter)?
    var testMail: TestMail?
    /// A mailbox for one visitor at a time is somebody else's at the moment.
    var waitsForTurn = false

    var account: Account { ground.account }
    var clock: any WallClock { ground.clock }

    init(_ ground: Ground) {
        self.ground = ground
        plan = DoctorPlan(ground.account, providers: ground.settings.providers, sendTo: ground.sendTo)
    }

    /// - Parameter tell: is told of each step when it is over.
    func run(tell: @Sendable (DoctorReport.Step) async -> Void = { _ in }) async throws -> DoctorReport {
        let started = clock.now
        var steps: [DoctorReport.Step] = []
        for entry in plan.entries {
            let begun = clock.now
            let finding = await finding(of: entry, within: started + Limits.doctor - begun)
            if Task.isCancelled { break }
            findings[entry.step] = finding
            let facts = ground.facts[entry.step.direction] ?? ExplanationFacts()
            let step = finding.report(entry.step, seconds: (clock.now - begun).inSeconds, facts)
            steps.append(step)
            await tell(step)
        }
        await submitter?.close()
        try Task.checkCancellation()
        return DoctorReport(
            account: account.name.text, started: started, seconds: (clock.now - started).inSeconds, steps: steps)
    }

    // MARK: One step

    private func finding(of entry: DoctorPlan.Entry, within rest: Duration) async -> DoctorFinding {
        if let reason = entry.skipped { return .skipped(reason) }
        let missing = DoctorPlan.missing(entry, findings)
        guard missing.isEmpty else { return .skipped("needs: \(missing.map(\.title).joined(separator: ", "))") }
        guard rest > .zero else {
            return .skipped("doctor had taken \(Limits.doctor.components.seconds) s by then")
        }
        let limit = min(DoctorVisit.limit(of: entry.step), rest)
        let result = StepResult()
        let task = Task { await result.take(await self.tried(entry.step)) }
        await clock.wait(atMost: limit) { await task.value }
        if let finding = await result.finding { return finding }
        // It may sit in a call that cannot be broken off, such as one on a network file system that hangs.
        task.cancel()
        if waitsForTurn { return DoctorVisit.noTurn(account.name) }
        return .failed(
            Failure(
                .direction, .later(after: nil), operation: entry.step.title,
                reason: "It had not ended after \(limit.components.seconds) s, and was broken off."))
    }

    /// A finding that comes too late is nobody's.
    private actor StepResult {
        private(set) var finding: DoctorFinding?

        func take(_ finding: DoctorFinding) { self.finding = finding }
    }

    private static func limit(of step: DoctorStep) -> Duration {
        switch step {
        case .testMailReceived, .testMailFiled: Limits.testMailWait + Limits.testMailInterval
        default: Limits.doctorStep
        }
    }

    private func tried(_ step: DoctorStep) async -> DoctorFinding {
        do {
            return try await examine(step)
        } catch let failure as Failure {
            return .failed(failure.of(account: account.name.text))
        } catch is CancellationError {
            return .skipped("it was broken off")
        } catch {
            return .failed(
                Failure(.direction, .later(after: nil), operation: step.title, reason: "Unexpected: \(error)"))
        }
    }

    private func examine(_ step: DoctorStep) async throws -> DoctorFinding {
        switch step {
        case .configuration: try await configuration()
        case .destination(let name): try await destination(name)
        case .nameLookup(let service): try await nameLookup(service)
        case .connection(let service): connection(service)
        case .tls(let service): tls(service)
        case .token(let direction): try await token(direction)
        case .identity(let direction): identity(direction)
        case .mailboxSignIn: try await mailboxSignIn()
        case .folders: watchedFolders()
        case .exchangeSettings: exchangeSettings()
        case .submissionSignIn: try await submissionSignIn()
        case .sender(let address): try await sender(address)
        case .testMail: try await sendTestMail()
        case .testMailReceived: try await testMailReceived()
        case .testMailFiled: try await testMailFiled()
        }
    }

    // MARK: Settings

    func signIn(_ direction: Direction) -> SignInSettings {
        let signIn = direction == .receive ? account.receive?.signIn : account.send?.signIn
        guard let signIn else { preconditionFailure("the plan has no step of a direction without settings") }
        return signIn
    }

    func provider(_ direction: Direction) -> Provider {
        guard let provider = ground.settings.providers[signIn(direction).provider] else {
            preconditionFailure("the plan has no step of a provider that is not configured")
        }
        return provider
    }
}
