/// One configuration file in memory.
public struct ConfigurationDocument: Sendable {
    /// As errors name it.
    public var name: String
    public var bytes: [UInt8]
    /// Whether other users of this machine can read the file.
    public var isWorldReadable: Bool

    public init(name: String, bytes: [UInt8], isWorldReadable: Bool = false) {
        self.name = name
        self.bytes = bytes
        self.isWorldReadable = isWorldReadable
    }

    public init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }
}
