import Hummingbird
import MailModel

/// Mail that could not be read.
struct QuarantineRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.get("/v1/quarantine") { request, context in
            try context.require(.manage)
            return try Response.json(
                try await plane.quarantine(
                    try request.accountInQuery(), after: try request.number("after", in: 0...Int.max).map(Int64.init),
                    limit: try request.number("limit", in: 1...Limits.queuePage) ?? Limits.queuePageUsual))
        }
        router.get("/v1/quarantine/:id") { _, context in
            try context.require(.manage)
            return try Response.json(try await plane.quarantined(try context.quarantineID()))
        }
        for order in QuarantineOrder.allCases {
            router.post("/v1/quarantine/:id/\(order.rawValue)") { _, context in
                try context.require(.manage)
                try await plane.perform(order, on: try context.quarantineID())
                return try Response.json(QueueOrderReport(changed: 1))
            }
        }
    }
}

extension ControlContext {
    fileprivate func quarantineID() throws -> Int64 {
        let text = try parameters.require("id")
        guard let id = Int64(text), id > 0 else {
            throw Problem.notFound("no message in quarantine has the id \(text)")
        }
        return id
    }
}
