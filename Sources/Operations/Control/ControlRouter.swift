import Hummingbird

/// All routes of the control API; docs/openapi.yaml describes the same ones.
enum ControlRouter {
    static func make(_ plane: any ControlPlane) -> Router<ControlContext> {
        let router = Router(context: ControlContext.self)
        router.add(middleware: ProblemMiddleware())
        DaemonRoutes(plane: plane).add(to: router)
        KeyRoutes(plane: plane).add(to: router)
        AccountRoutes(plane: plane).add(to: router)
        LedgerRoutes(plane: plane).add(to: router)
        DoctorRoutes(plane: plane).add(to: router)
        ReportRoutes(plane: plane).add(to: router)
        TraceRoutes(plane: plane).add(to: router)
        RecordsRoutes(plane: plane).add(to: router)
        MailRoutes(plane: plane).add(to: router)
        QuarantineRoutes(plane: plane).add(to: router)
        SignInRoutes(plane: plane).add(to: router)
        LinkRoutes(plane: plane).add(to: router)
        MessageRoutes(plane: plane).add(to: router)
        return router
    }
}
