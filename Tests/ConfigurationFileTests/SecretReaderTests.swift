import Diagnostics
import Glibc
import MailModel
import Synchronization
import Testing

@testable import ConfigurationFile

@Suite("A secret", .timeLimit(.minutes(2)))
struct SecretReaderTests {
    private let directory = TemporaryDirectory()

    private func reader(
        _ environment: [String: String] = ["PATH": "/usr/bin:/bin"], timeout: Duration = .seconds(60),
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) -> SecretReader {
        SecretReader(
            directories: .init(credentials: directory.path), environment: environment, commandTimeout: timeout,
            warn: warn
        )
    }

    private func reason(_ source: SecretSource, timeout: Duration = .seconds(60)) async -> String? {
        await failure(source, timeout: timeout)?.reason
    }

    private func failure(_ source: SecretSource, timeout: Duration = .seconds(60)) async -> Failure? {
        do {
            _ = try await reader(timeout: timeout).read(source)
            return nil
        } catch {
            return error
        }
    }

    @Test("is what is written in the configuration")
    func literal() async throws {
        #expect(try await reader().read(.literal(.init(Secret("a\n")))).reveal() == "a\n")
    }

    @Test(
        "is a file's content without its last line end, of which there is at most one",
        arguments: [
            ("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), ("s3cret\n\n", "s3cret\n"),
            ("a\nb\n", "a\nb"),
            (" s \n", " s "), ("s\r", "s\r"), ("\u{FEFF}s", "\u{FEFF}s"),
        ])
    func file(content: String, secret: String) async throws {
        let path = directory.write(content, to: "secret")
        #expect(try await reader().read(.file(path)).reveal() == secret)
        #expect(try await reader().read(.credential("secret")).reveal() == secret)
    }

    @Test("is read anew each time, and keeps octets that are no text")
    func renewed() async throws {
        let path = directory.write([0xFF, 0x00, 0x0A], to: "secret")
        #expect(try await reader().read(.file(path)) == Secret(bytes: [0xFF, 0x00]))
        directory.write("new", to: "secret")
        #expect(try await reader().read(.file(path)).reveal() == "new")
    }

    @Test(
        "in a file that everybody can read is used, and warned about",
        arguments: [(0o600, 0), (0o640, 0), (0o644, 1)])
    func worldReadable(mode: Int, count: Int) async throws {
        let path = directory.write("s", to: "secret", mode: mode_t(mode))
        let warnings = Mutex<[String]>([])
        let reader = reader { warning in warnings.withLock { $0.append(warning) } }
        #expect(try await reader.read(.file(path)).reveal() == "s")
        #expect(warnings.withLock { $0.count } == count)
    }

    @Test("that is not there is the operator's to mend")
    func missing() async {
        let path = directory.path + "/none"
        let failure = await failure(.file(path))
        #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(
            failure?.reason
                == "the secret in the file \(path) cannot be used: it is not there; create it, or correct the configuration"
        )
        let hint = "give it to the service with LoadCredential= or LoadCredentialEncrypted= and restart"
        #expect(
            await reason(.credential("none"))
                == "the secret in the file \(path) cannot be used: it is not there; \(hint)"
        )
        let bare = SecretReader(directories: .init(), environment: [:])
        await #expect { try await bare.read(.credential("none")) } throws: {
            ($0 as? Failure)?.reason == "the systemd credential none cannot be used: \(hint)"
        }
        #expect(
            await reason(.environment("NONE"))
                == "the secret in the environment variable NONE cannot be used: it is not set"
        )
        let empty = directory.write("\n", to: "empty")
        #expect(await reason(.file(empty)) == "the secret in the file \(empty) cannot be used: it is empty")
        let fifo = directory.path + "/fifo"
        mkfifo(fifo, 0o600)
        #expect(await reason(.file(fifo)) == "the secret in the file \(fifo) cannot be used: it is empty")
        #expect(await reason(.file(directory.path))?.hasSuffix("cannot be read: Is a directory") == true)
    }

    @Test("has a limit, in a file and from a command")
    func large() async {
        let path = directory.write([UInt8](repeating: 65, count: 65_537), to: "large")
        #expect(await reason(.file(path))?.hasSuffix("it is larger than 64 KB") == true)
        #expect(await reason(.file("/dev/zero"))?.hasSuffix("it is larger than 64 KB") == true)
        #expect(await reason(.command(["/bin/cat", "/dev/zero"]))?.hasSuffix("it printed more than 64 KB") == true)
    }

    @Test("comes from an environment variable")
    func environment() async throws {
        #expect(try await reader(["S": "a"]).read(.environment("S")).reveal() == "a")
    }

    @Test(
        "is what a command prints, which sees our environment, no shell and no input",
        arguments: [
            (["/bin/echo", "$HOME;`id`"], "$HOME;`id`"), (["echo", "a  b", ""], "a  b "),
            (["/usr/bin/printf", "a\\nb\\n"], "a\nb"),
            (["/bin/sh", "-c", "cat; echo \"$VARIABLE\"; echo noise >&2"], "of ours"),
            (["/bin/sh", "-c", "ls /proc/self/fd | tr -d '\\n'"], "0123"),
        ])
    func command(words: [String], output: String) async throws {
        let reader = reader(["PATH": "/usr/bin:/bin", "VARIABLE": "of ours"])
        #expect(try await reader.read(.command(words)).reveal() == output)
    }

    @Test("of a command that fails can be tried again; of one that is not there it is the operator's to mend")
    func failing() async {
        let exit = await failure(.command(["/bin/sh", "-c", "echo hunter2; echo hunter2 >&2; exit 3"]))
        #expect(exit?.retry == .later(after: nil))
        #expect(
            exit?.reason
                == "the secret of the command /bin/sh cannot be had: it exited with 3; run it by hand as the service's user"
        )
        #expect(
            await reason(.command(["/bin/sh", "-c", "kill -TERM $$"]))
                == "the secret of the command /bin/sh cannot be had: it was ended by signal 15"
        )
        let missing = await failure(.command(["/nowhere/pass", "hunter2"]))
        #expect(missing?.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(
            missing?.reason == "the secret of the command /nowhere/pass cannot be used: No such file or directory"
        )
        #expect(await reason(.command(["/bin/true"]))?.hasSuffix("it is empty") == true)
    }

    @Test(
        "of a command that hangs fails at its deadline, and nothing of it goes on",
        arguments: [
            "echo $$ > PLACE; echo s; exec sleep 600", "exec sleep 600 & echo $! > PLACE; echo s",
            "echo $$ > PLACE; echo s; exec >&-; exec sleep 600",
        ])
    func hanging(script: String) async throws {
        let place = directory.path + "/pid"
        let words = ["/bin/sh", "-c", script.replacing("PLACE", with: place)]
        // Long enough for the shell to have written its number.
        let reason = await reason(.command(words), timeout: .seconds(5))
        #expect(reason == "the secret of the command /bin/sh cannot be had: it took longer than 5 s")
        let written = try #require(TemporaryDirectory.read(place))
        let pid = try #require(pid_t(written.filter(\.isNumber)))
        // Killed, which takes a moment to have its effect; one that init has not reaped yet is a zombie.
        let deadline = ContinuousClock.now + .seconds(60)
        while let state = TemporaryDirectory.read("/proc/\(pid)/stat"), !state.contains(") Z") {
            try #require(ContinuousClock.now < deadline, "it goes on: \(state)")
            await Task.yield()
        }
    }

    @Test("of one command that hangs holds up no file")
    func lanes() async throws {
        let path = directory.write("s", to: "secret")
        let reader = reader(timeout: .seconds(60))
        let fifo = directory.path + "/fifo"
        mkfifo(fifo, 0o600)
        let slow = Task { try await reader.read(.command(["/bin/cat", fifo])) }
        #expect(try await reader.read(.file(path)).reveal() == "s")
        let descriptor = open(fifo, O_WRONLY)
        _ = write(descriptor, "late", 4)
        close(descriptor)
        #expect(try await slow.value.reveal() == "late")
    }

    @Test("is looked at by check-config without being read, and what this user cannot see is not wrong")
    func inspection() throws {
        let open = directory.write("s", to: "open", mode: 0o644)
        directory.write("", to: "empty")
        let text = """
            providers:
              app:
                preset: microsoft365
                tenant: a.de
                client_id: x
                grant: client_credentials
                client_secrets: [{value: {file: \(directory.path)/none}}, {value: {file: \(open)}}]
              cert:
                preset: outlook
                client_id: x
                certificate: {file: \(directory.path)/empty}
                private_key: {file: \(directory.path)}
              hidden: {preset: outlook, client_id: x, client_secret: {credential: none}}
              own: {preset: generic, grant: password, imap: {host: a.de}, smtp: {host: a.de}}
            destinations: {crm: {type: webhook, url: "https://a.de", secret: {env: NONE}, headers: {x: {file: /none}}}}
            accounts:
              a: {address: a@b.de, provider: own, receive: {}, send: {}, password: {command: [/none, s]}}
              b: {address: b@b.de, provider: own, receive: {}, send: {}, password: {command: [none]}}
            """
        let settings = try Fixture.settings(text)
        let expected = [
            "the account a: the secret of the command /none is not there",
            "the destination crm: the secret in the file /none is not there",
            "the provider app: the secret in the file \(directory.path)/none is not there",
            "the provider app: the secret in the file \(open) can be read by everybody on this machine: chmod 600 it",
            "the provider cert: the secret in the file \(directory.path) is a directory",
            "the provider cert: the secret in the file \(directory.path)/empty is empty",
        ]
        #expect(SecretInspection.warnings(about: settings, directories: .init()) == expected)
        let directories = ConfigurationDirectories(credentials: directory.path)
        let inService = SecretInspection.warnings(about: settings, directories: directories)
        #expect(
            Set(inService).subtracting(expected) == [
                "the provider hidden: the systemd credential none is not there"
            ])
    }
}
