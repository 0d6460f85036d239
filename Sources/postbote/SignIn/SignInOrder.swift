/// How a sign-in is begun, as the control API takes it.
struct SignInOrder: Encodable {
    var method: String
    /// `receive` or `send`; `nil`: what is missing.
    var direction: String?
    /// Where this program listens.
    var port: Int?
    var refreshToken: String?

    private enum CodingKeys: String, CodingKey {
        case method, direction, port
        case refreshToken = "refresh_token"
    }
}
