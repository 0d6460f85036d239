import Diagnostics
import Synchronization

/// Makes a server's words fit to be shown beside what was told it in confidence: a line that repeats one of the secrets, in
/// any form in which they are sent, is withheld. Some servers repeat the command that they refuse.
public final class Withholding: Sendable {
    private let secrets: [Secret]
    /// Made when the first line is looked at.
    private let text = Mutex<ServerText?>(nil)

    public init(_ secrets: [Secret]) { self.secrets = secrets }

    public func callAsFunction(_ line: String) -> String {
        let text = text.withLock { text in
            let made = text ?? ServerText(without: secrets)
            text = made
            return made
        }
        return text.whole(line) ?? "(withheld, because it repeats a secret)"
    }
}
