import Hummingbird

/// The master key: for root and for the service's own user alone.
struct KeyRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.get("/v1/key") { _, context in
            try context.requireOwner()
            return try Response.json(try await plane.masterKey(for: context.peer))
        }
        router.post("/v1/key/rotate") { _, context in
            try context.requireOwner()
            return try Response.json(try await plane.rotateMasterKey())
        }
    }
}
