import Diagnostics
import MailModel

/// Under which names whoever signed in introduces themselves to a submission server, one after the other: as the shared mailbox,
/// then as themselves, with MAIL FROM of the shared mailbox. A value: the one that is known to work goes first.
struct LoginOrder: Equatable, Sendable {
    private var names: ArraySlice<String>

    init(_ signIn: SignInSettings, remembered: String?) {
        let names = [signIn.login, signIn.otherLogin].compactMap(\.self)
        self.names = (names.filter { $0 == remembered } + names.filter { $0 != remembered })[...]
    }

    /// The name to try now.
    var login: String { names.first ?? "" }

    /// The server refused `login`.
    ///
    /// - Returns: whether another name is to be tried at once. Throttling, policies of the tenant and troubles on the way say
    ///   nothing about the name, and another sign-in would only be one too many.
    mutating func refused(with failure: Failure) -> Bool {
        guard failure.condition == .signInRefused, names.count > 1 else { return false }
        names = names.dropFirst()
        return true
    }
}
