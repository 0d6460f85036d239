import Glibc
import Testing

@testable import Transport

@Suite("The end of a process") struct ProcessExitTests {
    @Test("leaves OpenSSL to the threads that still close connections")
    func openSSL() async {
        await #expect(processExitsWith: .success) {
            // Exit handlers run in reverse: this one after any of OpenSSL's own, after which OpenSSL can do nothing more.
            atexit {
                typealias Initialise = @convention(c) (UInt64, OpaquePointer?) -> Int32
                let initialise = dlsym(nil, "OPENSSL_init_crypto").map { unsafeBitCast($0, to: Initialise.self) }
                _exit(initialise?(0, nil) == 1 ? EXIT_SUCCESS : EXIT_FAILURE)
            }
            CurlLibrary.start()
            exit(EXIT_FAILURE)
        }
    }
}
