/// What makes a server's certificate good.
public struct TrustSettings: Hashable, Sendable {
    /// PEM certificates trusted besides the system's.
    public var caFile: String?
    /// `false` accepts anybody: warned about at every start.
    public var verifyCertificate: Bool
    /// The name the certificate must carry, where it is not the host's.
    public var certificateName: String?

    public init(caFile: String? = nil, verifyCertificate: Bool = true, certificateName: String? = nil) {
        self.caFile = caFile
        self.verifyCertificate = verifyCertificate
        self.certificateName = certificateName
    }
}
