import Authorization
import Diagnostics
import MailModel
import Operations

/// A device sign-in under way, for whoever asks how far it is.
actor DeviceSignIn {
    private(set) var progress: AuthorizationProgress
    private var waiting: [CheckedContinuation<Void, Never>] = []
    nonisolated let started: Timestamp
    nonisolated let task: Task<Void, Never>
    private let follow: Follow

    /// Carries the steps from the task, which exists before the actor does.
    private final class Follow: Sendable {
        let stream: AsyncStream<DeviceStep>
        let continuation: AsyncStream<DeviceStep>.Continuation
        init() { (stream, continuation) = AsyncStream.makeStream() }
    }

    init(id: String, at now: Timestamp, steps: AsyncStream<DeviceStep>) {
        progress = AuthorizationProgress(id: id, state: .waiting)
        started = now
        let follow = Follow()
        self.follow = follow
        task = Task {
            for await step in steps { follow.continuation.yield(step) }
            follow.continuation.finish()
        }
    }

    /// Takes the steps as they come; run once.
    func run() async {
        for await step in follow.stream {
            take(step)
            for waiter in waiting { waiter.resume() }
            waiting = []
        }
        if progress.state == .waiting { progress.state = .failed }
        for waiter in waiting { waiter.resume() }
        waiting = []
    }

    /// Returns when there is something to show, or it is over.
    func untilPrompted() async {
        while progress.state == .waiting, progress.instructions == nil { await nextStep() }
    }

    func untilOver() async {
        while progress.state == .waiting { await nextStep() }
    }

    private func nextStep() async { await withCheckedContinuation { waiting.append($0) } }

    private func take(_ step: DeviceStep) {
        switch step {
        case .prompt(let prompt):
            progress.instructions = AuthorizationProgress.Instructions(
                verificationURI: prompt.verificationURI, userCode: prompt.userCode, message: prompt.message,
                expires: prompt.expires)
        case .waiting: break
        case .done(let receipt):
            progress.state = .done
            progress.identity = receipt.identity?.names.first
        case .declined: fail("The sign-in was declined at the provider. Nothing was stored.")
        case .expired: fail("The code ran out before anybody signed in. Begin again.")
        case .failed(let failure):
            progress.state = .failed
            progress.problem = ErrorReport(failure)
        }
    }

    private func fail(_ reason: String) {
        progress.state = .failed
        progress.problem = ErrorReport(
            Failure(.account, .whenReauthorized, operation: "device sign-in", reason: reason))
    }
}
