import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// What the operating system says of this process and its machine.
enum ProcessInformation {
    static var identifier: Int32 { getpid() }

    /// How far local time is ahead of UTC at a moment.
    static func zone(at moment: Timestamp) -> Duration {
        var seconds = time_t(moment.seconds)
        var local = tm()
        localtime_r(&seconds, &local)
        return .seconds(local.tm_gmtoff)
    }

    /// The machine's name, as part of file names and of EHLO.
    static var hostName: String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let result = buffer.withUnsafeMutableBytes { bytes in
            gethostname(bytes.assumingMemoryBound(to: CChar.self).baseAddress!, bytes.count - 1)
        }
        guard result == 0 else { return "localhost" }
        let name = String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
        return name.isEmpty ? "localhost" : name
    }
}
