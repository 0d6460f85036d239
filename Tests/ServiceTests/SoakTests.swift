import TestSupport
import Testing

@Suite("The soak") struct SoakTests {
    @Test("accounts for every message, in its short form", .enabled(if: CrashLoop.isLong))
    func short() async throws {
        let soak = try await ChildProcess.run(
            try Program.built("soak"), ["--minutes", "1", "--mailboxes", "8"], within: .seconds(600))
        #expect(soak.status == .exited(0), "\(soak.text.suffix(4000))")
        #expect(soak.text.contains("every message is accounted for"))
    }

    @Test("says how it is used")
    func usage() async throws {
        let soak = try await ChildProcess.run(try Program.built("soak"), ["--minutes"])
        #expect(soak.status == .exited(1))
        #expect(soak.text.contains("usage: soak [--minutes N] [--mailboxes N] [--seed N]"))
    }
}
