import MailModel

/// Reads all accounts: merges `defaults`, checks each, and then what concerns several.
struct AccountsDecoder {
    /// One `accounts` map and where it may be: the main file, or one of accounts.d.
    typealias Source = Value

    let findings: Findings
    let builder: AccountBuilder
    let defaults: Value?

    struct Accounts {
        var sound: [AccountName: Account] = [:]
        /// All names that are written, also those of accounts with errors.
        var names: Set<AccountName> = []
    }

    func decode(_ sources: [Source]) -> Accounts {
        if let defaults { checkDefaults(defaults) }
        var accounts: [AccountName: Account] = [:]
        var positions: [String: Position] = [:]
        for entry in sources.flatMap(entries) {
            if let first = positions[entry.key] {
                let place = findings.place(first, seenFrom: entry.keyPosition)
                findings.error(
                    at: entry.keyPosition, "the account `\(Quoted(entry.key))` is already defined in \(place)")
            } else {
                positions[entry.key] = entry.keyPosition
            }
            guard let account = decode(entry), accounts[account.name] == nil else { continue }
            accounts[account.name] = account
        }
        checkFormerNames(of: accounts, positions)
        return Accounts(sound: accounts, names: Set(positions.keys.compactMap { AccountName($0) }))
    }

    private func entries(_ source: Source) -> [Value.Entry] {
        Section(source, named: "`accounts`", path: "accounts", at: source.position, findings: findings)?.named ?? []
    }

    private func decode(_ entry: Value.Entry) -> Account? {
        let name = AccountName(entry.key)
        if name == nil { findings.badName(entry, of: "an account") }
        var entry = entry
        entry.value = defaults.map { entry.value.merged(over: $0) } ?? entry.value
        return Section.decode(entry, path: "accounts.NAME", findings) { section in
            builder.build(name, written: entry.key, from: &section)
        }
    }

    /// What no account can take from `defaults`, and mistakes in what every account overrides.
    private func checkDefaults(_ defaults: Value) {
        _ = Section.decode(
            defaults, named: "`defaults`", path: "accounts.NAME", at: defaults.position, findings
        ) { section -> AccountDraft? in
            section.refuse("address", "every account has its own")
            section.refuse("previously", "every account has its own")
            return AccountDraft(&section, builder.known)
        }
    }

    private func checkFormerNames(of accounts: [AccountName: Account], _ positions: [String: Position]) {
        var claimed: [AccountName: AccountName] = [:]
        for account in accounts.values.sorted(by: { $0.name < $1.name }) {
            guard let position = positions[account.name.text] else { continue }
            for former in account.previously {
                if accounts[former] != nil {
                    findings.error(at: position, "`previously` names `\(former)`, which is an account of today")
                } else if let other = claimed.updateValue(account.name, forKey: former) {
                    findings.error(at: position, "`previously` names `\(former)`, which `\(other)` was, too")
                }
            }
        }
    }
}
