import Diagnostics

extension Failure {
    /// The same failure, fit to be shown: what a server said is withheld where it repeats one of `secrets`, in any form in
    /// which they are sent. Some servers repeat the command that they refuse.
    public func withholding(_ secrets: [Secret]) -> Failure {
        let text = ServerText(without: secrets)
        var copy = self
        copy.serverLine = serverLine.flatMap { text.line($0) }
        copy.reason = text.whole(reason) ?? "The server's answer is withheld, because it repeats a secret."
        return copy
    }
}
