import Daemon
import Diagnostics
import MailModel
import Operations
import TestSupport
import Testing

@Suite("Doctor's patience") struct DoctorTimeTests {
    /// Takes a connection, and says nothing.
    private static let silence = "C: nobody speaks first"

    /// What doctor says of a server that says nothing, when `time` passes meanwhile.
    private func doctor(while time: Duration) async throws -> [DoctorReport.Step] {
        let server = try await ScriptedServer.start(Self.silence)
        let test = try DaemonUnderTest()
        try test.configure(accounts: [], office: true, officeServer: "port: \(server.port), tls: none")
        let daemon = try test.daemon()
        try await daemon.start()
        let end = test.clock.now + Duration.seconds(60)
        async let report = daemon.doctor(try #require(AccountName("office")), sendTo: nil)
        _ = try await server.records("doctor's connection") { !$0.isEmpty }
        // The step is waited for by now, or in a moment.
        while !test.clock.deadlines.contains(end) { await Task.yield() }
        test.clock.advance(by: time)
        let steps = try await report.steps
        await daemon.stop(within: .seconds(60))
        await server.stop()
        await test.store.close()
        return steps
    }

    private func found(_ steps: [DoctorReport.Step], _ step: String) -> String? {
        steps.first { $0.step == step }?.found
    }

    @Test("with one step ends, and what does not need that goes on")
    func oneStep() async throws {
        let steps = try await doctor(while: .seconds(60))
        let failed = try #require(steps.first { $0.outcome == .failed })
        #expect(failed.step == "dns" && failed.of == "smtp")
        #expect(failed.found.contains("It had not ended after 60 s, and was broken off"), "\(failed)")
        #expect(failed.seconds == 60)
        #expect(found(steps, "tcp")?.hasPrefix("needs: ") == true)
        #expect(steps.first { $0.step == "token" }?.outcome == .ok, "\(steps)")
    }

    @Test("with all of it ends, and what was not tried is named")
    func allOfIt() async throws {
        let steps = try await doctor(while: .seconds(300))
        #expect(steps.count { $0.outcome == .failed } == 1)
        #expect(found(steps, "token") == "doctor had taken 300 s by then")
        #expect(steps.first { $0.step == "token" }?.outcome == .skipped)
    }
}
