import Diagnostics
import Operations

extension AuthorizationAnswer {
    /// With what the provider sent the browser back; `nil` when that is no answer. An error comes without a code (RFC
    /// 6749 §4.1.2.1).
    init?(_ parameters: RedirectParameters) {
        guard let state = parameters["state"] else { return nil }
        if let error = parameters["error"] {
            self.init(state: Secret(state), result: .error(error, description: parameters["error_description"]))
        } else if let code = parameters["code"] {
            self.init(state: Secret(state), result: .code(Secret(code)))
        } else {
            return nil
        }
    }
}
