/// Which file systems there are, and where (`/proc/self/mountinfo`, proc_pid_mountinfo(5)).
struct MountTable {
    private let mounts: [(path: String, type: String)]

    init(_ text: String) {
        mounts = text.split(separator: "\n").compactMap { line in
            // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-"), dash + 1 < fields.count else {
                return nil
            }
            return (MountTable.plain(fields[4]), String(fields[dash + 1]))
        }
    }

    /// The type of the one that holds an absolute path without symbolic links. Of several at one place the last is on top.
    func type(of path: String) -> String? {
        var best: (length: Int, type: String)?
        for mount in mounts {
            let holds = mount.path == "/" || path == mount.path || path.hasPrefix(mount.path + "/")
            guard holds, mount.path.utf8.count >= best?.length ?? 0 else { continue }
            best = (mount.path.utf8.count, mount.type)
        }
        return best?.type
    }

    /// Blanks and backslashes are written in octal: `\040`.
    private static func plain(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
