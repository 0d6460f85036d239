import Glibc

/// The control socket's path, read without checking anything else: a command must find the daemon also while the
/// configuration has errors (`reload` names them) or is not for this user's eyes, and at no cost.
extension ConfigurationReader {
    /// What `control_socket:` says; else the usual place. Blocks on the disk.
    public func controlSocket() -> String {
        let usual = directories.runtime + "/postbote.sock"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return usual }
        defer { close(descriptor) }
        guard let bytes = BoundedRead.all(of: descriptor, limit: Limits.fileSize) else { return usual }
        return ConfigurationReader.controlSocket(in: String(decoding: bytes, as: UTF8.self)) ?? usual
    }

    /// The value of a line that begins with `control_socket:`, which only a key of the top level can.
    static func controlSocket(in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("control_socket:") {
            let value = line.dropFirst("control_socket:".count).drop { $0 == " " || $0 == "\t" }
            let path: Substring
            if let quote = value.first, quote == "\"" || quote == "'" {
                path = value.dropFirst().prefix { $0 != quote }
            } else {
                path = value.prefix { $0 != " " && $0 != "\t" && $0 != "#" }
            }
            return path.hasPrefix("/") ? String(path) : nil
        }
        return nil
    }
}
