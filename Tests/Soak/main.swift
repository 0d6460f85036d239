import Glibc
import TestSupport

await InterruptibleProgram.run("soak") {
    try await Soak(SoakOptions(CommandLine.arguments.dropFirst())).run()
}

/// Prints a line at once, also into a pipe.
func say(_ line: some CustomStringConvertible) {
    print(line)
    fflush(nil)
}
