import Diagnostics
import Operations

/// One row an account.
struct AccountTable {
    let lines: [String]

    init(_ accounts: [AccountStatus], at now: Timestamp) {
        let wording = Wording(now: now)
        var table = Table([
            Table.Column("ACCOUNT"), Table.Column("RECEIVE"), Table.Column("SEND"), Table.Column("LAST FETCH"),
            Table.Column("TOOK", .right), Table.Column("NEXT"), Table.Column("DELIVERED", .right),
            Table.Column("TOO LARGE", .right), Table.Column("QUARANTINED", .right), Table.Column("DOUBTFUL", .right),
            Table.Column("QUEUED", .right), Table.Column("TOKEN ENDS"), Table.Column("EXPIRES"),
        ])
        for account in accounts {
            table.append([
                account.name, account.receive.map(AccountTable.state), account.send.map(AccountTable.state),
                wording.relative(account.lastFetch), Wording.seconds(account.lastFetchSeconds),
                wording.relative(account.nextFetch), String(account.mail.delivered), String(account.mail.tooLarge),
                String(account.mail.quarantined), String(account.mail.doubtful), String(account.queue.open),
                wording.relative(account.tokenValidUntil),
                account.expires.map { "\($0.what) \(wording.relative($0.at) ?? "")" },
            ])
        }
        lines = table.lines
    }

    private static func state(_ direction: DirectionStatus) -> String {
        guard let activity = direction.activity, direction.state == .ok else { return direction.state.rawValue }
        return "\(direction.state.rawValue) \(activity.rawValue)"
    }
}
