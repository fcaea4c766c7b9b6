import Foundation

/// Between a value and the bytes that are sealed: texts and bytes as they are, everything else as JSON.
enum ValueCoding {
    static func encode<Value: Encodable>(_ value: Value) throws(VaultError) -> [UInt8] {
        // By the static type, so that what was sealed is opened alike: an optional text is JSON on both ways.
        if Value.self == String.self, let text = value as? String { return Array(text.utf8) }
        if Value.self == [UInt8].self, let bytes = value as? [UInt8] { return bytes }
        guard let data = try? JSONEncoder().encode(value) else { throw .valueNotEncodable }
        return [UInt8](data)
    }

    static func decode<Value: Decodable>(_ bytes: [UInt8], as type: Value.Type) throws(VaultError) -> Value {
        if Value.self == String.self {
            guard let text = String(validating: bytes, as: UTF8.self) as? Value else { throw .valueDamaged }
            return text
        }
        if Value.self == [UInt8].self, let bytes = bytes as? Value { return bytes }
        guard let value = try? JSONDecoder().decode(type, from: Data(bytes)) else { throw .valueDamaged }
        return value
    }
}
