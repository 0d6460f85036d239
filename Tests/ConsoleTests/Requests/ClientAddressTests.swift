import MailModel
import Testing

@testable import Console

@Suite("Where a request came from") struct ClientAddressTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var peer: String
        var forwarded: [String] = []
        var trusted: [String] = ["127.0.0.1", "10.0.0.0/8"]
        var client: String

        var testDescription: String { "\(peer) \(forwarded) → \(client)" }
    }

    @Test(
        "is the nearest address that is not a trusted proxy's",
        arguments: [
            Case(peer: "203.0.113.7", client: "203.0.113.7"),
            // A stranger may write what it likes.
            Case(peer: "203.0.113.7", forwarded: ["192.0.2.1"], client: "203.0.113.7"),
            Case(peer: "127.0.0.1", trusted: [], client: "127.0.0.1"),
            Case(peer: "127.0.0.1", forwarded: ["192.0.2.1"], trusted: [], client: "127.0.0.1"),
            Case(peer: "127.0.0.1", client: "127.0.0.1"),
            Case(peer: "127.0.0.1", forwarded: ["192.0.2.1"], client: "192.0.2.1"),
            // What stands left of the first stranger is made up.
            Case(peer: "127.0.0.1", forwarded: ["192.0.2.9, 192.0.2.1"], client: "192.0.2.1"),
            Case(peer: "127.0.0.1", forwarded: ["192.0.2.9", "192.0.2.1"], client: "192.0.2.1"),
            Case(peer: "127.0.0.1", forwarded: ["192.0.2.1,10.1.2.3 , 10.0.0.1"], client: "192.0.2.1"),
            Case(peer: "127.0.0.1", forwarded: ["10.1.2.3"], client: "10.1.2.3"),
            Case(peer: "127.0.0.1", forwarded: ["192.0.2.1, unknown, 10.0.0.1"], client: "10.0.0.1"),
            Case(peer: "127.0.0.1", forwarded: [""], client: "127.0.0.1"),
            Case(peer: "127.0.0.1", forwarded: ["192.0.2.1:4711"], client: "192.0.2.1"),
            Case(peer: "127.0.0.1", forwarded: ["[2001:db8::1]:4711"], client: "2001:db8::1"),
            Case(peer: "127.0.0.1", forwarded: ["2001:db8::1"], client: "2001:db8::1"),
            Case(
                peer: "127.0.0.1", forwarded: [String(repeating: "192.0.2.1, ", count: 1000) + "10.0.0.1"],
                client: "192.0.2.1"),
        ])
    func client(_ fixture: Case) throws {
        let client = ClientAddress.of(
            IPAddress(fixture.peer), forwarded: fixture.forwarded,
            trusted: try fixture.trusted.map { try #require(IPNetwork($0)) })
        #expect(client?.description == fixture.client)
    }
}
