import MailModel
import Testing

@testable import Transport

@Suite struct PreambleCollectorTests {
    @Test("the greeting is kept apart from the capabilities", arguments: MailService.allCases)
    func greeting(service: MailService) {
        var collector = PreambleCollector(service: service)
        collector.take(["220 hello\r\n"])
        #expect(collector.hasGreeting)
        collector.take(["250-SIZE\r\n", "250 AUTH\r\n"])
        #expect(collector.preamble.greeting == bytes("220 hello\r\n"))
        #expect(collector.preamble.capabilities == bytes("250-SIZE\r\n250 AUTH\r\n"))
    }

    @Test("all lines of an SMTP greeting belong to it")
    func greetingOfManyLines() {
        var collector = PreambleCollector(service: .smtp)
        collector.take(["220-one\r\n", "220-two\r\n", "220 three\r\n", "250 X\r\n"])
        #expect(collector.preamble.greeting == bytes("220-one\r\n220-two\r\n220 three\r\n"))
        #expect(collector.preamble.capabilities == bytes("250 X\r\n"))
    }

    @Test("what was said in clear is forgotten once TLS starts")
    func secured() {
        var collector = PreambleCollector(service: .imap)
        collector.take(["* OK hi\r\n", "* CAPABILITY EVIL\r\n", "A001 OK\r\n", "A002 OK\r\n"])
        collector.secure()
        collector.take(["* CAPABILITY IMAP4rev1\r\n"])
        #expect(collector.preamble.capabilities == bytes("* CAPABILITY IMAP4rev1\r\n"))
        #expect(collector.preamble.greeting == bytes("* OK hi\r\n"))
    }

    @Test("a preamble longer than its limit is refused")
    func limit() {
        var collector = PreambleCollector(service: .imap)
        collector.take([String(repeating: "x", count: Limits.preamble)])
        #expect(!collector.overflow)
        let taken = collector.line(bytes("x"))
        #expect(!taken)
        #expect(collector.overflow)
    }
}

extension PreambleCollector {
    fileprivate mutating func take(_ lines: [String]) {
        for text in lines {
            let taken = line(bytes(text))
            #expect(taken)
        }
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
