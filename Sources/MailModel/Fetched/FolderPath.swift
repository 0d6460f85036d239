/// A folder's place in the server's hierarchy, decoded for people and for paths; the server's own spelling is kept
/// where the name goes back to the server.
public struct FolderPath: Hashable, Sendable, CustomStringConvertible {
    /// From the top: `["Kunden", "2026"]`. Never empty.
    public let components: [String]

    public init(_ components: [String]) {
        precondition(!components.isEmpty, "a folder has a name")
        self.components = components
    }

    /// Splits `name` at the server's hierarchy delimiter; `nil`: the namespace is flat.
    public init(_ name: String, delimiter: Character?) {
        let parts = delimiter.map { name.split(separator: $0).map(String.init) } ?? [name]
        components = parts.isEmpty ? [name] : parts
    }

    /// With `/` between the components, as status and journal show it.
    public var description: String { components.joined(separator: "/") }
}
