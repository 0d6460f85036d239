import MailModel
import Testing

@Suite struct AddressListTests {
    private func addresses(_ text: String) -> [String] {
        AddressList(text.utf8).entries.map(\.address.description)
    }

    @Test(
        "Addresses are found in every form that RFC 5322 knows",
        arguments: [
            ("a@example.com", ["a@example.com"]),
            ("a@example.com, b@example.com", ["a@example.com", "b@example.com"]),
            ("a@example.com;b@example.com;", ["a@example.com", "b@example.com"]),
            (" , ,a@example.com,,", ["a@example.com"]),
            ("Anna <a@example.com>", ["a@example.com"]),
            ("\"Muster, Anna\" <a@example.com>, b@example.com", ["a@example.com", "b@example.com"]),
            ("Joe Q. Public <john.q.public@example.com>", ["john.q.public@example.com"]),
            (
                "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
                ["boss@nil.test", "sysservices@example.net"]
            ),
            (
                "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
                ["c@a.test", "joe@where.test", "jdoe@one.test"]
            ),
            ("Undisclosed recipients:;", []),
            ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", ["pete@silly.test"]),
            (
                "Mary Smith <@node.test,@other.test:mary@example.net>, , jdoe@test . example",
                ["mary@example.net", "jdoe@test.example"]
            ),
            ("\"john doe\"@example.com", ["\"john doe\"@example.com"]),
            ("john\r\n .doe@example.com", ["john.doe@example.com"]),
            ("root@[192.0.2.1]", ["root@[192.0.2.1]"]),
            ("root", ["root"]),
            ("Анна <анна@пример.рф>", ["анна@пример.рф"]),
            ("=?utf-8?Q?M=C3=BCller=2C_A=2E?= <a@example.com>", ["a@example.com"]),
            ("", []),
        ] as [(String, [String])])
    func reads(text: String, expected: [String]) {
        #expect(addresses(text) == expected)
        #expect(AddressList(text.utf8).unreadable.isEmpty)
    }

    @Test(
        "What is no address is named, and the others are still found",
        arguments: [
            ("john doe@example.com, b@example.com", "john doe@example.com"),
            ("a@, b@example.com", "a@"), ("@example.com, b@example.com", "@example.com"),
            ("a@b@c, b@example.com", "a@b@c"), ("<>, b@example.com", "<>"),
            ("<a b@example.com>, b@example.com", "<a b@example.com>"),
            ("b@example.com, \"open <a@example.com>", "\"open <a@example.com>"),
            ("b@example.com, <a@example.com", "<a@example.com"), ("b@example.com, a@[1.2", "a@[1.2"),
            ("b@example.com, a@example.com (open", "a@example.com (open"),
            ("b@example.com, (() a@example.com (x)", "(() a@example.com (x)"),
            ("<a@example.com> x, b@example.com", "<a@example.com> x"),
            ("a\u{7}@example.com, b@example.com", "a\u{7}@example.com"),
        ])
    func names(text: String, unreadable: String) {
        let list = AddressList(text.utf8)
        #expect(list.entries.map(\.address.description) == ["b@example.com"])
        #expect(list.unreadable == [unreadable])
    }

    @Test(
        "The name is decoded",
        arguments: [
            ("Anna Muster <a@example.com>", "Anna Muster"), ("\"Muster, Anna\" <a@example.com>", "Muster, Anna"),
            ("=?utf-8?Q?M=C3=BCller=2C_A=2E?= <a@example.com>", "Müller, A."),
            ("a@example.com (Anna Muster)", "Anna Muster"), ("<a@example.com>", nil), ("a@example.com", nil),
        ] as [(String, String?)])
    func name(text: String, expected: String?) { #expect(AddressList(text.utf8).entries.first?.name == expected) }

    @Test("A list cut off anywhere does no harm, and never yields an address that is not in it")
    func truncated() {
        let text = Array("\"M, A\" <a@x.test>, G: b@x.test (c\\)), <@r.test:d@x.test>; e@[1.2.3.4]".utf8)
        let whole: Set = ["a@x.test", "b@x.test", "d@x.test", "e@[1.2.3.4]"]
        for length in 0...text.count {
            for entry in AddressList(text.prefix(length)).entries where !entry.address.domain.isEmpty {
                let isCutDomain = whole.contains { $0.hasPrefix(entry.address.description) }
                #expect(isCutDomain)
            }
        }
        #expect(Set(AddressList(text).entries.map(\.address.description)) == whole)
    }

    @Test("Only as many addresses are read as the limit allows, and the rest is not dropped silently")
    func tooMany() {
        let list = AddressList(Array(repeating: "a@x.test", count: 20_001).joined(separator: ",").utf8)
        #expect(list.entries.count == 20_000)
        #expect(list.unreadable == ["a@x.test"])
    }

    @Test("Deeply nested comments are read without recursion")
    func nestedComments() {
        let text = String(repeating: "(", count: 100_000) + String(repeating: ")", count: 100_000) + "a@x.test"
        #expect(addresses(text) == ["a@x.test"])
    }
}

@Suite struct MailAddressTests {
    @Test(
        "A local part is quoted exactly where it must be",
        arguments: [
            ("a.b", "a.b@x.test"), ("a b", "\"a b\"@x.test"), ("a\"b\\", "\"a\\\"b\\\\\"@x.test"),
            (".a", "\".a\"@x.test"), ("a@b", "\"a@b\"@x.test"), ("ä", "ä@x.test"),
        ])
    func quotes(localPart: String, expected: String) {
        let address = MailAddress(localPart: localPart, domain: "x.test")
        #expect(address.description == expected)
        #expect(MailAddress(expected) == address)
    }

    @Test(
        "An address that cannot stand in a command says why",
        arguments: [
            MailAddress(localPart: "a\r\nRCPT TO:<b@x.test>", domain: "x.test"),
            MailAddress(localPart: "a", domain: "x.test>\r\nDATA"), MailAddress(localPart: "a", domain: ""),
            MailAddress(localPart: "", domain: "x.test"), MailAddress(localPart: "a\u{0}", domain: "x.test"),
            MailAddress(localPart: String(repeating: "a", count: 257), domain: "x.test"),
            MailAddress(localPart: "a", domain: String(repeating: "a", count: 256)),
            MailAddress(localPart: "a", domain: "x test"),
        ])
    func defects(address: MailAddress) { #expect(address.defect != nil) }

    @Test("Usual addresses have no defect", arguments: ["a@x.test", "\"a b\"@x.test", "a@[192.0.2.1]", "ä@ö.test"])
    func fine(text: String) throws { #expect(try #require(MailAddress(text)).defect == nil) }

    @Test("Text that is not exactly one address is none", arguments: ["", "a@x.test, b@x.test", "a b@x.test"])
    func notOne(text: String) { #expect(MailAddress(text) == nil) }

    @Test(
        "A name is written so that it is read back",
        arguments: [
            "Anna", "Muster, Anna", "\"A\" \\ B", "Müller", String(repeating: "ä", count: 100), "a\r\nBcc: b@x.test",
        ])
    func namedAddress(name: String) throws {
        let written = NamedAddress(name: name, address: MailAddress(localPart: "a", domain: "x.test")).description
        #expect(!written.utf8.contains { $0 < 0x20 || $0 >= 0x80 })
        let read = AddressList(written.utf8)
        #expect(read.entries.count == 1)
        #expect(read.entries.first?.address.description == "a@x.test")
        let expected = name == "a\r\nBcc: b@x.test" ? "a  Bcc: b@x.test" : name
        #expect(read.entries.first?.name == expected)
    }
}
