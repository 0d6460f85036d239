/// The tables, version by version.
///
/// Times are milliseconds since 1970 in UTC unless a comment says seconds. States are the words of interface.md.
enum Schema {
    static let migrations = Migrations(steps: [version1, version2, version3, version4, version5, version6])

    private static let version1 = """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            created INTEGER NOT NULL,
            -- Time for which sending was parked so far, and since when it is now.
            parked_total INTEGER NOT NULL DEFAULT 0,
            parked_since INTEGER
        ) STRICT;

        CREATE TABLE folders (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            server_name TEXT NOT NULL,
            role TEXT,
            delimiter TEXT,
            mailbox_id TEXT,
            -- An epoch is a time during which a UID named one message: it ends with a new UIDVALIDITY, and also when
            -- a server starts its UIDs again under the old one.
            epoch INTEGER NOT NULL DEFAULT 0,
            uid_validity INTEGER,
            cursor INTEGER,
            uid_next_seen INTEGER,
            exists_seen INTEGER,
            recovering INTEGER NOT NULL DEFAULT 0,
            delivered INTEGER NOT NULL DEFAULT 0,
            doubtful INTEGER NOT NULL DEFAULT 0,
            recognised INTEGER NOT NULL DEFAULT 0,
            UNIQUE (account, server_name)
        ) STRICT;

        -- Every message we ever knew. The row id stays while a message gets another UID or moves to another folder.
        CREATE TABLE ledger (
            id INTEGER PRIMARY KEY,
            folder INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
            epoch INTEGER NOT NULL,
            uid INTEGER NOT NULL,
            state TEXT NOT NULL,
            delivery_key BLOB,
            identity BLOB,
            content_hash BLOB,
            message_date INTEGER, -- seconds
            message_id_hash BLOB,
            list_id_hash BLOB,
            delivered_to_hash BLOB,
            server_id TEXT, -- EMAILID or X-GM-MSGID
            server_size INTEGER,
            content_size INTEGER,
            destinations INTEGER REFERENCES destination_sets (id),
            doubtful INTEGER NOT NULL DEFAULT 0,
            reason TEXT,
            noted INTEGER NOT NULL, -- staged, or otherwise written down
            delivered INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX ledger_uid ON ledger (folder, epoch, uid);
        CREATE INDEX ledger_identity ON ledger (identity) WHERE identity IS NOT NULL;
        CREATE INDEX ledger_key ON ledger (delivery_key) WHERE delivery_key IS NOT NULL;
        CREATE INDEX ledger_server_id ON ledger (server_id) WHERE server_id IS NOT NULL;
        CREATE INDEX ledger_open ON ledger (folder, state) WHERE state <> 'delivered';

        -- Where messages went: few different sets, named once.
        CREATE TABLE destination_sets (
            id INTEGER PRIMARY KEY,
            names TEXT NOT NULL UNIQUE
        ) STRICT;

        -- Hand-overs still owed: a row goes away when its destination holds the message durably.
        CREATE TABLE deliveries (
            message INTEGER NOT NULL REFERENCES ledger (id) ON DELETE CASCADE,
            destination TEXT NOT NULL,
            staged_name TEXT NOT NULL,
            PRIMARY KEY (message, destination)
        ) STRICT, WITHOUT ROWID;

        -- Messages that cannot be read or handed over for now (deferred in the ledger) or at all (quarantined).
        CREATE TABLE obstacles (
            message INTEGER PRIMARY KEY REFERENCES ledger (id) ON DELETE CASCADE,
            attempts INTEGER NOT NULL,
            next_attempt INTEGER,
            reason TEXT NOT NULL,
            file TEXT -- raw bytes below quarantine/, where there are any
        ) STRICT;

        -- POP3 has no UIDs: each unique-id, and each repetition of it within one listing, gets a number for good.
        CREATE TABLE unique_ids (
            folder INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
            epoch INTEGER NOT NULL,
            unique_id TEXT NOT NULL,
            occurrence INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (folder, epoch, unique_id, occurrence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX unique_ids_number ON unique_ids (folder, epoch, number);

        CREATE TABLE credentials (
            id TEXT PRIMARY KEY,
            provider TEXT NOT NULL,
            subject TEXT NOT NULL, -- who signs in; empty: the app itself
            grant_type TEXT NOT NULL,
            state TEXT NOT NULL,
            state_since INTEGER NOT NULL,
            version INTEGER NOT NULL,
            refresh_token BLOB, -- sealed
            refresh_obtained INTEGER,
            refresh_expires INTEGER,
            scopes TEXT,
            object_id TEXT,
            tenant_id TEXT,
            user_name TEXT,
            email TEXT,
            claims TEXT,
            created INTEGER NOT NULL,
            last_used INTEGER,
            last_error TEXT,
            last_error_at INTEGER,
            UNIQUE (provider, subject)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE access_tokens (
            credential TEXT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
            audience TEXT NOT NULL, -- the resource or scopes it was asked for
            token BLOB NOT NULL, -- sealed
            obtained INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            refresh_after INTEGER,
            PRIMARY KEY (credential, audience)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE messages (
            id INTEGER PRIMARY KEY,
            queue_id TEXT NOT NULL UNIQUE,
            account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            reverse_path TEXT NOT NULL, -- empty: the null path of a report
            message_id TEXT,
            size INTEGER NOT NULL,
            eight_bit INTEGER NOT NULL,
            smtp_utf8 INTEGER NOT NULL,
            body_kind TEXT NOT NULL, -- row; file: spool/out/QUEUE_ID; none: not kept any more
            body_hash BLOB NOT NULL,
            idempotency_key TEXT,
            request_hash BLOB NOT NULL,
            priority INTEGER NOT NULL,
            not_before INTEGER,
            created INTEGER NOT NULL,
            parked_at_creation INTEGER NOT NULL,
            state TEXT NOT NULL,
            next_attempt INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, -- those that count
            hold_reason TEXT,
            finished INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX messages_idempotency ON messages (account, idempotency_key)
            WHERE idempotency_key IS NOT NULL;
        CREATE INDEX messages_due ON messages (account, priority, next_attempt)
            WHERE state IN ('queued', 'deferred');
        CREATE INDEX messages_open ON messages (account, state) WHERE finished IS NULL;
        CREATE INDEX messages_kept ON messages (finished) WHERE finished IS NOT NULL AND body_kind <> 'none';
        CREATE INDEX messages_finished ON messages (finished) WHERE finished IS NOT NULL;

        CREATE TABLE bodies (
            message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
            content BLOB NOT NULL
        ) STRICT;

        CREATE TABLE recipients (
            message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            address TEXT NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            reply TEXT,
            PRIMARY KEY (message, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX recipients_failed ON recipients (message) WHERE state = 'failed';

        CREATE TABLE attempts (
            message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            started INTEGER NOT NULL,
            next_try INTEGER NOT NULL, -- written before the server is contacted
            marker INTEGER, -- just before the final dot
            finished INTEGER,
            outcome TEXT,
            reply TEXT,
            PRIMARY KEY (message, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attempts_open ON attempts (message) WHERE finished IS NULL;
        """

