import Diagnostics

/// Marks what may only look.
public enum Reading {}
/// Marks what may also change.
public enum Writing {}

public typealias ReadTransaction = Transaction<Reading>
public typealias WriteTransaction = Transaction<Writing>

/// What every transaction of a store shares.
struct Surroundings: Sendable {
    let sealer: Sealer
    let spool: Spool
}

/// One consistent view of the tables, valid only within the closure it was handed to.
public final class Transaction<Access> {
    let connection: Connection
    let sealer: Sealer
    let spool: Spool
    /// What happens once the unit is durable; dropped when it is not.
    private(set) var afterCommit: [() -> Void] = []

    init(_ connection: Connection, _ surroundings: Surroundings) {
        self.connection = connection
        sealer = surroundings.sealer
        spool = surroundings.spool
    }

    public var accounts: AccountsTable<Access> { AccountsTable(connection: connection) }
    public var folders: FoldersTable<Access> { FoldersTable(connection: connection) }
    public var ledger: LedgerTable<Access> { LedgerTable(connection: connection) }
    public var deliveries: DeliveriesTable<Access> { DeliveriesTable(connection: connection) }
    public var obstacles: ObstaclesTable<Access> { ObstaclesTable(connection: connection) }
    public var serverActions: ServerActionsTable<Access> { ServerActionsTable(connection: connection) }
    public var redeliveries: RedeliveriesTable<Access> { RedeliveriesTable(connection: connection) }
    public var putAside: PutAsideTable<Access> { PutAsideTable(connection: connection) }
    public var notices: NoticesTable<Access> { NoticesTable(connection: connection) }
    public var signInLinks: SignInLinksTable<Access> { SignInLinksTable(connection: connection) }
    public var logins: LoginsTable<Access> { LoginsTable(connection: connection) }
    public var uniqueIDs: UniqueIDsTable<Access> { UniqueIDsTable(connection: connection) }
    public var credentials: CredentialsTable<Access> { CredentialsTable(connection: connection, sealer: sealer) }
    public var queue: QueueTable<Access> { QueueTable(transaction: self) }
}

extension Transaction where Access == Writing {
    /// Runs `body` on the writer's queue right after the commit that holds this unit. It must be short.
    func onCommit(_ body: @escaping () -> Void) { afterCommit.append(body) }
}
