import Hummingbird
import MailModel

/// What is remembered of an account: checked, learned, forgotten.
struct RecordsRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.post("/v1/accounts/:name/audit") { _, context in
            try context.require(.manage)
            return try Response.json(try await plane.audit(try context.account()))
        }
        router.post("/v1/accounts/:name/import") { request, context in
            try context.require(.manage)
            guard let path = try request.text("path", atMost: 4096) else {
                throw Problem(.usage, "`path` is missing")
            }
            return try Response.json(
                try await plane.importMaildir(
                    try context.account(), path: path, folder: try request.text("folder", atMost: 4096),
                    dryRun: try request.flag("dry_run")))
        }
        router.post("/v1/accounts/:name/forget") { request, context in
            try context.require(.manage)
            return try Response.json(
                try await plane.forget(try context.account(), force: try request.flag("force")))
        }
    }
}
