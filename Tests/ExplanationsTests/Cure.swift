/// What a cure names, held against what there is.
struct Cure {
    let text: String
    /// What stands between backticks: commands and keys.
    let pieces: [String]

    init(_ text: String) {
        self.text = text
        pieces = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
    }

    var complaints: [String] {
        var complaints = pieces.filter { !Cure.isKnown($0) }.map { "unknown: \($0)" }
        complaints += unknownPages.map { "no such page: \($0)" }
        complaints += unknownHosts.map { "unknown host: \($0)" }
        if pieces.isEmpty && pages.isEmpty && hosts.isEmpty { complaints.append("names no page, command or key") }
        return complaints
    }

    // MARK: Commands and keys

    private static func isKnown(_ piece: String) -> Bool {
        let words = piece.split(separator: " ").map(String.init)
        guard let first = words.first else { return false }
        if first == "postbote" { return words.count > 1 && postboteCommands.contains(words[1]) }
        if first.contains("-"), first.first?.isUppercase == true { return cmdlets.contains(first) }
        if first.hasPrefix("-") { return first == "--import" }
        if programs.contains(first) { return true }
        let key = String(first.prefix { $0 != ":" })
        return keys.contains(key) || values.contains(piece)
    }

    private static let postboteCommands: Set = [
        "audit", "authorize", "check-config", "explain", "fetch", "folders", "mail", "pause", "quarantine", "queue",
        "reload", "reset", "resume", "send", "sendmail", "status", "token",
    ]
    /// Of Exchange Online PowerShell and Microsoft Graph PowerShell.
    private static let cmdlets: Set = [
        "Add-MailboxPermission", "Add-RecipientPermission", "Get-AuthenticationPolicy", "Get-CASMailbox",
        "Get-Mailbox",
        "Get-MailboxStatistics", "Get-MgDomainFederationConfiguration", "Get-RecipientPermission",
        "Get-TransportConfig", "New-ServicePrincipal", "Set-AuthenticationPolicy", "Set-CASMailbox", "Set-Mailbox",
        "Update-MgDomainFederationConfiguration",
    ]
    private static let programs: Set = [
        "chown", "date", "df", "doveadm", "getent", "ip", "journalctl", "networkctl", "openssl", "reconstruct",
        "setacl", "systemctl", "timedatectl", "w32tm", "/etc/resolv.conf",
    ]
    /// Of the configuration.
    static let keys: Set = [
        "after_fetch", "authorize_url", "authorized_as", "ca_file", "certificate", "certificate_name",
        "client_id", "client_secret", "client_secret_expires", "cloud", "connections",
        "daily_download", "delete_after", "device_url", "enabled", "except", "folders", "grant", "host", "idle",
        "imap",
        "issuer", "key", "login", "max_age", "messages_per_minute", "password", "path", "poll_interval", "pop3",
        "port",
        "preset", "private_key", "protocol", "proxy", "rate", "receive", "recipients_per_day", "redirect_uri",
        "save_sent", "scopes", "send", "smtp", "tenant", "tls", "token_url", "url",
    ]

    /// Values that are named without their key.
    static let values: Set = ["client_credentials"]

    // MARK: Pages

    /// What follows the name of an administration page up to the end of the sentence's part.
    private var pages: [String] {
        let centers = ["center", "console", "portal", "Computers"]
        return centers.flatMap { center in
            text.ranges(of: "\(center) > ").map { range in
                let before = text[..<range.lowerBound].split(separator: " ").suffix(2).joined(separator: " ")
                return "\(before.drop { $0 == "(" }) \(text[range.lowerBound...])"
            }
        }
    }

    private var unknownPages: [String] {
        // The id of an app may be shown in the path to it.
        let shown = pages.map { $0.replacing(" {client_id}", with: "") }
        return shown.filter { page in !Cure.knownPages.contains { page.hasPrefix($0) } }.map { String($0.prefix(80)) }
    }

    /// By their present names; a page without what is below it stands for all of that.
    private static let knownPages =
        [
            "App registrations:", "App registrations > the app > API permissions",
            "App registrations > the app > Authentication", "App registrations > the app > Certificates & secrets",
            "App registrations > the app > Overview", "Enterprise applications > Admin consent requests",
            "Enterprise applications > the app > Properties", "Enterprise applications > the app > Users and groups",
            "Enterprise applications > the app:", "Enterprise applications in", "Enterprise applications of",
            "Enterprise applications,", "Enterprise applications;",
        ].map { "Entra admin center > Applications > \($0)" }
        + [
            "Devices > All devices", "External Identities > Cross-tenant access settings > Inbound access",
            "External Identities > Cross-tenant access settings > Microsoft cloud settings",
            "External Identities > Cross-tenant access settings > Outbound access",
            "Hybrid management > Microsoft Entra Connect > Connect Sync", "Monitoring & health > Sign-in logs",
            "Overview", "Protection > Conditional Access > Policies",
            "Protection > Identity Protection > Risky users",
            "Settings > Domain names", "Users > All users",
        ].map { "Entra admin center > \($0)" }
        + [
            "Billing > Purchase services", "Health > Service health", "Support > Help & support",
            "Users > Active users > the user > Licenses and apps",
            "Users > Active users > the user > Mail > Manage email apps",
        ].map { "365 admin center > \($0)" }
        + ["Recipients > Mailboxes", "Reports > Mail flow", "Settings > Mail flow"].map {
            "Exchange admin center > \($0)"
        }
        + [
            "Explorer", "Policies & rules > Threat policies > Tenant Allow/Block Lists",
            "Review > Restricted entities",
        ].map { "Microsoft Defender portal > Email & collaboration > \($0)" }
        + [
            "Apps > Google Workspace > Gmail > Compliance",
            "Apps > Google Workspace > Gmail > End User Access", "Directory > Users",
            "Security > Access and data control > API controls > App access control",
            "Security > Access and data control > API controls > Domain-wide delegation",
            "Security > Access and data control > Google Cloud session control",
        ].map { "Google Admin console > \($0)" }
        + [
            "APIs & Services > Credentials", "Google Auth Platform > Audience", "Google Auth Platform > Data Access",
            "IAM & Admin > Service Accounts > the account > Keys",
        ].map { "Google Cloud console > \($0)" }
        + ["Users and Computers > the user > Account > Logon Hours"]

    private var hosts: [Substring] {
        text.ranges(of: "https://").map {
            text[$0.upperBound...].prefix { $0.isLetter || $0.isNumber || ".-".contains($0) }
        }
    }

    private var unknownHosts: [Substring] {
        hosts.map { host in host.last == "." ? host.dropLast() : host }.filter {
            !Cure.knownHosts.contains(String($0))
        }
    }

    private static let knownHosts: Set = [
        "account.microsoft.com", "aka.ms", "login.microsoftonline.com", "mail.google.com", "myaccount.google.com",
        "myaccount.microsoft.com", "mysignins.microsoft.com", "outlook.office.com", "outlook.office365.com",
        "postmaster.google.com", "www.google.com", "www.testconnectivity.microsoft.com",
    ]
}
