import Glibc
import Logging
import Operations
import TestSupport

/// The control API on real sockets, in front of a daemon that answers as a test tells it.
public final class RunningServer: Sendable {
    public let directory: TemporaryDirectory
    public let plane: FakePlane
    public let server: ControlServer

    public var control: String { directory("postbote.sock") }
    public var submit: String { directory("submit.sock") }

    /// - Parameter silence: after this long without a word the server closes a connection.
    public init(
        _ script: FakePlane.Script = FakePlane.Script(), silence: Duration = Operations.Limits.connectionSilence
    ) throws {
        directory = try TemporaryDirectory(prefix: "pb", mode: 0o755)
        plane = FakePlane(script)
        server = ControlServer(
            plane, path: directory("postbote.sock"), groupName: "mail", silence: silence, logger: .quiet)
    }

    public static func run<Result>(
        _ script: FakePlane.Script = FakePlane.Script(), silence: Duration = Operations.Limits.connectionSilence,
        _ body: (RunningServer) async throws -> Result
    ) async throws -> Result {
        let running = try RunningServer(script, silence: silence)
        try await running.server.start()
        do {
            let result = try await body(running)
            await running.server.stop(within: .seconds(5))
            return result
        } catch {
            await running.server.stop(within: .zero)
            throw error
        }
    }

    public func ask(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async -> SocketConversation.Response? {
        await SocketConversation.ask(control, method, target, headers: headers, body: body)
    }
}

extension Logger {
    public static let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
}
