import Glibc
import TestSupport
import Testing

@Suite("A child process")
struct ChildProcessTests {
    @Test("gives its lines, its exit status and its errors apart")
    func output() async throws {
        let finished = try await ChildProcess.run("sh", ["-c", "echo one; echo two >&2; printf three; exit 3"])
        #expect(finished.status == .exited(3))
        #expect(finished.text == "one\nthree\n")
        #expect(finished.errors == "two\n")
    }

    @Test("streams lines while it runs, and reads its input")
    func dialog() async throws {
        var options = ChildProcess.Options()
        options.hasInput = true
        let child = try ChildProcess("cat", options: options)
        try child.write(Array("first\nsecond\n".utf8))
        #expect(try await child.output.line(containing: "cond") == "second")
        child.closeInput()
        #expect(try await child.exit() == .exited(0))
        var lines: [String] = []
        for try await line in child.output.stream { lines.append(line) }
        #expect(lines == ["first", "second"])
    }

    @Test("that ends without the line waited for says what it said instead")
    func missingLine() async throws {
        let child = try ChildProcess("sh", ["-c", "echo something else"])
        await #expect(throws: ProcessOutput.OutputEnded.self) { try await child.output.line(containing: "ready") }
    }

    @Test("that cannot be started throws the system's reason")
    func cannotStart() throws {
        #expect(throws: SystemError.self) { try ChildProcess("/nowhere/program") }
        let directory = try TemporaryDirectory()
        let path = try directory.file("program", "not a program", mode: 0o755)
        let error = #expect(throws: SystemError.self) { try ChildProcess(path) }
        #expect(error?.code == ENOEXEC)
    }

    @Test("sees its environment, directory and passed descriptors, and nothing else")
    func surroundings() async throws {
        let directory = try TemporaryDirectory()
        var options = ChildProcess.Options()
        options.environment = ["PATH": "/usr/bin:/bin", "GONE": "x"]
        options.adding = ["GONE": nil, "WORD": "value"]
        options.directory = directory.path
        let socket = try ListeningSocket()
        options.passing = [socket.descriptor]
        options.socketActivation = true
        let finished = try await ChildProcess.check(
            "sh",
            // No pipe, whose ends the shell would hold for a moment, and something after it, so that the shell stays itself.
            ["-c", "pwd; echo $GONE $WORD $LISTEN_FDS; test $LISTEN_PID = $$ && ls -x /proc/$$/fd; true"],
            options: options)
        #expect(finished.text == "\(directory.path)\nvalue 1\n0  1  2  3\n")
    }

    @Test("starts with default signal actions and no blocked signals")
    func signals() async throws {
        let lines = try await ChildProcess.check("grep", ["-E", "^Sig(Blk|Ign)", "/proc/self/status"]).text
        for line in lines.split(separator: "\n") {
            let mask = try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
            // Signals 32 and 33 belong to the C library.
            #expect(mask & 0x7fff_ffff == 0, "\(line)")
        }
    }

    @Test("is stopped with everything it started in its group")
    func group() async throws {
        let child = try ChildProcess("sh", ["-c", "trap '' TERM; sleep 1000 & echo $!; wait"])
        let grandchild = try #require(pid_t(try await child.output.line { !$0.isEmpty }))
        #expect(await child.stop(grace: .milliseconds(1)) == .killed(signal: SIGKILL))
        // Both held the pipe: its end is the proof.
        try await child.output.ended()
        #expect(kill(grandchild, 0) != 0 || isZombie(grandchild))
    }

    @Test("and real servers with all their processes end when the test that started them is killed")
    func orphans() async throws {
        let directory = try TemporaryDirectory(mode: 0o755)
        var options = ChildProcess.Options()
        // What the killed program cannot remove goes with this test.
        options.adding = ["TMPDIR": directory.path]
        let probe = try ChildProcess(try Program.built("OrphanProbe"), options: options)
        try await probe.output.line(containing: "ready")
        let leaders = probe.output.lines.compactMap { pid_t($0) }
        try #require(leaders.count == 3)
        let processes = leaders.flatMap(RunningProcess.session)
        #expect(processes.count > 5, "Dovecot alone has that many")
        await probe.stop(signal: SIGKILL)
        for process in processes { try await RunningProcess.ended(process) }
    }

    private func isZombie(_ process: pid_t) -> Bool {
        guard let stat = try? Directory.text(of: "/proc/\(process)/stat") else { return true }
        return stat.contains(") Z ")
    }
}
