import FoundationEssentials
import Hummingbird

/// Values as the control API writes and reads them.
public enum JSON {
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}

extension Response {
    static func json(_ value: some Codable & Sendable, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.encode(Versioned(value)))))
    }

    static func problem(_ problem: Problem, status: Int? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if let seconds = problem.retryAfter { headers[.retryAfter] = String(seconds) }
        // A problem document has nothing that cannot be encoded.
        let body = (try? JSON.encode(problem)) ?? []
        return Response(
            status: HTTPResponse.Status(code: status ?? problem.kind.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
