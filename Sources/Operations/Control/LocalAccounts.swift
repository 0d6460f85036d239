import Glibc

/// The users and groups of this machine; a parameter so that tests have their own.
protocol LocalAccounts {
    func user(_ name: String) -> UInt32?
    func group(_ name: String) -> (id: UInt32, members: [String])?
}

/// As the system's directory services know them (getpwnam_r(3), getgrnam_r(3)).
struct SystemAccounts: LocalAccounts {
    func user(_ name: String) -> UInt32? {
        withGrowingBuffer { buffer, size in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let error = getpwnam_r(name, &entry, buffer, size, &found)
            return (error, found?.pointee.pw_uid)
        }
    }

    func group(_ name: String) -> (id: UInt32, members: [String])? {
        withGrowingBuffer { buffer, size in
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            let error = getgrnam_r(name, &entry, buffer, size, &found)
            return (error, found.map { ($0.pointee.gr_gid, members(of: $0.pointee)) })
        }
    }

    private func members(of group: Glibc.group) -> [String] {
        var members: [String] = []
        var next = group.gr_mem
        while let member = next?.pointee {
            members.append(String(cString: member))
            next = next?.advanced(by: 1)
        }
        return members
    }

    /// Calls again with more room as long as the entry does not fit: a group can have thousands of members.
    private func withGrowingBuffer<Result>(
        _ call: (UnsafeMutablePointer<CChar>, Int) -> (error: Int32, result: Result?)
    ) -> Result? {
        var size = 4096
        while size <= Limits.directoryEntryOctets {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { buffer.deallocate() }
            let (error, result) = call(buffer, size)
            guard error == ERANGE else { return result }
            size *= 4
        }
        return nil
    }
}
