import ConfigurationFile
import MailModel

/// A small right configuration that tests vary.
enum Fixture {
    static let contoso = """
        providers:
          contoso:
            preset: microsoft365
            tenant: contoso.onmicrosoft.com
            client_id: 5b1e1333-a5c4-4f08-bde5-9953cfc8b13e

        """

    static let support = """
        accounts:
          support:
            address: support@contoso.de
            provider: contoso
            receive: {}
            send: {}

        """

    /// Errors as lines, the file being called `p.yaml`; empty when all is right.
    static func errors(_ text: String, _ more: (name: String, text: String)...) -> [String] {
        do {
            _ = try load(text, more)
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    static func warnings(_ text: String) throws -> [String] { try load(text, []).warnings.map(\.description) }

    static func settings(_ text: String, _ more: (name: String, text: String)...) throws -> Settings {
        try load(text, more).settings
    }

    static func load(
        _ text: String, _ more: [(name: String, text: String)] = []
    ) throws(ConfigurationErrors) -> LoadedConfiguration {
        let documents = ([("p.yaml", text)] + more).map { ConfigurationDocument(name: $0.0, text: $0.1) }
        return try LoadedConfiguration(checking: documents)
    }
}
