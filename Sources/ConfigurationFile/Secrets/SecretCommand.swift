import Diagnostics
import MailModel

/// Runs a program without a shell and takes the secret that it prints. Standard error is dropped: it could repeat the secret.
struct SecretCommand {
    /// The program and its arguments; never empty.
    let words: [String]
    let environment: [String: String]
    let timeout: Duration

    /// Blocks until the program has ended, or was killed at its deadline.
    func output() throws(Failure) -> [UInt8] {
        let command = BoundedCommand(
            words: words, environment: environment, timeout: timeout, limit: Limits.secretSize)
        do throws(BoundedCommand.Trouble) {
            return try command.output()
        } catch {
            switch error {
            case .cannotRun(let problem): throw .unreadable(.command(words), problem)
            case .tooMuch: throw .unreadable(.command(words), "it printed more than \(Limits.secretSize >> 10) KB")
            case .refused(let problem): throw later(problem)
            case .tooLong: throw later("it took longer than \(timeout.components.seconds) s")
            case .killed(let signal): throw later("it was ended by signal \(signal)")
            case .exited(let code): throw later("it exited with \(code); run it by hand as the service's user")
            }
        }
    }

    private func later(_ problem: String) -> Failure {
        Failure(
            .account, .later(after: nil), operation: "read secret",
            reason: "\(SecretSource.command(words).place) cannot be had: \(problem)"
        )
    }
}
