import Diagnostics

// The response codes of RFC 5530 and RFC 3501, and what they call for.
extension IMAPClassifier {
    /// `nil` for codes that say nothing about a failure.
    static func byCode(_ code: IMAPResponseCode, during operation: IMAPOperation) -> Verdict? {
        let scope: Failure.Scope = operation.isOfFolder ? .folder : .direction
        switch code {
        case .unavailable:
            return Verdict(
                .direction, .later(after: nil), "Part of the server is out of order for now. It will be tried again.")
        case .authenticationFailed:
            return Verdict(
                .direction, .whenReauthorized, .signInRefused,
                "The server does not accept the login or its credential. Check `login`, or sign in again.")
        case .authorizationFailed:
            return Verdict(
                .direction, .whenReauthorized, .signInRefused,
                "The credential is good, but not for this mailbox. Sign in as somebody who may open it, or have the "
                    + "permission granted.")
        case .expired:
            return Verdict(
                .direction, .whenReauthorized, .signInRefused, "The credential has expired. Sign in again.")
        case .privacyRequired:
            return Verdict(
                .direction, .whenReconfigured(by: .operatorOfPostbote),
                "The server wants an encrypted connection. Set tls to implicit or starttls.")
        case .contactAdmin:
            return Verdict(
                .direction, .whenReconfigured(by: .tenantAdministrator),
                "The server asks to contact its administrator, who alone can lift what is in the way.")
        case .noPerm:
            return Verdict(
                scope, .whenReconfigured(by: .tenantAdministrator),
                "There is no permission for this. Have it granted, or leave the folder out.")
        case .inUse:
            return Verdict(
                scope, .later(after: .seconds(60)), "Another session is using it. It will be tried again.")
        case .limit, .overQuota: return byLimit(code, during: operation, scope)
        case .nonExistent, .tryCreate: return noSuchFolder(operation)
        default: return byFolderCode(code, scope)
        }
    }

    private static func byLimit(
        _ code: IMAPResponseCode, during operation: IMAPOperation, _ scope: Failure.Scope
    ) -> Verdict {
        if operation.addsMessages {
            return Verdict(
                scope, .later(after: .seconds(3_600)),
                "The mailbox is full. Make room in it, or have its quota raised.")
        }
        guard code == .overQuota else {
            return Verdict(
                .direction, .later(after: .seconds(300)), .throttled,
                "A limit of the server's is reached, mostly that of connections. Use fewer clients on this mailbox.")
        }
        // Gmail uses it for its daily bandwidth, which comes back in hours.
        return Verdict(
            .direction, .later(after: .seconds(3_600)), .throttled,
            "The server's quota for this mailbox is used up, perhaps that of its daily traffic. It will be tried again."
        )
    }

    private static func byFolderCode(_ code: IMAPResponseCode, _ scope: Failure.Scope) -> Verdict? {
        switch code {
        case .alreadyExists: Verdict(scope, .never, "A folder of that name exists already.")
        case .cannot: Verdict(scope, .never, "The server can never do this.")
        case .expungeIssued:
            Verdict(scope, .later(after: nil), "Messages were removed in between. It will be tried again.")
        case .corruption:
            Verdict(
                .folder, .later(after: .seconds(3_600)),
                "The server's data of this folder is damaged. Its administrator must repair it.")
        case .serverBug:
            Verdict(scope, .later(after: nil), "The server reports an error of its own. It will be tried again.")
        case .clientBug:
            Verdict(scope, .later(after: nil), "The server calls this an error of the client's. Please report it.")
        case .referral(let url):
            Verdict(
                .direction, .whenReconfigured(by: .operatorOfPostbote),
                "The mailbox is on another server (\(url)). Set host to that.")
        default: nil
        }
    }

    /// Of messages that are copied or moved it is the folder they go to (RFC 3501 §7.1, TRYCREATE).
    static func noSuchFolder(_ operation: IMAPOperation) -> Verdict {
        Verdict(
            .folder, .whenReconfigured(by: .operatorOfPostbote), .noSuchFolder,
            operation.addsMessages
                ? "The folder that messages are to go to does not exist. Correct its name (`postbote folders ACCOUNT` lists "
                    + "them), or create it."
                : "There is no such folder. Correct its name in `folders` (`postbote folders ACCOUNT` lists them), or create it."
        )
    }
}
