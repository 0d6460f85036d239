import Glibc
import TestSupport
import Testing

@Suite("A trace of system calls")
struct SystemCallTraceTests {
    private func call(_ line: String) throws -> SystemCall { try #require(try SystemCallTrace(line).calls.first) }

    @Test(
        "gives name, arguments and result of each",
        arguments: [
            ("7 fsync(12</a/b>) = 0", "fsync", ["12</a/b>"], 0),
            ("  7 openat(AT_FDCWD</w>, \"/a, (b\", O_RDWR|O_CREAT, 0600) = 3</a, (b>", "openat", nil, 3),
            (#"7 write(2<pipe:[9]>, "a\"b, \\", 7)    = 7"#, "write", ["2<pipe:[9]>", #""a\"b, \\""#, "7"], 7),
            ("7 getpid() = 42", "getpid", [], 42),
            ("7 unlink(\"/x\") = -1 ENOENT (No such file or directory)", "unlink", ["\"/x\""], -1),
            (
                #"7 writev(5<UNIX-STREAM:[1->2,"/r/a.sock"]>, [{iov_base="a)", iov_len=2}, {iov_len=0}], 2) = 2"#,
                "writev",
                [#"5<UNIX-STREAM:[1->2,"/r/a.sock"]>"#, #"[{iov_base="a)", iov_len=2}, {iov_len=0}]"#, "2"], 2
            ),
        ] as [(String, String, [String]?, Int)])
    func calls(line: String, name: String, arguments: [String]?, result: Int) throws {
        let call = try call(line)
        #expect(call.thread == 7)
        #expect(call.name == name)
        if let arguments { #expect(call.arguments == arguments) }
        #expect(call.result == result)
        #expect(call.hasSucceeded == (result >= 0))
    }

    @Test("names what a descriptor stands for, and resolves texts")
    func texts() throws {
        #expect(try call("7 fsync(12</a/b c>) = 0").descriptor() == "/a/b c")
        #expect(try call("7 fsync(12) = 0").descriptor() == nil)
        let opened = try call("7 openat(AT_FDCWD</w>, \"/a\\t\\303\\274\\0001\", O_RDONLY) = -1 ENOENT (No)")
        #expect(opened.descriptor() == "/w")
        #expect(opened.text(1) == "/a\tü\u{0}1")
        #expect(opened.text(2) == nil)
        #expect(try call("7 write(1<x>, \"ab\"..., 900) = 900").text(1) == "ab")
        #expect(opened.mentions("O_RDONLY") && !opened.mentions("O_CREAT"))
    }

    @Test("joins what other threads interrupted, and knows what overlaps")
    func overlap() throws {
        let calls = try SystemCallTrace(
            """
            7 fsync(3</a> <unfinished ...>
            8 rename("/a", "/b" <unfinished ...>
            7 <... fsync resumed>) = 0
            7 write(4</c>, "x", 1) = 1
            8 <... rename resumed>) = 0
            8 --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=1, si_uid=0} ---
            8 unlink("/b") = 0
            9 write(4</c>, "y", 1 <unfinished ...>) = ?
            9 +++ exited with 0 +++
            """
        ).calls
        #expect(calls.map(\.name) == ["fsync", "rename", "write", "unlink", "write"])
        let (sync, move, write, unlink) = (calls[0], calls[1], calls[2], calls[3])
        #expect(move.arguments == ["\"/a\"", "\"/b\""])
        #expect(sync.isBefore(write) && !write.isBefore(sync))
        #expect(!sync.isBefore(move) && !move.isBefore(sync))
        #expect(move.isBefore(unlink) && write.isBefore(unlink))
        #expect(calls[4].result == nil && !calls[4].isBefore(unlink))
    }

    @Test("that is not understood is refused", arguments: ["7 nonsense", "7 <... fsync resumed>) = 0", "7 fsync(3"])
    func unreadable(line: String) {
        #expect(throws: SystemCallTrace.UnreadableLine.self) { try SystemCallTrace(line) }
    }

    @Test("of a real program has its calls, and the program keeps its process id")
    func real() async throws {
        let directory = try TemporaryDirectory()
        let file = directory("trace")
        let (data, moved) = (try directory.file("data", "x"), directory("moved"))
        let script = "echo $$; sync -d \(data); mv \(data) \(moved)"
        let child = try ChildProcess(
            "strace", SystemCallTrace.arguments(SystemCallTrace.durability, file: file) + ["sh", "-c", script])
        #expect(try await child.exit() == .exited(0))
        // The tracer holds the same pipe: when it is gone, the trace is whole.
        try await child.errors.ended()
        #expect(child.output.text == "\(child.processID)\n")
        let calls = try SystemCallTrace(Directory.text(of: file)).calls
        let sync = try #require(calls.first { $0.name == "fdatasync" })
        #expect(sync.descriptor() == data && sync.hasSucceeded)
        let move = try #require(calls.first { $0.name.hasPrefix("rename") && $0.mentions(moved) })
        #expect(sync.isBefore(move))
    }
}
