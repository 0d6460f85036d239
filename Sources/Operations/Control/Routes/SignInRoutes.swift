import Diagnostics
import Hummingbird
import MailModel
import NIOCore

/// Signing in: begun here, then asked about until it is over.
struct SignInRoutes {
    let plane: any ControlPlane

    struct Body: Decodable {
        enum Method: String, Decodable { case device, browser, paste, `import`, application }

        var method: Method
        /// Not with `application`, which means both.
        var direction: String?
        /// Only with `browser`: where somebody listens.
        var port: Int?
        /// Only with `import`.
        var refreshToken: String?

        private enum CodingKeys: String, CodingKey {
            case method, direction, port
            case refreshToken = "refresh_token"
        }
    }

    /// The parameters of a redirect, as they came (RFC 6749 §4.1.2).
    struct Answer: Decodable {
        var state: String
        var code: String?
        var error: String?
        var errorDescription: String?

        private enum CodingKeys: String, CodingKey {
            case state, code, error
            case errorDescription = "error_description"
        }
    }

    func add(to router: Router<ControlContext>) {
        router.post("/v1/accounts/:name/authorize") { request, context in
            try context.require(.manage)
            let body = try await SignInRoutes.body(
                of: request, as: Body.self,
                "`method`: `device`, `browser` with `port`, `paste`, `import` with `refresh_token`, or `application`")
            return try await begin(body, try context.account())
        }
        router.post("/v1/accounts/:name/authorize/:id") { request, context in
            try context.require(.manage)
            let answer = try await SignInRoutes.body(
                of: request, as: Answer.self, "`state`, and `code` or `error` and `error_description`")
            return try Response.json(
                try await plane.finishBrowserSignIn(
                    try context.account(), id: try context.parameters.require("id"), try SignInRoutes.checked(answer))
            )
        }
        router.post("/v1/accounts/:name/revoke") { request, context in
            try context.require(.manage)
            return try Response.json(try await plane.revoke(try context.account(), try request.direction()))
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
        let direction = try body.direction.map { try Direction(inRequest: $0) }
        switch body.method {
        case .device:
            return try Response.json(try await plane.beginDeviceSignIn(name, direction), status: .accepted)
        case .browser:
            guard let port = body.port, (1...65535).contains(port) else {
                throw Problem(.usage, "`browser` needs `port`, a number from 1 to 65535")
            }
            return try Response.json(
                try await plane.beginBrowserSignIn(name, direction, backBy: .loopback(port: port)), status: .accepted)
        case .paste:
            return try Response.json(
                try await plane.beginBrowserSignIn(name, direction, backBy: .paste), status: .accepted)
        case .import:
            guard let token = body.refreshToken, !token.isEmpty else {
                throw Problem(.usage, "`import` needs `refresh_token`")
            }
            return try Response.json(try await plane.importRefreshToken(Secret(token), for: name, direction))
        case .application:
            return try Response.json(try await plane.authorizeApplication(name))
        }
    }

    private static func checked(_ answer: Answer) throws(Problem) -> AuthorizationAnswer {
        let state = Secret(answer.state)
        switch (answer.code, answer.error) {
        case (let code?, nil): return AuthorizationAnswer(state: state, result: .code(Secret(code)))
        case (nil, let error?):
            let words = answer.errorDescription.map {
                String(decoding: $0.utf8.prefix(Limits.redirectWords), as: UTF8.self)
            }
            return AuthorizationAnswer(state: state, result: .error(error, description: words))
        default: throw Problem(.usage, "either `code` or `error`")
        }
    }

    /// The decoder's own words could quote the body, which holds a secret: none of them is passed on.
    private static func body<Body: Decodable>(
        of request: Request, as type: Body.Type, _ members: String
    ) async throws -> Body {
        let buffer = try await request.body.collect(upTo: Limits.requestBodyOctets)
        guard let body = try? JSON.decode(Body.self, from: Array(buffer.readableBytesView)) else {
            throw Problem(.usage, "the body is JSON with \(members)")
        }
        return body
    }
}
