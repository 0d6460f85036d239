import Hummingbird
import MailModel

/// Fetched mail and what is known of it.
struct LedgerRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.post("/v1/accounts/:name/reset") { request, context in
            try context.require(.manage)
            return try Response.json(
                try await plane.reset(
                    try context.account(), folder: try request.text("folder", atMost: 4096),
                    dryRun: try request.flag("dry_run")))
        }
    }
}
