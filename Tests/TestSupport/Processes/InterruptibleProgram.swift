import Dispatch
import Glibc

/// A program of tests that starts servers: Ctrl-C and SIGTERM end it as its own end does, so that the servers go with their
/// last references, and the directories with them.
public enum InterruptibleProgram {
    /// - Parameters:
    ///   - name: as it is told when it fails.
    ///   - body: returns whether all was well.
    public static func run(_ name: String, _ body: @escaping @Sendable () async throws -> Bool) async -> Never {
        let program = Task {
            do {
                return try await body() ? EXIT_SUCCESS : EXIT_FAILURE
            } catch  where Task.isCancelled {
                // Whatever was under way fails in its own way when it is cancelled: a command that is killed has a status.
                print("\nInterrupted; everything is being cleaned up.")
            } catch {
                print("\nThe \(name) failed: \(error)")
            }
            return EXIT_FAILURE
        }
        let interruptions = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { program.cancel() }
            source.resume()
            return source
        }
        let code = await program.value
        for source in interruptions { source.cancel() }
        exit(code)
    }
}