    /// What attempts took of a provider's limits: counted per account over a day, also across restarts. When a message
    /// began to wait, which an operator's order lets begin anew. The messages that failed, for whoever looks for them.
    private static let version2 = """
        ALTER TABLE attempts ADD COLUMN account INTEGER; -- the message's
        -- Recipients that the server took or may have taken; while the attempt runs, all that are tried.
        ALTER TABLE attempts ADD COLUMN recipients INTEGER NOT NULL DEFAULT 0;
        UPDATE attempts SET account = (SELECT account FROM messages WHERE messages.id = message),
            recipients = CASE WHEN marker IS NULL THEN 0 ELSE (
                SELECT count(*) FROM recipients
                WHERE recipients.message = attempts.message AND state IN ('sent', 'in_doubt')) END;
        CREATE INDEX attempts_spent ON attempts (account, started, recipients);
        ALTER TABLE messages ADD COLUMN waiting_since INTEGER; -- NULL: since it was accepted
        CREATE INDEX messages_failed ON messages (account, queue_id) WHERE state = 'failed';
        """

    /// Moved mailboxes: which server gave a folder's UIDs, and what was recognised without being delivered again.
    private static let version3 = """
        ALTER TABLE folders ADD COLUMN server TEXT; -- host; NULL: from before this was remembered
        ALTER TABLE folders ADD COLUMN revised INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE folders ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 0;
        -- Messages below the cursor wait to be fetched.
        ALTER TABLE folders ADD COLUMN backfilling INTEGER NOT NULL DEFAULT 0;
        -- `since` as of the last look; NULL: nothing was left out.
        ALTER TABLE folders ADD COLUMN since_seen INTEGER;
        -- Until when an operator paused the account, and only the fetching of old mail; NULL: not.
        ALTER TABLE accounts ADD COLUMN paused_until INTEGER;
        ALTER TABLE accounts ADD COLUMN backfill_paused_until INTEGER;
        -- When we removed the server's copy ourselves, on request: what arrives alike later is another message.
        ALTER TABLE ledger ADD COLUMN removed INTEGER;
        -- Where we moved it, as long as it is not known there as a message of that folder; the place if the server said so.
        ALTER TABLE ledger ADD COLUMN moved_to TEXT;
        ALTER TABLE ledger ADD COLUMN moved_validity INTEGER;
        ALTER TABLE ledger ADD COLUMN moved_uid INTEGER;
        CREATE INDEX ledger_removed ON ledger (folder, epoch, uid) WHERE removed IS NOT NULL;

        -- What is still to be done with the server's copies of delivered messages. A row goes away when it is done.
        CREATE TABLE server_actions (
            message INTEGER NOT NULL REFERENCES ledger (id) ON DELETE CASCADE,
            account INTEGER NOT NULL,
            action TEXT NOT NULL,
            target TEXT, -- of a move: role:ROLE or name:FOLDER
            origin TEXT NOT NULL,
            grace INTEGER NOT NULL,
            due INTEGER, -- NULL: not delivered yet
            phase TEXT NOT NULL,
            -- Where copies are looked for whose reply was lost: the folder and its UIDNEXT before.
            target_name TEXT,
            target_validity INTEGER,
            target_next INTEGER,
            -- At most two: to be marked, and to be deleted or moved.
            PRIMARY KEY (message, action)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX server_actions_due ON server_actions (account, due) WHERE due IS NOT NULL;
        CREATE INDEX server_actions_ordered ON server_actions (account) WHERE origin = 'operator';
        CREATE INDEX server_actions_undelivered ON server_actions (message) WHERE due IS NULL;

        ALTER TABLE accounts ADD COLUMN audited INTEGER; -- NULL: never
        -- Messages that an audit missed in the ledger, and that are not cured yet.
        ALTER TABLE accounts ADD COLUMN unaccounted INTEGER NOT NULL DEFAULT 0;
        -- Whose consents an account uses, as of the configuration that had it last.
        CREATE TABLE account_credentials (
            account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            provider TEXT NOT NULL,
            subject TEXT NOT NULL,
            PRIMARY KEY (account, provider, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX messages_account_finished ON messages (account, finished) WHERE finished IS NOT NULL;
        -- What we sent is known in a Sent folder by its Message-ID.
        CREATE INDEX messages_message_id ON messages (account, message_id) WHERE finished IS NOT NULL;

        -- Delivered messages that an operator wants delivered once more, under their delivery keys. A row goes away when
        -- the message is staged again, in the same commit.
        CREATE TABLE redeliveries (
            message INTEGER PRIMARY KEY REFERENCES ledger (id) ON DELETE CASCADE,
            account INTEGER NOT NULL,
            destination TEXT, -- NULL: all of the folder's
            ordered INTEGER NOT NULL,
            attempts INTEGER NOT NULL -- begun, and not known to have ended
        ) STRICT;
        CREATE INDEX redeliveries_account ON redeliveries (account);
        """

