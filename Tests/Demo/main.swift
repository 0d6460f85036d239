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
let interruptions = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number)
    source.setEventHandler { demo.cancel() }
    source.resume()
    return source
}
let code = await demo.value
for source in interruptions { source.cancel() }
exit(code)
