import Glibc

/// An error number of the operating system.
struct SystemError: Error, Hashable, CustomStringConvertible {
    let code: Int32

    var description: String { String(cString: strerror(code)) }
}
