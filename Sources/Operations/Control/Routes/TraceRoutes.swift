import Diagnostics
import Hummingbird
import MailModel

/// Listening to an account.
struct TraceRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.get("/v1/accounts/:name/trace") { request, context in
            try context.require(.manage)
            let name = try context.account()
            let seconds = try request.number("for", in: Limits.traceDurations) ?? Limits.traceDurationUsual
            let trace = try await plane.beginTrace(name, for: .seconds(seconds), by: context.peer)
            let body = ResponseBody { writer in
                do {
                    // Somebody who went away says nothing, and would be noticed only at the next line.
                    try await request.body.consumeWithInboundCloseHandler { _ in
                        while let lines = await trace.reader.next() {
                            try await writer.write(try TraceRoutes.encoded(lines))
                        }
                    } onInboundClosed: {
                        trace.reader.end()
                    }
                    await plane.endTrace(trace.number)
                    try await writer.finish(nil)
                } catch {
                    await plane.endTrace(trace.number)
                    throw error
                }
            }
            return Response(
                status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"], body: body)
        }
    }

    /// An object a line.
    private static func encoded(_ lines: [TraceLine]) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        for line in lines {
            buffer.writeBytes(try JSON.encode(Versioned(TraceEntry(line))))
            buffer.writeString("\n")
        }
        return buffer
    }
}
