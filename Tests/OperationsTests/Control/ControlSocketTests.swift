import ControlSupport
import Diagnostics
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Operations

@Suite("The control sockets")
struct ControlSocketTests {
    private func status(_ path: String) throws -> stat {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status
    }

    @Test("have the modes and the group that decide who may connect, and nothing else lies beside them")
    func modes() async throws {
        try await RunningServer.run { running in
            let control = try status(running.control)
            let submit = try status(running.submit)
            #expect(control.st_mode & 0o7777 == 0o660)
            #expect(control.st_gid == SystemAccounts().group("mail")?.id)
            #expect(submit.st_mode & 0o7777 == 0o666)
            #expect(Directory.names(in: running.directory.path).sorted() == ["postbote.sock", "submit.sock"])
        }
    }

    @Test("take the place of what a killed daemon left")
    func stale() async throws {
        let running = try RunningServer()
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(UnixAddress(path: running.control)!.with { bind(left, $0, $1) } == 0)
        close(left)
        try await running.server.start()
        #expect(await running.ask("GET", "/healthz")?.status == 200)
        await running.server.stop(within: .seconds(5))
        #expect(Directory.names(in: running.directory.path).isEmpty)
    }

    @Test("are not taken from a daemon that answers")
    func secondDaemon() async throws {
        try await RunningServer.run { running in
            let second = ControlServer(running.plane, path: running.control, logger: .quiet)
            await #expect {
                try await second.start()
            } throws: { error in
                (error as? Failure)?.reason.contains("another postbote answers") == true
            }
            #expect(await running.ask("GET", "/healthz")?.status == 200)
        }
    }

    @Test("refuse a path that cannot be one", arguments: ["/nowhere/at/all/postbote.sock", "x"])
    func badPath(path: String) async throws {
        let directory = try TemporaryDirectory(prefix: "pb")
        let long = path == "x" ? directory(String(repeating: "x", count: 100)) : path
        let server = ControlServer(FakePlane(), path: long, logger: .quiet)
        await #expect(throws: Failure.self) { try await server.start() }
    }

    @Test("do not replace a file that is not a socket")
    func inTheWay() async throws {
        let running = try RunningServer()
        try Directory.write("precious", to: running.control)
        await #expect(throws: Failure.self) { try await running.server.start() }
        #expect(try Directory.text(of: running.control) == "precious")
    }

    @Test("let a request that is running end when the daemon stops")
    func gracefulStop() async throws {
        let gate = Gate()
        let entered = Gate()
        var script = FakePlane.Script()
        script.beforeReading = {
            entered.open()
            try? await gate.passed()
        }
        let running = try RunningServer(script)
        try await running.server.start()
        async let response = running.ask(
            "POST", "/v1/messages", headers: SubmissionTests.type, body: SubmissionTests.message)
        try await entered.passed()
        async let stopped: Void = running.server.stop(within: .seconds(30))
        gate.open()
        #expect(await response?.status == 201)
        await stopped
        #expect(SocketConversation(path: running.control) == nil)
    }

    @Test("hang up on a request that does not end in time")
    func deadline() async throws {
        let gate = Gate()
        let entered = Gate()
        var script = FakePlane.Script()
        script.beforeReading = {
            entered.open()
            try? await gate.passed()
        }
        let running = try RunningServer(script)
        try await running.server.start()
        async let response = running.ask(
            "POST", "/v1/messages", headers: SubmissionTests.type, body: SubmissionTests.message)
        try await entered.passed()
        async let stopped: Void = running.server.stop(within: .zero)
        #expect(await response == nil)
        gate.open()
        await stopped
    }
}

@Suite("Access rules")
struct AccessRulesTests {
    private struct Accounts: LocalAccounts {
        func user(_ name: String) -> UInt32? { ["www-data": 33, "anna": 1000, "bert": 1001][name] }
        func group(_ name: String) -> (id: UInt32, members: [String])? {
            name == "crm" ? (500, ["bert", "gone"]) : nil
        }
    }

    private var rules: AccessRules {
        var settings = AccessSettings()
        settings.send = ["www-data", "@crm"]
        settings.token = ["anna", "nobody-here"]
        settings.manage = ["@crm", "@none"]
        return AccessRules(settings, accounts: Accounts())
    }

    @Test(
        "give each local user what the configuration says",
        arguments: [
            (0, 0, Permission.everything), (77, 77, .everything), (33, 33, [.send]), (1000, 1000, [.token]),
            (1001, 1001, .everything), (1002, 500, .everything), (1002, 1002, []),
        ] as [(UInt32, UInt32, Permission)])
    func permissions(user: UInt32, group: UInt32, permission: Permission) {
        #expect(rules.permission(of: Peer(user: user, group: group, process: 1), daemon: 77) == permission)
    }

    @Test("name whom this machine does not know")
    func unknown() { #expect(rules.unknown == ["nobody-here", "@none"]) }

    @Test("know the users and groups of this machine")
    func system() throws {
        #expect(SystemAccounts().user("root") == 0)
        #expect(SystemAccounts().group("root")?.id == 0)
        #expect(SystemAccounts().user("no-such-user-here") == nil)
        #expect(SystemAccounts().group("no-such-group-here") == nil)
    }

    @Test("decide on submit.sock what a peer may do, and not on the control socket")
    func submitSocket() async throws {
        try #require(getuid() == 0, "changing the user needs root")
        var settings = AccessSettings()
        settings.send = ["nobody"]
        var script = FakePlane.Script()
        script.rules = await AccessRules.resolved(settings)
        try await RunningServer.run(script) { running in
            let nobody = try #require(SystemAccounts().user("nobody"))
            let daemon = try #require(SystemAccounts().user("daemon"))
            let send = "-H 'Content-Type: message/rfc822' --data-binary x http://x/v1/messages"
            #expect(try await running.curl(as: nobody, running.submit, send) == 201)
            #expect(try await running.curl(as: nobody, running.submit, "http://x/v1/accounts") == 403)
            #expect(try await running.curl(as: nobody, running.submit, "http://x/v1/accounts/support/token") == 403)
            #expect(try await running.curl(as: nobody, running.submit, "http://x/healthz") == 200)
            #expect(try await running.curl(as: daemon, running.submit, send) == 403)
            #expect(try await running.curl(as: nobody, running.control, "http://x/healthz") == 0)
        }
    }
}

extension RunningServer {
    /// The status that another user gets; 0 without an answer.
    fileprivate func curl(as user: UInt32, _ socket: String, _ rest: String) async throws -> Int {
        let command =
            "setpriv --reuid \(user) --regid \(user) --clear-groups "
            + "curl -sS -o /dev/null -w '%{http_code}' --unix-socket \(socket) \(rest)"
        let finished = try await ChildProcess.run("/bin/sh", ["-c", command])
        return Int(finished.text.prefix { $0.isNumber }) ?? 0
    }
}
