import Testing

@testable import postbote

@Suite("An anonymous report") struct PseudonymsTests {
    @Test("has the same placeholder wherever the same is meant, and leaves the rest as it is")
    func same() {
        var pseudonyms = Pseudonyms(hiding: ["support", "contoso"], phrases: ["Kunden/Müller GmbH"])
        let lines = [
            "Account support of contoso: support@contoso.de signs in at outlook.office365.com.",
            "ACCOUNT=support FOLDER=Kunden/Müller GmbH REASON=Support@Contoso.de was refused by 192.0.2.7",
            "path: /srv/mail/support/postbote.db, version 0.1.0, 10:30:00, 127.0.0.1, supported",
            "fe80::1:2 is no secret, 2001:db8::5 neither; OUTLOOK.office365.com again",
        ]
        #expect(
            lines.map { pseudonyms.hide(in: $0) } == [
                "Account n1 of n2: a1 signs in at h1.", "ACCOUNT=n1 FOLDER=f1 REASON=a1 was refused by h2",
                "path: /srv/mail/n1/postbote.db, version 0.1.0, 10:30:00, 127.0.0.1, supported",
                "h3 is no secret, h4 neither; h1 again",
            ])
    }
}
