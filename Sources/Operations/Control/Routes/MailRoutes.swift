import Diagnostics
import Hummingbird
import MailModel

/// Fetched mail.
struct MailRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.get("/v1/mail") { request, context in
            try context.require(.manage)
            let question = MailQuestion(
                try request.mailSubject(), account: try request.accountInQuery(),
                folder: try request.text("folder", atMost: Limits.folderOctets),
                after: try request.number("after", in: 0...Int.max).map(Int64.init),
                limit: try request.number("limit", in: 1...Limits.queuePage) ?? Limits.queuePageUsual)
            return try Response.json(try await plane.mail(question))
        }
        router.get("/v1/mail/:key") { _, context in
            try context.require(.manage)
            return try Response.json(try await plane.mail(try context.deliveryKey()))
        }
        add("redeliver", to: router) { request in
            .redeliver(destination: try request.text("destination").map { try DestinationName(inRequest: $0) })
        }
        add("seen", to: router) { _ in .seen }
        add("delete", to: router) { _ in .delete }
        add("move", to: router) { request in
            guard let target = try request.text("to", atMost: Limits.folderOctets), !target.isEmpty else {
                throw Problem(.usage, "`to` names the folder or role to move to")
            }
            return .move(to: target)
        }
    }

    private func add(
        _ name: String, to router: Router<ControlContext>,
        _ order: @escaping @Sendable (Request) throws -> MailRequest
    ) {
        router.post("/v1/mail/:key/\(name)") { request, context in
            try context.require(.manage)
            let wait = try request.flag("wait")
            let report = try await plane.give(
                try order(request), on: try context.deliveryKey(),
                in: try request.text("folder", atMost: Limits.folderOctets), wait: wait)
            return try Response.json(report, status: wait ? .ok : .accepted)
        }
    }
}

extension Request {
    /// Exactly one of a Message-ID, a delivery key and a time.
    fileprivate func mailSubject() throws -> MailQuestion.Subject {
        let messageID = try text("message_id", atMost: Limits.messageIDOctets)
        let key = try text("key")
        let since = try moment("since")
        let until = try moment("until")
        switch (messageID, key, since, until) {
        case (let text?, nil, nil, nil):
            guard let messageID = MessageID(text) else { throw Problem(.usage, "`message_id` is empty") }
            return .messageID(messageID)
        case (nil, let text?, nil, nil): return .key(try DeliveryKey(inRequest: text))
        case (nil, nil, _, _) where since != nil || until != nil:
            let (first, end) = (since ?? Timestamp(milliseconds: .min), until ?? Timestamp(milliseconds: .max))
            guard first < end else { throw Problem(.usage, "`since` is before `until`") }
            return .time(first..<end)
        default: throw Problem(.usage, "one of `message_id`, `key`, or `since` and `until`")
        }
    }
}

extension ControlContext {
    fileprivate func deliveryKey() throws -> DeliveryKey { try DeliveryKey(inRequest: try parameters.require("key")) }
}

extension DeliveryKey {
    fileprivate init(inRequest text: String) throws(Problem) {
        guard let key = DeliveryKey(text) else { throw .notFound("no message has the delivery key \(text)") }
        self = key
    }
}

extension DestinationName {
    fileprivate init(inRequest text: String) throws(Problem) {
        guard let name = DestinationName(text) else { throw .notFound("no destination is called \(text)") }
        self = name
    }
}
