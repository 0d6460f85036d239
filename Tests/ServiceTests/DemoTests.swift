import Glibc
import TestSupport
import Testing

@Suite("The demo") struct DemoTests {
    @Test("cleans up after Ctrl-C, and says so", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        let directory = try TemporaryDirectory(prefix: "interrupted", mode: 0o755)
        var options = ChildProcess.Options()
        options.adding = ["TMPDIR": directory.path]
        let demo = try ChildProcess(try Program.built("demo"), options: options)
        try await demo.output.line(containing: "Fetching")
        #expect(!Directory.names(in: directory.path).isEmpty)
        demo.send(signal: signal)
        #expect(try await demo.exit() == .exited(EXIT_FAILURE), "\(demo.errors.text.suffix(2000))")
        try await demo.output.line(containing: "Interrupted; everything is being cleaned up.")
        #expect(Directory.names(in: directory.path).isEmpty)
    }
}
