import Diagnostics
import Hummingbird
import MailModel
import NIOCore

/// Signing in: begun here, then asked about until it is over.
struct SignInRoutes {
    let plane: any ControlPlane

    struct Body: Decodable {
        enum Method: String, Decodable { case device, `import` }

        var method: Method
        /// Only with `import`.
        var refreshToken: String?

        private enum CodingKeys: String, CodingKey {
            case method
            case refreshToken = "refresh_token"
        }
    }

    func add(to router: Router<ControlContext>) {
        router.post("/v1/accounts/:name/authorize") { request, context in
            try context.require(.manage)
            let body = try await SignInRoutes.body(of: request)
            return try await begin(body, try context.account())
        }
        router.get("/v1/accounts/:name/authorize/:id") { request, context in
            try context.require(.manage)
            let patience = try request.number("wait", in: 0...Limits.signInPatience) ?? 0
            let progress = try await plane.deviceSignIn(
                try context.account(), id: try context.parameters.require("id"), patience: .seconds(patience))
            return try Response.json(progress)
        }
    }

    private func begin(_ body: Body, _ name: AccountName) async throws -> Response {
        switch body.method {
        case .device:
            return try Response.json(try await plane.beginDeviceSignIn(name), status: .accepted)
        case .import:
            guard let token = body.refreshToken, !token.isEmpty else {
                throw Problem(.usage, "`import` needs `refresh_token`")
            }
            return try Response.json(try await plane.importRefreshToken(Secret(token), for: name))
        }
    }

    /// The decoder's own words could quote the body, which holds a secret: none of them is passed on.
    private static func body(of request: Request) async throws -> Body {
        let buffer = try await request.body.collect(upTo: Limits.requestBodyOctets)
        guard let body = try? JSON.decode(Body.self, from: Array(buffer.readableBytesView)) else {
            throw Problem(.usage, "the body is JSON with `method`: `device` or `import`, and `refresh_token`")
        }
        return body
    }
}
