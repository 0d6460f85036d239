import ConfigurationFile
import Testing

@Suite("A provider")
struct ProviderTests {
    /// Lines of the provider `p`, which begin on line 3 in column 5.
    static let cases: [(lines: String, errors: [String])] = [
        ("{}", ["2:3: `preset` is missing: write microsoft365, outlook, gmail, hve or generic"]),
        ("preset: office", ["3:13: `preset` must be microsoft365, outlook, gmail, hve or generic, not `office`"]),
        (
            "preset: microsoft365\nclient_id: x",
            ["2:3: `tenant` is missing: write the tenant's domain or id, such as contoso.onmicrosoft.com"]
        ),
        (
            "preset: microsoft365\ntenant: a.de", ["2:3: `client_id` is missing: the id of your app registration"]
        ),
        (
            "preset: microsoft365\ntenant: a/b\nclient_id: \"a b\"",
            [
                "4:13: `tenant` must be a tenant's domain or id, organizations, common or consumers, not `a/b`",
                "5:16: `client_id` must be the client's id, which has no spaces, not `a b`",
            ]
        ),
        (
            "preset: microsoft365\ntenant: common\nclient_id: x\nclient_secret: s\nclient_secret_expires: never\n"
                + "grant: client_credentials",
            ["4:13: `grant: client_credentials` needs one tenant, its domain or id, not `common`"]
        ),
        (
            "preset: microsoft365\ntenant: a.de\nclient_id: x\ngrant: client_credentials",
            [
                "2:3: `grant: client_credentials` needs `client_secret`, or `certificate` and `private_key`: a public "
                    + "client cannot sign in as itself"
            ]
        ),
        (
            "preset: microsoft365\ntenant: a.de\nclient_id: x\ngrant: client_secret",
            [
                "6:12: `grant` must be authorization_code, client_credentials, service_account or password, not "
                    + "`client_secret`"
            ]
        ),
        (
            "preset: microsoft365\ntenant: a.de\nclient_id: x\nclient_secret: s\nclient_secret_expires: never\n"
                + "grant: client_credentials\nscopes: [\"https://outlook.office.com/SMTP.Send\"]",
            ["9:13: with `grant: client_credentials` `scopes` must be one that ends in /.default"]
        ),
        (
            "preset: gmail\nclient_id: x\nclient_secret: s\nclient_secret_expires: never\ngrant: client_credentials",
            ["7:12: gmail has no `grant: client_credentials`: write authorization_code, service_account or password"]
        ),
        (
            "preset: gmail\nclient_id: x\ntenant: a.de\nkey: {file: /k}\ncloud: dod",
            [
                "5:5: `tenant` does not belong here: only Microsoft's presets have tenants",
                "6:5: `key` does not belong here: it is for `grant: service_account`",
                "7:5: `cloud` does not belong here: only microsoft365 has national clouds",
            ]
        ),
        (
            "preset: gmail\ngrant: service_account",
            [
                "2:3: `key` is missing: the JSON key file of the service account, {file: PATH}"
            ]
        ),
        (
            "preset: gmail\ngrant: service_account\nkey: /k.json\nclient_secret: s\nclient_secret_expires: never",
            [
                "5:10: `key` must be written as {file: PATH} or hold the file's text",
                "6:5: `client_secret` does not belong here: the service account signs with its `key`",
                "7:5: `client_secret_expires` does not belong here: the service account signs with its `key`",
            ]
        ),
        (
            "preset: generic\nclient_id: x",
            [
                "2:3: `token_url` is missing: where are access tokens fetched? (or `issuer`, which publishes it; without "
                    + "OAuth: `grant: password`)"
            ]
        ),
        ("preset: generic\nclient_id: x\nissuer: https://a.de/", []),
        (
            "preset: hve\ntenant: a.de\nclient_id: x\nimap: {host: a.de}",
            ["6:5: `imap` does not belong here: hve only sends"]
        ),
        (
            "preset: generic\ngrant: password\nclient_id: x\nscopes: [a]\ntoken_url: https://a.de/",
            [
                "5:5: `client_id` does not belong here: with `grant: password` there is no OAuth",
                "6:5: `scopes` does not belong here: with `grant: password` there is no OAuth",
                "7:5: `token_url` does not belong here: with `grant: password` there is no OAuth",
            ]
        ),
        (
            "preset: outlook\nclient_id: x\nclient_secret: {file: s, env: S, fle: x}",
            [
                "5:20: `client_secret` must have exactly one of file, env, credential and command",
                "5:27: `file` must be an absolute path, not `s`", "5:38: unknown key `fle`; did you mean `file`?",
            ]
        ),
        (
            "preset: outlook\nclient_id: x\nclient_secret: \"\"\nclient_secret_expires: never",
            [
                "5:20: `client_secret` must be text, {file: PATH}, {env: NAME}, {credential: NAME} or {command: [PROGRAM, …]}"
            ]
        ),
        (
            "preset: outlook\nclient_id: x\nclient_secret: {command: []}\nclient_secret_expires: never",
            ["5:30: `command` must not be empty"]
        ),
        (
            "preset: outlook\nclient_id: x\nclient_secret: {credential: a/b}\nclient_secret_expires: never",
            ["5:33: `credential` must be the name of a systemd credential"]
        ),
        (
            "preset: outlook\nclient_id: x\nclient_secret: a\nclient_secrets: [{value: b}, {value: c}, {valu: d}]",
            [
                "5:5: `client_secret` and `client_secrets` exclude each other",
                "6:46: `value` is missing: the secret", "6:47: unknown key `valu`; did you mean `value`?",
            ]
        ),
        (
            "preset: outlook\nclient_id: x\nclient_secrets: [{value: b}, {value: c}, {value: d}]",
            ["5:5: `client_secrets` has room for two, the old one and the new one"]
        ),
        ("preset: outlook\nclient_id: x\nclient_secrets: []", ["5:21: `client_secrets` must not be empty"]),
        (
            "preset: outlook\nclient_id: x\ncertificate: {file: /c}\nclient_secret: s",
            [
                "2:3: `private_key` is missing: the private key of `certificate`, {file: PATH}",
                "6:5: `client_secret` and `certificate` exclude each other",
            ]
        ),
        (
            "preset: outlook\nclient_id: x\ncertificates: [{certificate: {file: /c}}]\nclient_secret: s\n"
                + "client_secret_expires: never",
            [
                "5:20: `private_key` is missing: the private key of `certificate`, {file: PATH}",
                "6:5: `client_secret` and `certificates` exclude each other",
            ]
        ),
        (
            "preset: outlook\nclient_id: x\ncertificate: {file: /c}\nprivate_key: {file: /k}\n"
                + "certificates: [{certificate: {file: /c}, private_key: {file: /k}}]",
            ["5:5: `certificate` and `certificates` exclude each other"]
        ),
        (
            "preset: outlook\nclient_id: x\ncertificate: /c.pem\nprivate_key: {file: /k}",
            ["5:18: `certificate` must be written as {file: PATH} or hold the file's text"]
        ),
        (
            "preset: outlook\nclient_id: x\nclient_secret_expires: 2027-13-01",
            [
                "5:5: `client_secret_expires` is for `client_secret`, which is missing",
                "5:28: `client_secret_expires` must be a date such as 2026-01-31 or a moment such as "
                    + "2026-01-31T09:30:00Z, or never, not `2027-13-01`",
            ]
        ),
        (
            "preset: microsoft365\ntenant: a.de\ncloud: china\nclient_id: x",
            ["2:3: `scopes` is missing: Microsoft does not publish those of the cloud china"]
        ),
        (
            "preset: generic\nclient_id: x\ntoken_url: https://a.de/t\nsmtp: {port: 587}",
            ["6:5: `host` is missing: which server?"]
        ),
        (
            "preset: outlook\nclient_id: x\nimap: {host: a..b, port: 70000, tls: ssl}\npop3: a.de",
            [
                "5:18: `host` must be a host name or IP address, not `a..b`",
                "5:30: `port` must be a number from 1 to 65535, not `70000`",
                "5:42: `tls` must be implicit, starttls or none, not `ssl`",
                "6:11: `pop3` must be a map of keys, not a single value",
            ]
        ),
        (
            "preset: outlook\nclient_id: x\nsmtp: {host: mail.de, tls: none}",
            ["5:32: `tls: none` is only for servers on this machine: write starttls or implicit"]
        ),
        (
            "preset: outlook\nclient_id: x\ntoken_url: http://login.de/\nissuer: x\nredirect_uri: \"https://a@b.de\"",
            [
                "5:16: `token_url` \(TopLevelTests.url)", "6:13: `issuer` \(TopLevelTests.url)",
                "7:19: `redirect_uri` \(TopLevelTests.url)",
            ]
        ),
        (
            "preset: outlook\nclient_id: x\nca_file: x\nverify_certificate: no\ncertificate_name: a b\n"
                + "files_sent: 1\nhelo_name: -x\nscopes: [a b]",
            [
                "5:14: `ca_file` must be an absolute path, not `x`",
                "6:25: `verify_certificate` must be true or false, not `no`; did you mean `false`?",
                "7:23: `certificate_name` must be a host name or IP address, not `a b`",
                "8:17: `files_sent` must be true or false, not `1`",
                "9:16: `helo_name` must be a host name or IP address, not `-x`",
                "10:14: an entry of `scopes` must be a scope, which has no spaces, not `a b`",
            ]
        ),
    ]

    @Test("is refused, with its place and what is right", arguments: cases)
    func refused(lines: String, errors: [String]) {
        let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        #expect(Fixture.errors("providers:\n  p:\n" + indented) == errors.map { "p.yaml:" + $0 })
    }

    @Test("that accounts use needs a server for each protocol, reported once")
    func servers() {
        let accounts = (1...3).map { "  a\($0): {address: a\($0)@b.de, provider: p, receive: {}, send: {}}\n" }
            .joined()
        let text = """
            providers:
              p:
                preset: microsoft365
                cloud: gcc_high
                tenant: a.us
                client_id: x
                client_secret: s
                client_secret_expires: never
                grant: client_credentials
            accounts:

            """
        #expect(
            Fixture.errors(text + accounts) == [
                "p.yaml:2:3: `p` has no `imap: {host: …}`, and an account uses it; Microsoft does not publish the hosts of "
                    + "gcc_high",
                "p.yaml:2:3: `p` has no `smtp: {host: …}`, and an account uses it; Microsoft does not publish the hosts of "
                    + "gcc_high",
            ])
    }
}
