import Dispatch
import Glibc
import TestSupport

// Ctrl-C and SIGTERM end the demo as its own end does: the servers go with their last references, and the directories
// with them.
let demo = Task {
    do {
        try await Demo().run()
        return EXIT_SUCCESS
    } catch is CancellationError {
        say("\nInterrupted; everything is being cleaned up.")
        return EXIT_FAILURE
    } catch {
        say("\nThe demo failed: \(error)")
        return EXIT_FAILURE
    }
}
let interruptions = [SIGINT, SIGTERM].map { cancel(demo, at: $0) }
let code = await demo.value
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
