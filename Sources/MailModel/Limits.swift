/// What of a message's header is held in memory at most.
package enum Limits {
    /// Octets of the fields that the header scanner keeps; beyond that fields are cut off and noted.
    package static let keptHeader = 256 * 1024
    /// Addresses read from one field; beyond that the rest is noted as unreadable.
    package static let addressesInField = 20_000
    /// Octets of one address's local part (RFC 5321 §4.5.3.1.1), which servers exceed for generated addresses.
    package static let localPart = 256
    /// Octets of a domain (RFC 5321 §4.5.3.1.2).
    package static let domain = 255
}
