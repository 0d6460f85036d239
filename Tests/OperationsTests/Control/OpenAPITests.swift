import ControlSupport
import Explanations
import Foundation
import Hummingbird
import MailModel
import Operations
import TestSupport
import Testing
import Yams

@testable import Operations

@Suite("docs/openapi.yaml")
struct OpenAPITests {
    private let document: Schema

    init() throws {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
        document = Schema(try #require(try Yams.load(yaml: Directory.text(of: root + "/docs/openapi.yaml"))))
    }

    private func operations() throws -> Set<String> {
        let paths = try #require(document["paths"]?.members)
        return Set(
            paths.flatMap { path, methods in
                methods.members!.keys.filter { $0 != "parameters" }.map { "\($0.uppercased()) \(path)" }
            })
    }

    @Test("names exactly the routes there are")
    func routes() throws {
        let described = try operations()
        let served = Set(
            ControlRouter.make(FakePlane()).routes.map { route in
                let path = route.path.description.split(separator: "/").map { part in
                    part.first == ":" ? "{\(part.dropFirst())}" : String(part)
                }
                return "\(route.method.rawValue) /\(path.joined(separator: "/"))"
            })
        #expect(described.subtracting(served) == [], "described, not served")
        #expect(served.subtracting(described) == [], "served, not described")
    }

    @Test(
        "describes what the server answers",
        arguments: [
            ("GET", "/healthz", "/healthz", nil), ("GET", "/readyz", "/readyz", nil),
            ("GET", "/v1/status", "/v1/status", nil), ("POST", "/v1/reload", "/v1/reload", nil),
            ("GET", "/v1/report", "/v1/report", nil),
            ("GET", "/v1/accounts", "/v1/accounts", nil),
            ("GET", "/v1/accounts/support", "/v1/accounts/{name}", nil),
            ("GET", "/v1/accounts/broken", "/v1/accounts/{name}", nil),
            ("GET", "/v1/accounts/none", "/v1/accounts/{name}", nil),
            ("POST", "/v1/accounts/support/fetch", "/v1/accounts/{name}/fetch", nil),
            ("POST", "/v1/accounts/support/fetch?wait=true", "/v1/accounts/{name}/fetch", nil),
            ("POST", "/v1/accounts/support/fetch?wait=x", "/v1/accounts/{name}/fetch", nil),
            ("GET", "/v1/accounts/support/folders", "/v1/accounts/{name}/folders", nil),
            ("POST", "/v1/accounts/support/pause", "/v1/accounts/{name}/pause", nil),
            ("POST", "/v1/accounts/support/pause?until=2027-01-01T00:00:00Z", "/v1/accounts/{name}/pause", nil),
            ("POST", "/v1/accounts/support/pause?until=x", "/v1/accounts/{name}/pause", nil),
            ("POST", "/v1/accounts/support/resume?backfill=true", "/v1/accounts/{name}/resume", nil),
            ("POST", "/v1/accounts/nobody/resume", "/v1/accounts/{name}/resume", nil),
            ("POST", "/v1/accounts/support/reset", "/v1/accounts/{name}/reset", nil),
            ("POST", "/v1/accounts/support/reset?dry_run=true", "/v1/accounts/{name}/reset", nil),
            ("POST", "/v1/accounts/support/reset?dry_run=x", "/v1/accounts/{name}/reset", nil),
            ("GET", "/v1/key", "/v1/key", nil), ("POST", "/v1/key/rotate", "/v1/key/rotate", nil),
            ("GET", "/v1/accounts/support/token", "/v1/accounts/{name}/token", nil),
            ("POST", "/v1/accounts/support/authorize", "/v1/accounts/{name}/authorize", #"{"method":"device"}"#),
            (
                "POST", "/v1/accounts/support/authorize", "/v1/accounts/{name}/authorize",
                #"{"method":"import","refresh_token":"good-refresh-token"}"#
            ),
            (
                "POST", "/v1/accounts/support/authorize", "/v1/accounts/{name}/authorize",
                #"{"method":"import","refresh_token":"bad-refresh-token"}"#
            ),
            ("POST", "/v1/accounts/support/authorize", "/v1/accounts/{name}/authorize", "{}"),
            (
                "POST", "/v1/accounts/support/authorize", "/v1/accounts/{name}/authorize",
                #"{"method":"browser","port":8400}"#
            ),
            ("POST", "/v1/accounts/support/authorize", "/v1/accounts/{name}/authorize", #"{"method":"browser"}"#),
            ("POST", "/v1/accounts/support/authorize", "/v1/accounts/{name}/authorize", #"{"method":"paste"}"#),
            (
                "POST", "/v1/accounts/support/authorize/b1", "/v1/accounts/{name}/authorize/{id}",
                #"{"state":"good-state","code":"good-code"}"#
            ),
            (
                "POST", "/v1/accounts/support/authorize/b1", "/v1/accounts/{name}/authorize/{id}",
                #"{"state":"good-state","error":"access_denied","error_description":"AADSTS65004: no"}"#
            ),
            (
                "POST", "/v1/accounts/support/authorize/b1", "/v1/accounts/{name}/authorize/{id}",
                #"{"state":"another","code":"good-code"}"#
            ),
            (
                "POST", "/v1/accounts/support/authorize/b1", "/v1/accounts/{name}/authorize/{id}",
                #"{"state":"good-state"}"#
            ),
            (
                "POST", "/v1/accounts/support/authorize/b2", "/v1/accounts/{name}/authorize/{id}",
                #"{"state":"good-state","code":"good-code"}"#
            ),
            (
                "POST", "/v1/accounts/broken/authorize", "/v1/accounts/{name}/authorize",
                #"{"method":"application"}"#
            ),
            (
                "POST", "/v1/accounts/support/authorize", "/v1/accounts/{name}/authorize",
                #"{"method":"application"}"#
            ),
            ("POST", "/v1/accounts/broken/revoke", "/v1/accounts/{name}/revoke", nil),
            ("POST", "/v1/accounts/support/revoke", "/v1/accounts/{name}/revoke", nil),
            ("POST", "/v1/accounts/none/revoke", "/v1/accounts/{name}/revoke", nil),
            ("GET", "/v1/accounts/support/authorize/s1", "/v1/accounts/{name}/authorize/{id}", nil),
            ("POST", "/v1/accounts/support/doctor", "/v1/accounts/{name}/doctor", nil),
            ("POST", "/v1/accounts/support/doctor?send_to=a@b.example", "/v1/accounts/{name}/doctor", nil),
            ("POST", "/v1/accounts/support/doctor?send_to=x", "/v1/accounts/{name}/doctor", nil),
            ("POST", "/v1/accounts/none/doctor", "/v1/accounts/{name}/doctor", nil),
            ("GET", "/v1/accounts/support/trace?for=0", "/v1/accounts/{name}/trace", nil),
            ("GET", "/v1/accounts/none/trace", "/v1/accounts/{name}/trace", nil),
            ("POST", "/v1/accounts/support/link", "/v1/accounts/{name}/link", nil),
            ("POST", "/v1/accounts/support/link?lifetime=3600&mail=true", "/v1/accounts/{name}/link", nil),
            ("POST", "/v1/accounts/support/link?lifetime=1", "/v1/accounts/{name}/link", nil),
            ("POST", "/v1/accounts/none/link", "/v1/accounts/{name}/link", nil),
            ("POST", "/v1/links", "/v1/links", nil), ("POST", "/v1/links?mail=x", "/v1/links", nil),
            ("POST", "/v1/accounts/support/audit", "/v1/accounts/{name}/audit", nil),
            ("POST", "/v1/accounts/none/audit", "/v1/accounts/{name}/audit", nil),
            ("POST", "/v1/accounts/support/import?path=/srv/mail", "/v1/accounts/{name}/import", nil),
            ("POST", "/v1/accounts/support/import", "/v1/accounts/{name}/import", nil),
            ("POST", "/v1/accounts/former/forget", "/v1/accounts/{name}/forget", nil),
            ("POST", "/v1/accounts/support/forget?force=true", "/v1/accounts/{name}/forget", nil),
            ("POST", "/v1/accounts/none/forget", "/v1/accounts/{name}/forget", nil),
            ("GET", "/v1/mail?message_id=1@example.org", "/v1/mail", nil),
            ("GET", "/v1/mail?key=\(DeliveryKey.known)", "/v1/mail", nil),
            ("GET", "/v1/mail?since=2026-11-21T09:30:00Z&after=7", "/v1/mail", nil),
            ("GET", "/v1/mail?since=x", "/v1/mail", nil), ("GET", "/v1/mail", "/v1/mail", nil),
            ("GET", "/v1/mail?key=\(DeliveryKey.known)&message_id=x", "/v1/mail", nil),
            ("GET", "/v1/mail?message_id=x&folder=Nowhere", "/v1/mail", nil),
            ("GET", "/v1/mail/\(DeliveryKey.known)", "/v1/mail/{key}", nil),
            ("GET", "/v1/mail/x", "/v1/mail/{key}", nil),
            ("POST", "/v1/mail/\(DeliveryKey.known)/redeliver?destination=crm", "/v1/mail/{key}/redeliver", nil),
            ("POST", "/v1/mail/\(DeliveryKey.known)/seen?wait=true", "/v1/mail/{key}/seen", nil),
            ("POST", "/v1/mail/\(DeliveryKey.known)/move?to=archive&wait=true", "/v1/mail/{key}/move", nil),
            ("POST", "/v1/mail/\(DeliveryKey.known)/move", "/v1/mail/{key}/move", nil),
            ("POST", "/v1/mail/00000000000000000000000000000000/delete", "/v1/mail/{key}/delete", nil),
            ("GET", "/v1/quarantine", "/v1/quarantine", nil),
            ("GET", "/v1/quarantine?after=7", "/v1/quarantine", nil),
            ("GET", "/v1/quarantine?after=x", "/v1/quarantine", nil),
            ("GET", "/v1/quarantine/7", "/v1/quarantine/{id}", nil),
            ("GET", "/v1/quarantine/x", "/v1/quarantine/{id}", nil),
            ("POST", "/v1/quarantine/7/retry", "/v1/quarantine/{id}/retry", nil),
            ("POST", "/v1/quarantine/7/deliver", "/v1/quarantine/{id}/deliver", nil),
            ("POST", "/v1/quarantine/8/drop", "/v1/quarantine/{id}/drop", nil),
            ("GET", "/v1/messages", "/v1/messages", nil), ("GET", "/v1/messages?limit=x", "/v1/messages", nil),
            ("POST", "/v1/messages", "/v1/messages", "From: a@b"), ("POST", "/v1/messages", "/v1/messages", ""),
            ("GET", "/v1/messages/01KAK5RZ7G0001", "/v1/messages/{id}", nil),
            ("GET", "/v1/messages/x", "/v1/messages/{id}", nil),
            ("POST", "/v1/messages/01KAK5RZ7G0001/retry", "/v1/messages/{id}/retry", nil),
            ("POST", "/v1/messages/01KAK5RZ7G0002/cancel", "/v1/messages/{id}/cancel", nil),
            ("POST", "/v1/messages/hold?all=true", "/v1/messages/hold", nil),
            ("POST", "/v1/messages/release", "/v1/messages/release", nil),
        ] as [(String, String, String, String?)])
    func answers(method: String, target: String, path: String, body: String?) async throws {
        var script = FakePlane.Script()
        script.accounts = [.support, .broken]
        script.audit = .troubled
        script.doctor = .ill
        script.importErrors = [.expired]
        script.mailOutcome = path == "/v1/mail/{key}/move" ? "pending" : "done"
        let type = path == "/v1/messages" ? "message/rfc822" : "application/json"
        let response = try await RunningServer.run(script) { running in
            try #require(
                await running.ask(
                    method, target, headers: body == nil ? [:] : ["Content-Type": type],
                    body: body.map { Array($0.utf8) }))
        }
        let described = try #require(
            document["paths"]?[path]?[method.lowercased()]?["responses"]?["\(response.status)"])
        let contentType = try #require(response.headers["content-type"])
        let schema = try #require(described.resolved(in: document)["content"]?[contentType]?["schema"])
        let value = try JSONSerialization.jsonObject(with: Data(response.body))
        #expect(schema.complaints(about: value, in: document) == [])
    }

    @Test("describes each line of a trace")
    func trace() async throws {
        let response = try await RunningServer.run { running in
            try #require(await running.ask("GET", "/v1/accounts/support/trace?for=60"))
        }
        #expect(response.status == 200 && response.headers["content-type"] == "application/x-ndjson")
        // Between them stands how long the next piece is (RFC 9112 §7.1).
        let lines = response.body.split(separator: UInt8(ascii: "\n")).filter { $0.first == UInt8(ascii: "{") }
        #expect(lines.count == 5)
        let schema = try #require(document["components"]?["schemas"]?["TraceEntry"])
        for line in lines {
            #expect(schema.complaints(about: try JSONSerialization.jsonObject(with: Data(line)), in: document) == [])
        }
    }

    @Test("describes what explain prints")
    func explanations() throws {
        let schema = try #require(document["components"]?["schemas"]?["ExplanationList"])
        let bytes = try JSON.encode(Versioned(ExplanationList(entries: Explanations.all)))
        #expect(schema.complaints(about: try JSONSerialization.jsonObject(with: Data(bytes)), in: document) == [])
    }

    @Test("would be found wrong: a field too much, too little, of another type, or a word that is none")
    func strictness() throws {
        let schema = try #require(document["components"]?["schemas"]?["SubmissionReceipt"])
        let good: [String: Any] = ["version": 1, "id": "x", "account": "a", "duplicate": false]
        #expect(schema.complaints(about: good, in: document) == [])
        for (key, value) in [("more", 1), ("id", 1), ("version", 2), ("duplicate", "no")] as [(String, Any)] {
            #expect(schema.complaints(about: good.merging([key: value]) { $1 }, in: document).count == 1)
        }
        #expect(schema.complaints(about: good.filter { $0.key != "id" }, in: document).count == 1)
    }
}
