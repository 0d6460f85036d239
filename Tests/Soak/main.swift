import Dispatch
import Glibc
import TestSupport

// Ctrl-C and SIGTERM end the soak as its own end does: the servers go with their last references.
let soak = Task {
    do {
        let options = try SoakOptions(CommandLine.arguments.dropFirst())
        return try await Soak(options).run() ? EXIT_SUCCESS : EXIT_FAILURE
    } catch is CancellationError {
        say("\nInterrupted; everything is being cleaned up.")
        return EXIT_FAILURE
    } catch {
        say("\nThe soak failed: \(error)")
        return EXIT_FAILURE
    }
}
let interruptions = [SIGINT, SIGTERM].map { cancel(soak, at: $0) }
let code = await soak.value
for source in interruptions { source.cancel() }
exit(code)

/// A function of its own: what is written at the top of this file belongs to the main thread, and signals come on another.
nonisolated func cancel(_ task: Task<Int32, Never>, at number: Int32) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number)
    source.setEventHandler { task.cancel() }
    source.resume()
    return source
}

/// Prints a line at once, also into a pipe.
func say(_ line: some CustomStringConvertible) {
    print(line)
    fflush(nil)
}
