import Glibc

/// What the kernel says of another process's memory, in KiB (proc(5)).
public enum ProcessMemory {
    /// The most that was resident so far.
    public static func peak(_ process: pid_t) throws -> Int { try field("VmHWM", in: "/proc/\(process)/status") }

    /// What is the process's own: not shared with others that run the same program.
    public static func own(_ process: pid_t) throws -> Int {
        let file = "/proc/\(process)/smaps_rollup"
        return try field("Private_Clean", in: file) + field("Private_Dirty", in: file)
    }

    private static func field(_ name: String, in file: String) throws -> Int {
        for line in try Directory.text(of: file).split(separator: "\n") where line.hasPrefix(name + ":") {
            if let number = line.split(separator: " ").compactMap({ Int($0) }).first { return number }
        }
        throw SystemError("find \(name)", path: file, code: ENOENT)
    }
}
