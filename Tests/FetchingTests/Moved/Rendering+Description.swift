import TestSupport
import Testing

extension Rendering: CustomTestStringConvertible {
    public var testDescription: String {
        switch self {
        case []: "leaves everything as it is"
        case .reordersFields: "reorders header fields"
        case .refoldsFields: "refolds header fields"
        case .addsTraceFields: "adds Received and X-MS fields"
        case .encodesSubjectsAnew: "encodes subjects anew"
        case .changesMIME: "changes boundaries and transfer encodings"
        case .addsMessageIDs: "adds a Message-ID where there is none"
        case .changesSizes: "changes sizes by up to 5 %"
        case .everything: "does all of that"
        default: "\(rawValue)"
        }
    }
}
