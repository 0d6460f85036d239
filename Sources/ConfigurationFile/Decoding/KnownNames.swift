import MailModel

/// What accounts may refer to.
struct KnownNames {
    var providers: Set<ProviderName>
    var destinations: Set<DestinationName>
}
