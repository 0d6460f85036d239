import Delivery
import Diagnostics
import Explanations
import MailModel
import Operations

extension Daemon: DoctorControl {
    public func doctor(_ name: AccountName, sendTo address: MailAddress?) async throws -> DoctorReport {
        try await doctor(name, sendTo: address) { _ in }
    }

    /// - Parameter tell: is told of each step when it is over.
    func doctor(
        _ name: AccountName, sendTo address: MailAddress?, tell: @Sendable (DoctorReport.Step) async -> Void
    ) async throws -> DoctorReport {
        let worker = try worker(name)
        guard doctors.insert(name).inserted else {
            throw Problem(.conflict, "A doctor of account \(name) is at work already; it ends by itself.")
        }
        defer { doctors.remove(name) }
        let now = clock.now
        let pauses = try await store.read { try $0.accounts.find(worker.id)?.pauses.inForce(at: now) }
        let account = worker.account
        let visit = DoctorVisit(
            DoctorVisit.Ground(
                account: account, settings: settings, reader: ground.reader, maildirs: maildirSettings,
                opener: opener(of: name), logins: logins(of: name, worker.id), tokens: tokens,
                trial: DestinationTrial(mark: store.mark, hostName: ground.hostName),
                turnstile: turnstile(of: worker.id), clock: clock,
                facts: [
                    .receive: facts(account, account.receive?.signIn), .send: facts(account, account.send?.signIn),
                ],
                sendTo: address, isPaused: pauses?.account != nil))
        let report = try await visit.run(tell: tell)
        // What was parked has just been seen to work.
        if report.count(.failed) == 0 {
            let present = workers[name] ?? worker
            await present.receiving?.worker.tryAtOnce()
            await present.sending?.worker.tryAtOnce()
        }
        return report
    }
}
