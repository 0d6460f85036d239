import MailModel

/// Where a provider sends the browser after the sign-in, spelled as it is registered there.
enum RedirectURI {
    /// On this machine, or on the one at the other end of `ssh -L`: the port is ours to choose (RFC 8252 §7.3), the rest
    /// is not.
    ///
    /// Without a path, as Entra and most people register it; the browser comes back with a `/` all the same.
    static func loopback(port: Int, _ provider: Provider) throws -> String {
        let registered = provider.redirectURI ?? "http://localhost"
        guard let match = registered.firstMatch(of: /^(http:\/\/(?:localhost|127\.0\.0\.1))(?::(\d+))?([\/?].*)?$/)
        else {
            throw provider.misconfigured(
                TokenRequest.Kind.authorize.rawValue,
                "redirect_uri of provider \(provider.name) is \(registered), where no browser comes back to this program: "
                    + "use postbote authorize ACCOUNT --paste, or register http://localhost and write that.")
        }
        if let fixed = match.2, Int(fixed) != port {
            throw provider.misconfigured(
                TokenRequest.Kind.authorize.rawValue,
                "redirect_uri of provider \(provider.name) names port \(fixed): use --port \(fixed), or take the port out "
                    + "of it where the provider ignores ports on loopback.")
        }
        return "\(match.1):\(port)\(match.3 ?? "")"
    }

    /// Somewhere nothing listens, or Microsoft's page for native clients: the person takes the address from the browser.
    static func pasted(_ provider: Provider) -> String {
        if let configured = provider.redirectURI { return configured }
        guard provider.isMicrosoft else { return "http://localhost" }
        return "https://\(provider.authority)/common/oauth2/nativeclient"
    }
}

extension Provider {
    /// Microsoft's sign-in host of its cloud.
    var authority: String {
        switch cloud {
        case .global: "login.microsoftonline.com"
        case .gccHigh, .dod: "login.microsoftonline.us"
        case .china: "login.partner.microsoftonline.cn"
        }
    }
}
