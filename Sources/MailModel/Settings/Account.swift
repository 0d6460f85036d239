import Diagnostics

/// One mailbox: how mail is received from it and sent through it.
public struct Account: Hashable, Sendable {
    public var name: AccountName
    public var address: String
    /// Former names: state and consent follow.
    public var previously: [AccountName] = []
    public var enabled = true
    public var logLevel: LogLevel?
    /// `nil`: send only.
    public var receive: ReceiveSettings?
    /// `nil`: receive only.
    public var send: SendSettings?

    public init(name: AccountName, address: String) {
        self.name = name
        self.address = address
    }
}
