import Diagnostics
import Hummingbird
import Logging
import NIOCore

/// Turns whatever a route throws into a problem document.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = ControlContext

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            return ProblemMiddleware.response(to: error, request)
        } catch is NIOTooManyBytesError {
            return .problem(
                Problem(.usage, "the body is longer than \(Limits.requestBodyOctets) octets"), status: 413)
        } catch {
            let problem = Problem(error)
            if problem.kind == .internalError {
                context.logger.error("a request to the control API failed", metadata: ["REASON": "\(problem.detail)"])
            }
            return .problem(problem)
        }
    }

    /// What the HTTP library found wrong before a route was asked.
    private static func response(to error: HTTPError, _ request: Request) -> Response {
        let status = error.status.code
        let detail = error.body ?? "\(error.status.reasonPhrase): \(request.method) \(request.uri.path)"
        return switch status {
        case 404: .problem(Problem(.notFound, "no such route: \(request.method) \(request.uri.path)"))
        case 500...: .problem(Problem(.internalError, detail), status: status)
        default: .problem(Problem(.usage, detail), status: status)
        }
    }
}
