import MailModel

extension Settings {
    /// Whose consents an account uses, for receiving and sending.
    public func credentialKeys(of account: Account) -> Set<CredentialKey> {
        Set([account.receive?.signIn, account.send?.signIn].compactMap(\.self).compactMap { key(of: $0) })
    }
}
