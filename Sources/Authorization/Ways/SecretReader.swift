import Diagnostics
import MailModel

/// Reads a secret of the configuration from its file, variable, credential or command.
///
/// Throws a `Failure` that names the source and never its content.
public typealias SecretReader = @Sendable (SecretSource) async throws -> Secret
