import CTestSupport
import Glibc

/// One start of a program, in the form the C side takes.
struct SpawnRequest {
    let path: String
    let arguments: [String]
    let options: ChildProcess.Options

    /// Starts it and returns its process id.
    func run(_ pipes: ChildPipes) throws -> pid_t {
        let arguments = Self.strings(self.arguments)
        let environment = Self.strings(self.environment)
        let directory = options.directory.map { strdup($0)! }
        let path = strdup(self.path)!
        defer {
            for string in arguments + environment { Glibc.free(string) }
            Glibc.free(directory)
            Glibc.free(path)
        }
        let process = arguments.withUnsafeBufferPointer { arguments in
            environment.withUnsafeBufferPointer { environment in
                options.passing.withUnsafeBufferPointer { passed in
                    var request = test_spawn_request(
                        path: path, arguments: arguments.baseAddress, environment: environment.baseAddress,
                        directory: directory, standard: pipes.standard, passed: passed.baseAddress,
                        passed_count: Int32(passed.count), parent_death_signal: options.parentDeathSignal,
                        user: options.user?.identity ?? uid_t.max, group: options.user?.group ?? gid_t.max,
                        open_files: options.openFiles ?? 0)
                    return test_spawn(&request)
                }
            }
        }
        guard process > 0 else { throw SystemError("start", path: self.path) }
        return process
    }

    private var environment: [String] {
        var variables = options.environment ?? Program.environment
        for (name, value) in options.adding { variables[name] = value }
        var entries = variables.map { "\($0)=\($1)" }.sorted()
        if options.socketActivation {
            // The child writes its own id over the zeros.
            entries += ["LISTEN_FDS=\(options.passing.count)", "LISTEN_PID=0000000000"]
        }
        return entries
    }

    private static func strings(_ strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
        strings.map { strdup($0) } + [nil]
    }
}
