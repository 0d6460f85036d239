import Hummingbird
import MailModel

/// The daemon as a whole, and what load balancers and monitors ask.
struct DaemonRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.get("/healthz") { _, _ in try Response.json(Health(status: "ok")) }
        router.get("/readyz") { _, _ in try await ready() }
        router.get("/v1/status") { _, context in
            try context.require(.manage)
            return try Response.json(await plane.status())
        }
        router.post("/v1/reload") { _, context in
            try context.require(.manage)
            return try Response.json(try await plane.reload())
        }
    }

    struct Health: Codable, Sendable {
        var status: String
    }

    private func ready() async throws -> Response {
        let status = await plane.status()
        guard status.state == .ok else {
            throw Problem(.tryLater, status.problem?.reason ?? "postbote is \(status.state.rawValue)", retryAfter: 5)
        }
        return try Response.json(Health(status: status.state.rawValue))
    }
}
