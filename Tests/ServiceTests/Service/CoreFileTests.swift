import Glibc
import TestSupport
import Testing

/// core(5): a pattern that is neither a pipe nor a path.
private let coreFilesAreWritten =
    (try? Directory.text(of: "/proc/sys/kernel/core_pattern"))?.hasPrefix("core") == true

@Suite("A crash", .enabled(if: coreFilesAreWritten, "the kernel writes core files into the working directory"))
struct CoreFileTests {
    /// Runs a program in `directory`, which the kernel may fill with as large a core file as it likes.
    private func crashing(in directory: String) -> [String] {
        ["sh", "-c", "cd '\(directory)' && ulimit -c unlimited && exec \"$@\"", "sh"]
    }

    private func cores(in directory: String) -> [String] {
        Directory.names(in: directory).filter { $0.hasPrefix("core") }
    }

    @Test("of the service leaves no core file, in which every secret would stand", arguments: [SIGSEGV, SIGABRT])
    func service(signal: Int32) async throws {
        let service = try await ServiceUnderTest.start()
        let directory = try service.directory.directory("crash")
        // Whoever does not forbid it leaves one.
        let words = crashing(in: directory)
        let other = try ChildProcess(words[0], words.dropFirst() + ["sleep", "600"])
        while try Directory.text(of: "/proc/\(other.processID)/comm") != "sleep\n" { await Task.yield() }
        other.send(signal: signal)
        #expect(try await other.exit() == .killed(signal: signal))
        #expect(cores(in: directory).count == 1)
        for core in cores(in: directory) { unlink("\(directory)/\(core)") }

        let daemon = try await service.serve(through: words)
        try await service.consent()
        daemon.send(signal: signal)
        #expect(try await daemon.exit() == .killed(signal: signal))
        #expect(cores(in: directory) == [])
        await service.stop()
    }
}
