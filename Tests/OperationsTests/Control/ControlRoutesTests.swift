import ControlSupport
import Diagnostics
import MailModel
import Operations
import Testing

@Suite("The control API")
struct ControlRoutesTests {
    @Test(
        "answers each route with its status and asks the daemon once",
        arguments: [
            ("GET", "/healthz", 200, nil), ("GET", "/readyz", 200, nil), ("GET", "/v1/status", 200, nil),
            ("POST", "/v1/reload", 200, "reload"), ("GET", "/v1/accounts", 200, "accounts"),
            ("GET", "/v1/accounts/support", 200, "account support"),
            ("GET", "/v1/accounts/nobody", 404, "account nobody"), ("GET", "/v1/accounts/No!", 404, nil),
            ("POST", "/v1/accounts/support/fetch", 202, "fetch support"),
            ("POST", "/v1/accounts/support/fetch?wait=true", 200, "fetch support and wait"),
            ("POST", "/v1/accounts/support/fetch?wait=perhaps", 400, nil),
            ("GET", "/v1/accounts/support/folders", 200, "account support"),
            ("GET", "/v1/accounts/support/token", 200, "account support"),
            ("GET", "/v1/accounts/support/authorize/s1", 200, "account support"),
            ("GET", "/v1/accounts/support/authorize/s2", 404, "account support"),
            ("GET", "/v1/messages", 200, "messages - - -"),
            ("GET", "/v1/messages?account=support&state=held&limit=3", 200, "messages support held -"),
            ("GET", "/v1/messages?limit=0", 400, nil), ("GET", "/v1/messages?state=lost", 400, nil),
            ("GET", "/v1/messages?limit=1001", 400, nil),
            ("GET", "/v1/messages/01kak5rz7g-0001", 200, "message 01KAK5RZ7G0001"),
            ("GET", "/v1/messages/none", 404, nil),
            ("POST", "/v1/messages/01kak5rz7g-0001/retry", 200, "retry message(01KAK5RZ7G0001)"),
            ("POST", "/v1/messages/01kak5rz7g-0001/hold", 200, "hold message(01KAK5RZ7G0001)"),
            ("POST", "/v1/messages/01kak5rz7g-0001/release", 200, "release message(01KAK5RZ7G0001)"),
            ("POST", "/v1/messages/01KAK5RZ7G0002/cancel", 409, "cancel message(01KAK5RZ7G0002)"),
            ("POST", "/v1/messages/01kak5rz7g-0001/burn", 404, nil),
            ("POST", "/v1/messages/retry?account=support", 200, "retry account(support)"),
            ("POST", "/v1/messages/cancel?all=true", 200, "cancel all"),
            ("POST", "/v1/messages/cancel", 400, nil),
            ("POST", "/v1/messages/cancel?all=true&account=support", 400, nil),
            ("GET", "/v1/nothing", 404, nil), ("DELETE", "/v1/messages/01kak5rz7g-0001", 404, nil),
        ] as [(String, String, Int, String?)])
    func routes(method: String, target: String, status: Int, call: String?) async throws {
        try await RunningServer.run { running in
            let response = try #require(await running.ask(method, target))
            #expect(response.status == status)
            #expect(running.plane.calls.last == call)
            let isProblem = response.headers["content-type"] == "application/problem+json"
            #expect(isProblem == (status >= 400))
            #expect(response.headers["cache-control"] == "no-store")
            if !isProblem { #expect(response.text.contains(#""version":1"#)) }
        }
    }

    @Test(
        "says what went wrong as a problem document with our exit code",
        arguments: [
            (
                Failure(.account, .later(after: .milliseconds(1500)), operation: "connect", reason: "no route"), 503,
                75
            ),
            (Failure(.daemon, .now, operation: "commit", reason: "closing"), 503, 75),
            (Failure(.account, .whenReauthorized, operation: "refresh", reason: "expired"), 409, 1),
            (Failure(.account, .whenReconfigured(by: .tenantAdministrator), operation: "o", reason: "r"), 409, 1),
            (Failure(.message, .never, operation: "check", reason: "header injection"), 422, 65),
            (Failure(.account, .never, operation: "o", reason: "r"), 409, 1),
        ])
    func failures(failure: Failure, status: Int, exitCode: Int) async throws {
        var script = FakePlane.Script()
        script.error = failure
        try await RunningServer.run(script) { running in
            let response = try #require(await running.ask("GET", "/v1/accounts"))
            #expect(response.status == status)
            #expect(response.text.contains(#""exit_code":\#(exitCode),"#))
            #expect(response.text.contains("\(failure.operation): \(failure.reason)"))
            if case .later(.some) = failure.retry { #expect(response.headers["retry-after"] == "2") }
        }
    }

    @Test("a fault of ours is 500 and exit code 70")
    func fault() async throws {
        struct Fault: Error {}
        var script = FakePlane.Script()
        script.error = Fault()
        try await RunningServer.run(script) { running in
            let response = try #require(await running.ask("GET", "/v1/accounts"))
            #expect(response.status == 500)
            #expect(response.text.contains(#""exit_code":70"#))
        }
    }

    @Test("lists every error of a refused configuration")
    func reload() async throws {
        var script = FakePlane.Script()
        script.reloadError = Problem(
            .configuration, "the configuration has 2 errors", errors: ["a.yaml:1:2: x", "a.yaml:3:4: y"])
        try await RunningServer.run(script) { running in
            let response = try #require(await running.ask("POST", "/v1/reload"))
            #expect(response.status == 422)
            #expect(response.text.contains(#""errors":["a.yaml:1:2: x","a.yaml:3:4: y"],"exit_code":78"#))
        }
    }

    @Test("is not ready while the state cannot be written", arguments: DaemonState.allCases)
    func readiness(state: DaemonState) async throws {
        var script = FakePlane.Script()
        script.state = state
        try await RunningServer.run(script) { running in
            #expect(await running.ask("GET", "/readyz")?.status == (state == .ok ? 200 : 503))
            #expect(await running.ask("GET", "/healthz")?.status == 200)
        }
    }

    @Test("begins a sign-in and tells how it goes on")
    func signIn() async throws {
        try await RunningServer.run { running in
            let begun = try #require(
                await running.ask(
                    "POST", "/v1/accounts/support/authorize", body: Array(#"{"method":"device"}"#.utf8)))
            #expect(begun.status == 202)
            #expect(begun.text.contains(#""user_code":"ABCD-EFGH""#))
            let first = await running.ask("GET", "/v1/accounts/support/authorize/s1?wait=1")
            #expect(first?.text.contains(#""state":"waiting""#) == true)
            let second = await running.ask("GET", "/v1/accounts/support/authorize/s1?wait=1")
            #expect(second?.text.contains(#""state":"done""#) == true)
        }
    }

    @Test(
        "takes a refresh token, and never says one back",
        arguments: [
            (#"{"method":"import","refresh_token":"good-refresh-token"}"#, 200),
            (#"{"method":"import","refresh_token":"bad-refresh-token"}"#, 409),
            (#"{"method":"import","refresh_token":"good-refresh-token""#, 400),
            (#"{"method":"good-refresh-token"}"#, 400), (#"{"method":"import"}"#, 400), ("", 400),
        ])
    func importing(body: String, status: Int) async throws {
        try await RunningServer.run { running in
            let response = try #require(
                await running.ask("POST", "/v1/accounts/support/authorize", body: Array(body.utf8)))
            #expect(response.status == status)
            #expect(!response.text.contains("refresh-token"))
        }
    }

    @Test("refuses a body that is longer than any request of its kind")
    func longBody() async throws {
        try await RunningServer.run { running in
            let body = Array(
                #"{"method":"import","refresh_token":"\#(String(repeating: "x", count: 100_000))"}"#.utf8)
            let response = try #require(await running.ask("POST", "/v1/accounts/support/authorize", body: body))
            #expect(response.status == 413)
            #expect(response.headers["content-type"] == "application/problem+json")
        }
    }
}
