import Hummingbird
import MailModel

/// Links for the owners of mailboxes.
struct LinkRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.post("/v1/accounts/:name/link") { request, context in
            try context.require(.manage)
            return try Response.json(
                try await plane.makeLink(
                    try context.account(), lifetime: try request.lifetime(), mail: try request.flag("mail")))
        }
        router.post("/v1/links") { request, context in
            try context.require(.manage)
            return try Response.json(
                try await plane.makeMissingLinks(lifetime: try request.lifetime(), mail: try request.flag("mail")))
        }
    }
}

extension Request {
    fileprivate func lifetime() throws(Problem) -> Duration {
        .seconds(try number("lifetime", in: Limits.linkLifetimes) ?? Limits.linkLifetimeUsual)
    }
}
