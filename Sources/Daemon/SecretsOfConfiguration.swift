import ConfigurationFile

/// What reads the secrets that the configuration names. (Authorization calls the function it gets by the same name.)
public typealias ConfiguredSecrets = SecretReader
