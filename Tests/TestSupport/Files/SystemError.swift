import Glibc

/// A system call that failed.
public struct SystemError: Error, CustomStringConvertible {
    public let call: String
    public let path: String?
    public let code: Int32

    /// Takes `errno` as it is now.
    public init(_ call: String, path: String? = nil, code: Int32 = errno) {
        self.call = call
        self.path = path
        self.code = code
    }

    public var description: String {
        let text = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return path.map { "\(call) \($0): \(text)" } ?? "\(call): \(text)"
    }
}