    /// What the administrator was told, so that a restart does not tell it again.
    private static let version4 = """
        CREATE TABLE notices (
            subject TEXT PRIMARY KEY, -- as Notice names it
            ends INTEGER, -- of what must be renewed
            days_before INTEGER, -- which of the reminders it was
            state TEXT, -- of a direction
            told INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Links with which mailbox owners sign in by themselves: they outlive a restart, and their tokens are in no file. Under
    /// which name a submission server takes whoever signed in, where that was found by trying.
    private static let version5 = """
        CREATE TABLE sign_in_links (
            digest BLOB PRIMARY KEY, -- SHA-256 of the token
            account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            provider TEXT NOT NULL, -- with subject: the credential that it asks for
            subject TEXT NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            strangers INTEGER NOT NULL DEFAULT 0, -- sign-ins of somebody else
            ended INTEGER, -- NULL: not before it expires
            ending TEXT -- used, replaced, revoked, exhausted
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sign_in_links_credential ON sign_in_links (provider, subject, created);
        CREATE INDEX sign_in_links_account ON sign_in_links (account);
        CREATE INDEX sign_in_links_expires ON sign_in_links (expires);

        CREATE TABLE logins (
            account INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
            asked TEXT NOT NULL, -- provider, server and names of the configuration it was found with
            login TEXT NOT NULL,
            found INTEGER NOT NULL
        ) STRICT;
        """

    /// Messages that stepped aside by themselves, until the administrator is told.
    private static let version6 = """
        CREATE TABLE put_aside (
            kind TEXT NOT NULL, -- held: subject is in messages; quarantined: it is in ledger
            subject INTEGER NOT NULL,
            account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            noted INTEGER NOT NULL,
            notice TEXT, -- the key of the mail that tells of it, while that is being queued
            PRIMARY KEY (kind, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX put_aside_account ON put_aside (account);
        """
}
