import Testing

@testable import Authorization

@Suite("Who signed in")
struct SignedInIdentityTests {
    // {"oid":"o1","tid":"t1","sub":"s1","preferred_username":"Anna@Contoso.de","email":"anna.b@contoso.de"}
    static let claims =
        "eyJvaWQiOiJvMSIsInRpZCI6InQxIiwic3ViIjoiczEiLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJBbm5hQENvbnRvc28uZGUiLCJlbWFpbCI6ImFubmEuYkBjb250b3NvLmRlIn0"
    static let token = "eyJhbGciOiJSUzI1NiJ9.\(claims).c2ln"

    @Test("is read from the claims of the ID token")
    func read() throws {
        let identity = try #require(SignedInIdentity(idToken: Self.token))
        #expect(identity.objectID == "o1")
        #expect(identity.tenantID == "t1")
        #expect(identity.subject == "s1")
        #expect(identity.names == ["Anna@Contoso.de"])
    }

    @Test("is compared without regard to case", arguments: ["anna@contoso.de", "ANNA@CONTOSO.DE"])
    func named(_ name: String) throws {
        #expect(try #require(SignedInIdentity(idToken: Self.token)).isNamed(name))
    }

    @Test(
        "is not somebody else",
        arguments: ["", "anna", "bob@contoso.de", "anna@contoso.de.evil", "anna.b@contoso.de"])
    func notNamed(_ name: String) throws {
        #expect(try !#require(SignedInIdentity(idToken: Self.token)).isNamed(name))
    }

    @Test(
        "is unknown when the token cannot be read",
        arguments: [
            "", ".", "..", "a.b.c", "a.e30", "a.W10.c", "a.\(Self.claims)", "a.\(Self.claims).c.d.e", "a.!!!!.c",
        ])
    func unreadable(_ token: String) {
        #expect(SignedInIdentity(idToken: token) == nil)
    }

    @Test("has no names when the claims hold none, or absurd ones")
    func nameless() {
        // {} and a number where a name should be.
        #expect(SignedInIdentity(idToken: "a.e30.c")?.names == [])
        #expect(SignedInIdentity(idToken: "a.eyJlbWFpbCI6N30.c")?.names == [])
    }

    @Test(
        "has the address that a provider vouches for, and never the one that an administrator wrote at Entra",
        arguments: [
            (#"{"iss":"https://accounts.google.com","email":"a@b","email_verified":true}"#, ["a@b"]),
            (#"{"iss":"https://id.example","email":"a@b"}"#, ["a@b"]),
            (#"{"iss":"https://id.example","email":"a@b","preferred_username":"anna"}"#, ["anna", "a@b"]),
            (#"{"iss":"https://id.example","email":"a@b","email_verified":false}"#, []),
            (#"{"iss":"https://id.example","email":"a@b","email_verified":"false"}"#, []),
            (#"{"tid":"t1","email":"a@b","upn":"c@d"}"#, ["c@d"]),
            (#"{"tid":7,"email":"a@b"}"#, []),
            (#"{"iss":"https://login.microsoftonline.com/t1/v2.0","email":"a@b"}"#, []),
            (#"{"iss":"https://login.partner.microsoftonline.cn/t1/v2.0","email":"a@b"}"#, []),
            (#"{"iss":"https://sts.windows.net/t1/","email":"a@b","email_verified":true}"#, []),
        ])
    func vouched(claims: String, names: [String]) {
        let identity = SignedInIdentity(idToken: "a.\(Base64URL.encode(Array(claims.utf8))).c")
        #expect(identity?.names == names)
    }

    @Test("survives every truncation")
    func truncated() {
        for count in 0..<Self.token.count { _ = SignedInIdentity(idToken: String(Self.token.prefix(count))) }
    }

    @Test(
        "is somebody else under another stable id, whatever the names are, and only where both ids are known",
        arguments: [
            ("a", "t", "a", "t", false), ("a", "t", "b", "t", true), ("a", "t", "a", "u", true),
            ("a", nil, "b", nil, true), ("a", nil, "b", "t", false), (nil, nil, "b", nil, false),
            ("a", nil, nil, nil, false),
        ] as [(String?, String?, String?, String?, Bool)])
    func somebodyElse(id: String?, tenant: String?, earlierID: String?, earlierTenant: String?, isOther: Bool) {
        let now = SignedInIdentity(objectID: id, tenantID: tenant, preferredUsername: "x")
        let earlier = SignedInIdentity(subject: earlierID, tenantID: earlierTenant, preferredUsername: "y")
        #expect(now.isSomebodyElse(than: earlier) == isOther)
    }
}
