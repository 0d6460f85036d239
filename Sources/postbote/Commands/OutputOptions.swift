import ArgumentParser

/// How results are shown.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON, as docs/openapi.yaml describes it.")
    var json = false

    /// Prints the answer as it came, or the lines people read.
    func print<Value>(_ reply: ControlClient.Reply<Value>, _ lines: (Value) -> [String]) throws {
        if json {
            try Console.write(reply.bytes + [UInt8(ascii: "\n")])
        } else {
            try Console.write(lines: lines(reply.value))
        }
    }
}
