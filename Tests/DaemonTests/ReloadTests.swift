import Daemon
import Diagnostics
import Operations
import TestSupport
import Testing

@Suite("Reloads") struct ReloadTests {
    @Test("run one after the other, and none during the start, so that no account is started twice")
    func oneAfterTheOther() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["anna"])
        let daemon = try test.daemon()
        try test.configure(accounts: ["anna", "bob"])
        async let started: Void = daemon.start()
        let reports = try await withThrowingTaskGroup(of: ReloadReport.self) { group in
            for _ in 0..<8 { group.addTask { try await daemon.reload() } }
            return try await group.reduce(into: [ReloadReport]()) { $0.append($1) }
        }
        try await started
        #expect(reports.map(\.added).filter { !$0.isEmpty } == [["bob"]])
        #expect(try await daemon.accounts().map(\.name) == ["anna", "bob"])
        await daemon.stop(within: .seconds(60))
        // Each direction says once that nobody has signed in.
        let said = test.recorder.events(.accountStateChanged).map { [$0[.account], $0[.direction]] }
        #expect(said.count == Set(said).count)
        await test.store.close()
    }
}
