import Hummingbird
import MailModel
import NIOCore

/// The outbound queue.
struct MessageRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.post("/v1/messages") { request, context in
            try context.require(.send)
            let submission = try MessageRoutes.submission(request, context.peer)
            let content = try MessageRoutes.content(of: request)
            return try Response.json(try await plane.submit(submission, content), status: .created)
        }
        router.get("/v1/messages") { request, context in
            try context.require(.manage)
            let filter = QueueFilter(
                account: try request.accountInQuery(), state: try request.queueState(),
                after: try request.text("after").map { try QueueID(inRequest: $0) },
                limit: try request.number("limit", in: 1...Limits.queuePage) ?? Limits.queuePageUsual)
            return try Response.json(try await plane.messages(filter))
        }
        router.get("/v1/messages/:id") { _, context in
            try context.require(.manage)
            return try Response.json(try await plane.message(try context.queueID()))
        }
        for order in QueueOrder.allCases { add(order, to: router) }
    }

    private func add(_ order: QueueOrder, to router: Router<ControlContext>) {
        router.post("/v1/messages/:id/\(order.rawValue)") { _, context in
            try context.require(.manage)
            let selection = QueueSelection.message(try context.queueID())
            return try Response.json(try await plane.perform(order, on: selection, for: context.peer))
        }
        router.post("/v1/messages/\(order.rawValue)") { request, context in
            try context.require(.manage)
            let account = try request.accountInQuery()
            let all = try request.flag("all")
            guard all != (account != nil) else { throw Problem(.usage, "either `account` or `all=true`") }
            let selection = account.map { QueueSelection.account($0) } ?? .all
            return try Response.json(try await plane.perform(order, on: selection, for: context.peer))
        }
    }

    private static func submission(_ request: Request, _ peer: Peer) throws -> Submission {
        // Implicit, because the library that names the type of a field's name is not one of ours.
        let key = request.headers[.init("Idempotency-Key")!]
        guard (key?.utf8.count ?? 0) <= Limits.idempotencyKeyOctets, key != "" else {
            throw Problem(.usage, "`Idempotency-Key` has 1 to \(Limits.idempotencyKeyOctets) octets")
        }
        return Submission(
            account: try request.accountInQuery(),
            sender: try request.text("from", atMost: Limits.addressOctets),
            recipients: try request.texts("to", atMost: Limits.recipients, octets: Limits.addressOctets),
            recipientsFromHeader: try request.flag("recipients_from_header"),
            addsMissingFrom: try request.flag("add_from"), fullName: try request.text("full_name"),
            at: try request.moment("at"),
            priority: try request.number("priority", in: -9...9) ?? 0, idempotencyKey: key, peer: peer)
    }

    private static func content(of request: Request) throws -> MessageContent {
        guard request.headers[.contentType]?.split(separator: ";").first == "message/rfc822" else {
            throw Problem(.usage, "the body is a message/rfc822")
        }
        return MessageContent(LimitedContent(body: request.body))
    }
}
