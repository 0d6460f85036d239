import Authorization
import Diagnostics
import MailModel
import Operations

/// A device sign-in under way, for whoever asks how far it is.
actor DeviceSignIn {
    private(set) var progress: AuthorizationProgress
    /// When it was over; `nil` while it is under way.
    private(set) var ended: Timestamp?
    private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    private var lastWaiter = 0
    nonisolated let task: Task<Void, Never>
    private let clock: any WallClock
    private let follow: Follow

    /// Carries the steps from the task, which exists before the actor does.
    private final class Follow: Sendable {
        let stream: AsyncStream<DeviceStep>
        let continuation: AsyncStream<DeviceStep>.Continuation
        init() { (stream, continuation) = AsyncStream.makeStream() }
    }

    init(id: String, clock: any WallClock, steps: AsyncStream<DeviceStep>) {
        progress = AuthorizationProgress(id: id, state: .waiting)
        self.clock = clock
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
            wake()
        }
        if progress.state == .waiting { progress.state = .failed }
        ended = clock.now
        wake()
    }

    /// Returns when there is something to show, when it is over, or when the task is cancelled.
    func untilPrompted() async {
        while progress.state == .waiting, progress.instructions == nil, !Task.isCancelled { await nextStep() }
    }

    /// Returns when it is over, or when the task is cancelled.
    func untilOver() async {
        while progress.state == .waiting, !Task.isCancelled { await nextStep() }
    }

    /// Whoever gives up waiting leaves nothing behind.
    private func nextStep() async {
        lastWaiter += 1
        let number = lastWaiter
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume() }
                waiting[number] = continuation
            }
        } onCancel: {
            Task { await self.abandon(number) }
        }
    }

    private func abandon(_ waiter: Int) { waiting.removeValue(forKey: waiter)?.resume() }

    private func wake() {
        for waiter in waiting.values { waiter.resume() }
        waiting = [:]
    }

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
            progress.warning = receipt.warning
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
