import Glibc

/// The pipes between this process and a child.
struct ChildPipes {
    struct Pipe {
        let parent: Int32
        let child: Int32
    }

    /// `nil`: the child reads `/dev/null`.
    let input: Pipe?
    let output: Pipe
    let errors: Pipe
    private let null: Int32

    init(withInput: Bool) throws {
        null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard null >= 0 else { throw SystemError("open", path: "/dev/null") }
        input = withInput ? try Self.pipe(parentReads: false) : nil
        output = try Self.pipe(parentReads: true)
        errors = try Self.pipe(parentReads: true)
    }

    var standard: (Int32, Int32, Int32) { (input?.child ?? null, output.child, errors.child) }

    func closeChildEnds() {
        close(null)
        for pipe in [input, output, errors] { if let pipe { close(pipe.child) } }
    }

    func closeParentEnds() {
        for pipe in [input, output, errors] { if let pipe { close(pipe.parent) } }
    }

    private static func pipe(parentReads: Bool) throws -> Pipe {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw SystemError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return parentReads ? Pipe(parent: ends[0], child: ends[1]) : Pipe(parent: ends[1], child: ends[0])
    }
}
