import Hummingbird
import MailModel

/// Finding out what is wrong with an account.
struct DoctorRoutes {
    let plane: any ControlPlane

    func add(to router: Router<ControlContext>) {
        router.post("/v1/accounts/:name/doctor") { request, context in
            try context.require(.manage)
            return try Response.json(
                try await plane.doctor(try context.account(), sendTo: try request.address("send_to")))
        }
    }
}

extension Request {
    fileprivate func address(_ name: String) throws(Problem) -> MailAddress? {
        guard let text = try text(name, atMost: 1000) else { return nil }
        guard let address = MailAddress(text) else { throw Problem(.usage, "`\(name)` is a mail address") }
        if let defect = address.defect { throw Problem(.usage, "the address in `\(name)` \(defect)") }
        return address
    }
}
