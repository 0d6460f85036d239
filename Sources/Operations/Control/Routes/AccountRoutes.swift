import Hummingbird
import MailModel

/// Accounts: what they do, and what an operator does with them.
struct AccountRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.get("/v1/accounts") { _, context in
            try context.require(.manage)
            return try Response.json(
                AccountList(daemon: await plane.status(), accounts: try await plane.accounts()))
        }
        router.get("/v1/accounts/:name") { _, context in
            try context.require(.manage)
            return try Response.json(try await plane.account(try context.account()))
        }
        router.post("/v1/accounts/:name/fetch") { request, context in
            try context.require(.manage)
            let report = try await plane.fetch(try context.account(), wait: try request.flag("wait"))
            return try Response.json(report, status: report.finished ? .ok : .accepted)
        }
        router.post("/v1/accounts/:name/pause") { request, context in
            try context.require(.manage)
            return try Response.json(
                try await plane.pause(
                    try context.account(), backfillOnly: try request.flag("backfill"),
                    until: try request.moment("until")))
        }
        router.post("/v1/accounts/:name/resume") { request, context in
            try context.require(.manage)
            return try Response.json(
                try await plane.resume(try context.account(), backfillOnly: try request.flag("backfill")))
        }
        router.get("/v1/accounts/:name/folders") { _, context in
            try context.require(.manage)
            let name = try context.account()
            return try Response.json(FolderList(account: name.text, folders: try await plane.folders(name)))
        }
        router.get("/v1/accounts/:name/token") { request, context in
            try context.require(.token)
            return try Response.json(
                try await plane.token(
                    try context.account(), try request.direction(), refresh: try request.flag("refresh")))
        }
    }
}
