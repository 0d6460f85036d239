import Operations

/// What a person pasted: the address at which the browser ended, or only the code from it.
enum PastedRedirect {
    /// Why that is not it, for the person.
    struct Unusable: Error, Equatable {
        var reason: String
    }

    /// - Parameter text: as it came, with white space, quotes and line breaks, which no address holds.
    static func read(_ text: String, of waiting: WaitingSignIn) throws(Unusable) -> RedirectAnswer {
        let pasted = String(text.unicodeScalars.filter { !isClutter($0) }.map(Character.init))
        guard !pasted.isEmpty else { throw Unusable(reason: "nothing was pasted") }
        guard let query = query(of: pasted) else {
            guard !pasted.contains("://"), !pasted.contains("/") else {
                throw Unusable(
                    reason:
                        "this address has no code: paste the one at which the browser ended after the sign-in, whole, from "
                        + "the address bar")
            }
            guard pasted.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw Unusable(reason: "this is neither an address nor a code")
            }
            return RedirectAnswer(code: pasted, state: waiting.state)
        }
        let parameters = RedirectParameters(query: query)
        if parameters["code"] == nil, parameters["error"] == nil {
            throw Unusable(
                reason: parameters["code_challenge"] != nil || parameters["response_type"] != nil
                    ? "this is the address to open, not the one at which the browser ended: open it, sign in, then copy what "
                        + "the address bar shows"
                    : "this address has no code: paste the one at which the browser ended after the sign-in, whole, from the "
                        + "address bar")
        }
        guard let state = parameters["state"] else {
            throw Unusable(reason: "the address is cut: its state is missing; copy it whole")
        }
        guard state == waiting.state else {
            throw Unusable(
                reason:
                    "this is the answer to another sign-in, or it is cut: open the address above, and paste where "
                    + "that one ends")
        }
        return RedirectAnswer(parameters, state: state)
    }

    /// Of an address, or of what somebody took from one; `nil` when there is no parameter in it.
    private static func query(of text: String) -> String? {
        var rest = text
        if let mark = rest.firstIndex(of: "?") {
            rest = String(rest[rest.index(after: mark)...])
        } else if let hash = rest.firstIndex(of: "#") {
            rest = String(rest[rest.index(after: hash)...])
        } else if !["code=", "state=", "error="].contains(where: rest.hasPrefix) {
            return nil
        }
        return String(rest.prefix { $0 != "#" })
    }

    private static func isClutter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
            || scalar.properties.generalCategory == .format || "\"'`<>“”„‘’".unicodeScalars.contains(scalar)
    }
}
