import Hummingbird

/// What support is told.
struct ReportRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.get("/v1/report") { _, context in
            try context.require(.manage)
            return try Response.json(try await plane.report())
        }
    }
}
