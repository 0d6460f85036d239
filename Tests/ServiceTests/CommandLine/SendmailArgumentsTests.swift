import Testing

@testable import postbote

@Suite("sendmail's arguments")
struct SendmailArgumentsTests {
    private static func expected(_ change: (inout SendmailArguments) -> Void) -> SendmailArguments {
        var arguments = try! SendmailArguments([])
        change(&arguments)
        return arguments
    }

    @Test(
        "are read in all the forms there are",
        arguments: [
            (["-t"], expected { $0.recipientsFromHeader = true }),
            (
                ["-ti"],
                expected {
                    $0.recipientsFromHeader = true
                    $0.ignoresLoneDot = true
                }
            ),
            (
                ["-it"],
                expected {
                    $0.recipientsFromHeader = true
                    $0.ignoresLoneDot = true
                }
            ),
            (["-oi"], expected { $0.ignoresLoneDot = true }),
            (["-o", "i"], expected { $0.ignoresLoneDot = true }),
            (["-oem", "-oee", "-odb", "-oQ/tmp"], expected { _ in }),
            (["-f", "a@b"], expected { $0.sender = "a@b" }), (["-fa@b"], expected { $0.sender = "a@b" }),
            (["-r", "a@b"], expected { $0.sender = "a@b" }), (["-f<a@b>"], expected { $0.sender = "a@b" }),
            (["-f", ""], expected { $0.sender = "" }), (["-f", "<>"], expected { $0.sender = "" }),
            (
                ["-tfa@b"],
                expected {
                    $0.recipientsFromHeader = true
                    $0.sender = "a@b"
                }
            ),
            (["-F", "Anna B"], expected { $0.fullName = "Anna B" }),
            (["-FAnna"], expected { $0.fullName = "Anna" }),
            (
                ["a@b", "-t", "c@d"],
                expected {
                    $0.recipients = ["a@b", "c@d"]
                    $0.recipientsFromHeader = true
                }
            ),
            (["--", "-t"], expected { $0.recipients = ["-t"] }), (["-"], expected { $0.recipients = ["-"] }),
            (["a@b, c@d ,,"], expected { $0.recipients = ["a@b", "c@d"] }),
            (["-bp"], expected { $0.mode = .listQueue }), (["-b", "p"], expected { $0.mode = .listQueue }),
            (["-bm"], expected { _ in }), (["-q"], expected { $0.mode = .runQueue }),
            (["-q15m"], expected { $0.mode = .runQueue }),
            (["-n", "-v", "-G", "-U", "-m", "-E"], expected { _ in }),
            (
                [
                    "-N", "never", "-R", "hdrs", "-V", "-B8BITMIME", "-h", "3", "-Lx", "-O", "x=y", "-p", "x", "-C",
                    "f",
                    "-X", "log", "-A", "m", "a@b",
                ], expected { $0.recipients = ["a@b"] }
            ),
        ])
    func forms(words: [String], arguments: SendmailArguments) throws {
        #expect(try SendmailArguments(words) == arguments)
    }

    @Test(
        "are refused when they make no sense", arguments: [["-f"], ["-Z"], ["-bs"], ["-bd"], ["-tZ"], ["-o"], ["-F"]])
    func refused(words: [String]) {
        #expect { try SendmailArguments(words) } throws: { ($0 as? CommandFailure)?.code == .usage }
    }
}

@Suite("The lone dot")
struct LoneDotTests {
    @Test(
        "ends a message wherever the pieces are cut",
        arguments: [
            ("a\n.\nb", "a\n", true), (".\nb", "", true), ("a\r\n.\r\nb", "a\r\n", true),
            ("a\n..\nb", "a\n..\nb", false),
            ("a.\nb", "a.\nb", false), ("a\n.b\n", "a\n.b\n", false), ("a\n.\rb\n", "a\n.\rb\n", false),
            ("a\n.", "a\n", false), ("a\n.\r", "a\n", false), ("", "", false), ("\n\n.\n", "\n\n", true),
            ("a\n.\r\r\n", "a\n.\r\r\n", false),
        ])
    func splits(text: String, expected: String, hasEnded: Bool) {
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var dot = LoneDot()
                let result = dot.push(bytes[..<first]) + dot.push(bytes[first..<second]) + dot.push(bytes[second...])
                #expect(String(decoding: result, as: UTF8.self) == expected)
                #expect(dot.hasEnded == hasEnded)
            }
        }
    }
}
