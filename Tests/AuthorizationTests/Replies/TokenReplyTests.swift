import Diagnostics
import MailModel
import Testing

@testable import Authorization

@Suite("What a refusal means")
struct TokenReplyTests {
    static let now = Timestamp(seconds: 784_111_777)

    struct Case: Sendable, CustomTestStringConvertible {
        var status = 400
        var body: String
        var retryAfter: String?
        var kind = TokenRequest.Kind.refresh
        var retry: Failure.Retry
        var reach = TokenFailure.Reach.credential
        var testDescription: String { "\(kind) \(status) \(body.prefix(60)) \(retryAfter ?? "")" }

        static func error(
            _ error: String, suberror: String? = nil, status: Int = 400, kind: TokenRequest.Kind = .refresh,
            retryAfter: String? = nil, then retry: Failure.Retry, of reach: TokenFailure.Reach = .credential
        ) -> Case {
            let more = suberror.map { ",\"suberror\":\"\($0)\"" } ?? ""
            return Case(
                status: status, body: "{\"error\":\"\(error)\"\(more)}", retryAfter: retryAfter, kind: kind,
                retry: retry, reach: reach)
        }
    }

    static let operatorActs = Failure.Retry.whenReconfigured(by: .operatorOfPostbote)
    static let tenantActs = Failure.Retry.whenReconfigured(by: .tenantAdministrator)
    static let page = "<!DOCTYPE html><html><title>Service unavailable</title></html>"

    @Test(
        "is decided on error, suberror and HTTP status",
        arguments: [
            // Passes by itself.
            .error("temporarily_unavailable", then: .later(after: nil)),
            .error("server_error", then: .later(after: nil)),
            .error("internal_failure", then: .later(after: nil)),
            .error("invalid_grant", status: 503, then: .later(after: nil)),
            .error("invalid_client", status: 429, retryAfter: "17", then: .later(after: .seconds(17))),
            .error(
                "temporarily_unavailable", status: 503, retryAfter: "Sun, 06 Nov 1994 08:50:37 GMT",
                then: .later(after: .seconds(60))),
            Case(status: 503, body: page, retry: .later(after: nil)),
            Case(status: 502, body: "", retry: .later(after: nil)),
            Case(status: 429, body: "", retryAfter: "5", retry: .later(after: .seconds(5))),
            Case(status: 403, body: page, retryAfter: "5", retry: .later(after: .seconds(5))),
            Case(status: 200, body: page, retry: .later(after: nil)),
            Case(status: 200, body: "{}", retry: .later(after: nil)),
            // The owner.
            .error("invalid_grant", then: .whenReauthorized),
            .error("invalid_grant", suberror: "basic_action", then: .whenReauthorized),
            .error("invalid_grant", suberror: "consent_required", then: .whenReauthorized),
            .error("invalid_grant", suberror: "bad_token", then: .whenReauthorized),
            .error("invalid_grant", suberror: "user_password_expired", then: .whenReauthorized),
            .error("invalid_grant", suberror: "something_new", then: .whenReauthorized),
            .error("interaction_required", then: .whenReauthorized),
            .error("login_required", then: .whenReauthorized),
            .error("consent_required", then: .whenReauthorized),
            // The tenant's administrator.
            .error("invalid_grant", suberror: "protection_policy_required", then: tenantActs),
            .error("invalid_grant", suberror: "device_authentication_failed", then: tenantActs),
            .error("access_denied", then: tenantActs),
            .error("invalid_resource", then: tenantActs, of: .provider),
            .error("invalid_grant", kind: .application, then: tenantActs, of: .provider),
            .error("interaction_required", kind: .application, then: tenantActs, of: .provider),
            // The administrator of Postbote.
            .error("invalid_client", status: 401, then: operatorActs, of: .provider),
            .error("unauthorized_client", then: operatorActs, of: .unclear),
            .error("unauthorized_client", kind: .application, then: operatorActs, of: .provider),
            .error("invalid_scope", then: operatorActs, of: .provider),
            .error("unsupported_grant_type", then: operatorActs, of: .provider),
            .error("invalid_tenant", then: operatorActs, of: .provider),
            .error("invalid_request", then: operatorActs),
            .error("invalid_request", kind: .application, then: operatorActs, of: .provider),
            .error("something_new", then: operatorActs),
            Case(status: 404, body: page, retry: operatorActs, reach: .provider),
            Case(status: 302, body: "", retry: operatorActs, reach: .provider),
            Case(status: 407, body: page, retry: operatorActs, reach: .provider),
            Case(status: 400, body: "{\"error\":{\"code\":1}}", retry: operatorActs),
        ] as [Case])
    func classified(_ example: Case) throws {
        let failure = try refusal(example)
        #expect(failure.failure.retry == example.retry)
        #expect(failure.reach == example.reach)
        #expect(failure.failure.scope == .account)
        #expect(failure.failure.reason.hasSuffix("."))
        #expect(failure.failure.place["host"] == "login.example")
    }

    @Test("AADSTS numbers choose the sentence, never the class")
    func explained() throws {
        let text = "AADSTS7000222: The provided client secret keys are expired. Trace ID: x"
        let body = "{\"error\":\"invalid_grant\",\"error_description\":\"\(text)\",\"error_codes\":[7000222]}"
        let failure = try refusal(Case(body: body, retry: .whenReauthorized))
        #expect(failure.failure.retry == .whenReauthorized)
        #expect(failure.failure.reason.contains("The client secret has expired"))
        #expect(failure.failure.reason.contains("AADSTS7000222"))
        #expect(failure.failure.serverLine == "invalid_grant: \(text)")
    }

    @Test("a number that stands only in the text is found, and an unknown one does no harm")
    func numbers() throws {
        let known = try refusal(
            Case(body: "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: x\"}", retry: .now))
        #expect(known.failure.reason.contains("secret's ID"))
        let unknown = try refusal(
            Case(body: "{\"error\":\"invalid_client\",\"error_codes\":[1,99999999999999999999]}", retry: .now))
        #expect(unknown.failure.reason.contains("invalid_client"))
    }

    @Test("a challenge for the next sign-in is kept")
    func claims() throws {
        let body = #"{"error":"interaction_required","claims":"{\"access_token\":{}}"}"#
        #expect(try refusal(Case(body: body, retry: .now)).claims == #"{"access_token":{}}"#)
    }

    @Test("the server's words are one line, short, and without control characters")
    func words() throws {
        let body = #"{"error":"x","error_description":"one\u001b[31m\u0007\r\nTrace ID: 2"}"#
        #expect(try refusal(Case(body: body, retry: .now)).failure.serverLine == "x: one [31m ")
        let long = "{\"error\":\"x\",\"error_description\":\"\(String(repeating: "y", count: 5000))\"}"
        #expect(try #require(refusal(Case(body: long, retry: .now)).failure.serverLine).count <= Limits.serverLine)
    }

    private func refusal(_ example: Case) throws -> TokenFailure {
        var form = FormBody()
        form.append("refresh_token", secret: Secret("0.AXsecretrefreshtoken"))
        let request = TokenRequest(kind: example.kind, url: "https://login.example/contoso/token", form: form)
        let reply = TokenReply(status: example.status, retryAfter: example.retryAfter, body: Array(example.body.utf8))
        switch reply.token(for: request, provider: ProviderName("contoso")!, now: Self.now) {
        case .success: throw Unexpected()
        case .failure(let failure): return failure
        }
    }

    struct Unexpected: Error {}
}
