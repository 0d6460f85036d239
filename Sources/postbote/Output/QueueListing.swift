import Diagnostics
import MailModel
import Operations

/// The queue as a list, page by page, so that a long one is never held whole.
struct QueueListing {
    var account: String?
    var state: String?

    func print(asJSON: Bool, socket: DaemonSocket) async throws {
        let client = ControlClient(socket: try await socket.open())
        var pages = 0
        var after: String?
        repeat {
            let query = [("account", account), ("state", state), ("after", after), ("limit", "1000")]
            let reply = try await client.get(Target("v1", "messages", query: query), as: QueuePage.self)
            if asJSON {
                // One document a page, as the API gives them; `next` of the last is absent.
                try Console.write(reply.bytes + [UInt8(ascii: "\n")])
            } else if !reply.value.messages.isEmpty {
                try Console.write(lines: QueueListing.lines(reply.value.messages, withTitles: pages == 0))
            }
            pages += 1
            after = reply.value.next
        } while after != nil
    }

    private static func lines(_ messages: [QueuedMessage], withTitles: Bool) -> [String] {
        let wording = Wording(now: SystemClock().now)
        var table = Table([
            Table.Column("ID"), Table.Column("ACCOUNT"), Table.Column("STATE"), Table.Column("AGE", .right),
            Table.Column("SIZE", .right), Table.Column("TO", .right), Table.Column("NEXT"), Table.Column("SENDER"),
            Table.Column("REASON"),
        ])
        for message in messages {
            table.append([
                message.id, message.account, message.state.rawValue, wording.age(of: message.created),
                Wording.size(message.octets), String(message.recipientCount), wording.relative(message.nextAttempt),
                message.sender.isEmpty ? "<>" : message.sender, message.reason,
            ])
        }
        return withTitles ? table.lines : Array(table.lines.dropFirst())
    }
}
