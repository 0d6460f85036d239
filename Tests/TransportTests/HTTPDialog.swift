/// Parts of dialogs in which the server speaks HTTP/1.1.
enum HTTPDialog {
    /// A request without a body, and its answer.
    static func answer(_ status: String, _ fields: [String] = [], body: String = "") -> String {
        "C/\n" + response(status, fields, body: body)
    }

    static func response(_ status: String, _ fields: [String] = [], body: String = "") -> String {
        let head = ["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.utf8.count)", ""]
        return head.map { "S+ \($0)\n" }.joined() + "S- \(body)\n"
    }
}
