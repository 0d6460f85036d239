/// Local users and `@groups`, by peer credentials on the control and submit sockets.
public struct AccessSettings: Hashable, Sendable {
    public var send: [String] = []
    public var token: [String] = []
    public var manage: [String] = []

    public init() {}
}
