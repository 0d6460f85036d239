import Diagnostics
import MailProtocol
import Transport

extension Connection {
    /// As `read(timeout:)`, with failures that say what was being done. The end of the stream is one.
    func read(timeout: Duration, during operation: String) async throws -> [UInt8] {
        do {
            let octets = try await read(timeout: timeout)
            guard !octets.isEmpty else { throw Connection.lost }
            return octets
        } catch let failure as Failure {
            trace?.note("\(operation): \(failure.reason)")
            throw failure.during(operation)
        }
    }

    /// Sends lines, and tells the trace.
    func send(_ lines: [ClientLine], timeout: Duration, during operation: String) async throws {
        for line in lines { trace?.client(line.description) }
        try await write(lines.flatMap { $0.withBytes { $0 } }, timeout: timeout, during: operation)
    }

    /// As `write(_:timeout:)`, with failures that say what was being done.
    func write(_ octets: [UInt8], timeout: Duration, during operation: String) async throws {
        do {
            try await write(octets, timeout: timeout)
        } catch let failure as Failure {
            trace?.note("\(operation): \(failure.reason)")
            throw failure.during(operation)
        }
    }

    /// As `checkWritable()`, with a failure that says what was being done.
    func checkWritable(during operation: String) throws {
        do {
            try checkWritable()
        } catch let failure as Failure {
            throw failure.during(operation)
        }
    }

    private static let lost = Failure(
        .direction, .later(after: nil), operation: "read",
        reason: "The server closed the connection without a word. It will be tried again.")
}

extension Failure {
    /// The same failure, in the words of who uses the connection.
    fileprivate func during(_ operation: String) -> Failure {
        var copy = self
        copy.operation = operation
        return copy
    }
}
