/// As much of JSON Schema (draft 2020-12) as docs/summary.schema.json uses.

public import Foundation

public struct JSONSchema {
    private let root: [String: Any]

    public init(contentsOf url: URL) throws {
        let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        root = parsed as? [String: Any] ?? [:]
    }

    /// What is wrong with a document, each with its place; none for a valid one.
    public func complaints(about document: String) -> [String] {
        guard
            let value = try? JSONSerialization.jsonObject(
                with: Data(document.utf8), options: .fragmentsAllowed)
        else { return ["no JSON"] }
        return check(value, root, at: "$")
    }

    private func check(_ value: Any, _ schema: [String: Any], at place: String) -> [String] {
        if let reference = schema["$ref"] as? String {
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            let definitions = root["$defs"] as? [String: Any] ?? [:]
            guard let definition = definitions[name] as? [String: Any] else {
                return ["\(place): no definition \(name)"]
            }
            return check(value, definition, at: place)
        }
        if let choices = schema["anyOf"] as? [[String: Any]] {
            let complaints = choices.map { check(value, $0, at: place) }
            return complaints.contains { $0.isEmpty } ? [] : complaints.flatMap { $0 }
        }
        var found: [String] = []
        if let types = schema["type"] as? [String] ?? (schema["type"] as? String).map({ [$0] }) {
            if !types.contains(where: { Self.matches(value, $0) }) {
                return ["\(place): not \(types.joined(separator: " or "))"]
            }
        }
        if let constant = schema["const"] as? NSObject, constant != value as? NSObject {
            found.append("\(place): not \(constant)")
        }
        if let choices = schema["enum"] as? [NSObject],
            !choices.contains(where: { $0 == value as? NSObject })
        {
            found.append("\(place): none of \(choices)")
        }
        if let minimum = schema["minimum"] as? Double, let number = value as? Double,
            number < minimum
        {
            found.append("\(place): below \(minimum)")
        }
        if let pattern = schema["pattern"] as? String, let text = value as? String,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            found.append("\(place): not like \(pattern)")
        }
        if let object = value as? [String: Any] { found += check(object, schema, at: place) }
        if let elements = value as? [Any], let items = schema["items"] as? [String: Any] {
            for (offset, element) in elements.enumerated() {
                found += check(element, items, at: "\(place)[\(offset)]")
            }
        }
        return found
    }

    private func check(
        _ object: [String: Any], _ schema: [String: Any], at place: String
    ) -> [String] {
        var found: [String] = []
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        for name in schema["required"] as? [String] ?? [] where object[name] == nil {
            found.append("\(place): no \(name)")
        }
        for (name, value) in object.sorted(by: { $0.key < $1.key }) {
            if let property = properties[name] {
                found += check(value, property, at: "\(place).\(name)")
            } else if schema["additionalProperties"] as? Bool == false {
                found.append("\(place): unknown \(name)")
            }
        }
        return found
    }

    private static func matches(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "null": value is NSNull
        case "boolean": isBoolean(value)
        case "integer": !isBoolean(value) && (value as? Double).map { $0 == $0.rounded() } == true
        case "number": !isBoolean(value) && value is NSNumber
        case "string": value is String
        case "array": value is [Any]
        case "object": value is [String: Any]
        default: false
        }
    }

    private static func isBoolean(_ value: Any) -> Bool {
        guard let number = value as? NSNumber else { return false }
        return String(cString: number.objCType) == "c"
    }
}
