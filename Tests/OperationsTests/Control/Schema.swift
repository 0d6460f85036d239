import Foundation

/// As much of JSON Schema as docs/openapi.yaml uses. Stricter in one thing: a field that is not described is wrong.
struct Schema {
    let value: Any

    init(_ value: Any) { self.value = value }

    var members: [String: Schema]? {
        (value as? [AnyHashable: Any]).map { pairs in
            Dictionary(uniqueKeysWithValues: pairs.map { ("\($0.key)", Schema($0.value)) })
        }
    }

    subscript(key: String) -> Schema? { members?[key] }

    /// What a reference stands for, or the schema itself.
    func resolved(in document: Schema) -> Schema {
        guard let reference = self["$ref"]?.value as? String else { return self }
        let path = reference.split(separator: "/").dropFirst()
        return path.reduce(document) { $0[String($1)]! }.resolved(in: document)
    }

    /// What is wrong with `json`; nothing when it is as described.
    func complaints(about json: Any, in document: Schema, at path: String = "$") -> [String] {
        let schema = resolved(in: document)
        if let words = schema["enum"]?.value as? [String], !words.contains(json as? String ?? "") {
            return ["\(path): \(json) is none of \(words)"]
        }
        if let constant = schema["const"]?.value as? Int, constant != json as? Int {
            return ["\(path): \(json) is not \(constant)"]
        }
        switch schema["type"]?.value as? String {
        case "object": return schema.complaints(aboutObject: json, in: document, at: path)
        case "array":
            guard let elements = json as? [Any] else { return ["\(path): no array"] }
            return elements.enumerated().flatMap { index, element in
                schema["items"]!.complaints(about: element, in: document, at: "\(path)[\(index)]")
            }
        case "string": return json is String ? [] : ["\(path): no string"]
        case "boolean": return Schema.isBoolean(json) ? [] : ["\(path): no boolean"]
        case "integer": return json is Int && !Schema.isBoolean(json) ? [] : ["\(path): no integer"]
        case "number": return json is Double && !Schema.isBoolean(json) ? [] : ["\(path): no number"]
        case let other: return ["\(path): the schema's type is \(other ?? "missing")"]
        }
    }

    private func complaints(aboutObject json: Any, in document: Schema, at path: String) -> [String] {
        guard let object = json as? [String: Any] else { return ["\(path): no object"] }
        let properties = self["properties"]?.members ?? [:]
        let required = self["required"]?.value as? [String] ?? []
        let missing = required.filter { object[$0] == nil }.map { "\(path).\($0) is missing" }
        return missing
            + object.sorted { $0.key < $1.key }.flatMap { key, value in
                guard let schema = properties[key] ?? self["additionalProperties"] else {
                    return ["\(path).\(key) is not described"]
                }
                return schema.complaints(about: value, in: document, at: "\(path).\(key)")
            }
    }

    private static func isBoolean(_ json: Any) -> Bool {
        (json as? NSNumber).map { "\($0.objCType[0])" == "99" } ?? (json is Bool)
    }
}
