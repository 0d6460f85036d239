import Diagnostics
import MailModel

/// What is written about one account, or in `defaults`, read and checked key by key. What is `nil` was not written.
struct AccountDraft {
    struct Receive {
        var enabled: Bool?
        var provider: ProviderName?
        var mailProtocol: ReceiveSettings.MailProtocol?
        var folders: [FolderSettings]?
        var exclude: [FolderSettings.Selector]?
        var foldersOverlap: ReceiveSettings.Overlap?
        var idle: Bool?
        var pollInterval: Duration?
        var since: Timestamp?
        var maxMessageSize: Int64?
        var dailyDownload: Int64?
        var afterFetch: AfterFetch?
        var afterFetchGrace: Duration?
        var deleteAfter: [FolderRole: Duration]?
        var deliverTo: [DestinationName]?
    }

    struct Send {
        var enabled: Bool?
        var provider: ProviderName?
        var login: String?
        var from: [String]?
        var saveSent: SendSettings.SaveSent?
        var rate: Rate?
        var maxAge: Duration?
        var parkedMax: Duration?
        var inDoubt: SendSettings.InDoubt?
        var inDoubtUnresolved: SendSettings.InDoubt?
    }

    struct Rate {
        var messagesPerMinute: Int?
        var recipientsPerDay: Int?
        var connections: Int?
    }

    var address: MailAddress?
    var previously: [AccountName]?
    var login: String?
    /// The first is who must have signed in, the others are their other names.
    var authorizedAs: [String]?
    var provider: ProviderName?
    var password: SecretSource?
    var enabled: Bool?
    var logLevel: LogLevel?
    var receive: Receive?
    var send: Send?
}

extension AccountDraft {
    init(_ section: inout Section, _ known: KnownNames) {
        address = section.value("address", .address)
        previously = section.list("previously", of: .name("a former name of the account"))
        login = section.value("login", .text("the name to sign in with"))
        authorizedAs = section.oneOrSeveral("authorized_as", .text("the name of who signed in"))
        provider = section.reference("provider", to: "provider", among: known.providers)
        password = section.secret("password")
        enabled = section.value("enabled", .flag)
        logLevel = section.value("log_level", Wanted<LogLevel>.anyCase)
        receive = section.section("receive") { AccountDraft.Receive(&$0, known) }
        send = section.section("send") { AccountDraft.Send(&$0, known) }
    }
}

extension AccountDraft.Receive {
    init(_ section: inout Section, _ known: KnownNames) {
        enabled = section.value("enabled", .flag)
        provider = section.reference("provider", to: "provider", among: known.providers)
        mailProtocol = section.value("protocol", Wanted<ReceiveSettings.MailProtocol>.anyCase)
        folders = section.folders(known)
        exclude = section.exclude()
        foldersOverlap = section.value("folders_overlap", Wanted<ReceiveSettings.Overlap>.anyCase)
        idle = section.value("idle", .flag)
        pollInterval = section.value("poll_interval", .duration(atLeast: .seconds(1)))
        since = section.value("since", .instant)
        maxMessageSize = section.value("max_message_size", .size)
        dailyDownload = section.value("daily_download", .size)
        afterFetch = section.afterFetch()
        afterFetchGrace = section.value("after_fetch_grace", .duration())
        deleteAfter = section.deleteAfter()
        deliverTo = section.references("deliver_to", to: "destination", among: known.destinations)
    }
}

extension AccountDraft.Send {
    init(_ section: inout Section, _ known: KnownNames) {
        enabled = section.value("enabled", .flag)
        provider = section.reference("provider", to: "provider", among: known.providers)
        login = section.value("login", .text("the name to sign in with"))
        from = section.list("from", of: .address, mayBeEmpty: false)?.map(\.text)
        saveSent = section.value("save_sent", Wanted<SendSettings.SaveSent>.anyCase)
        rate = section.section("rate") { section in
            AccountDraft.Rate(
                messagesPerMinute: section.value("messages_per_minute", .integer(1...100_000)),
                recipientsPerDay: section.value("recipients_per_day", .integer(1...100_000_000)),
                connections: section.value("connections", .integer(1...100))
            )
        }
        maxAge = section.value("max_age", .duration(atLeast: .seconds(60)))
        parkedMax = section.value("parked_max", .duration(atLeast: .seconds(60)))
        inDoubt = section.value("in_doubt", Wanted<SendSettings.InDoubt>.anyCase)
        inDoubtUnresolved = section.value(
            "in_doubt_unresolved", Wanted<SendSettings.InDoubt>.oneOf([.hold, .retry])
        )
    }
}
