/// A short name for "this refresh token, redeemed for this client in this way". A failure is remembered
/// with the fingerprint of what failed: when the token or the configuration is another, the failure is
/// void by itself, and nobody has to clear anything.

internal import Crypto

public struct Fingerprint: Equatable, Sendable {
    let bytes: [UInt8]

    /// What besides the refresh token decides whether a redemption can work.
    public struct Context: Sendable {
        let parts: [String]

        public init(clientID: String, tenantID: String, authority: String, scopes: String?) {
            parts = [clientID, tenantID, authority, scopes ?? ""]
        }
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    public init(refreshToken: Secret, context: Context) {
        self.init(parts: [refreshToken.exposed] + context.parts)
    }

    /// Of a refresh token alone: what compare-and-swap compares when the token itself is not at hand.
    static func ofToken(_ refreshToken: Secret) -> Fingerprint {
        Fingerprint(parts: [refreshToken.exposed])
    }

    /// A hexadecimal name of 16 characters for a text, for file names and keys.
    static func shortName(of text: String) -> String {
        let digits = Array("0123456789abcdef")
        return String(
            Fingerprint(parts: [text]).bytes.prefix(8).flatMap {
                [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
            })
    }

    /// SHA-256 over the parts, each behind its length so that no two lists read the same.
    private init(parts: [String]) {
        var hash = SHA256()
        for part in parts {
            let utf8 = Array(part.utf8)
            withUnsafeBytes(of: UInt64(utf8.count).littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: utf8)
        }
        bytes = Array(hash.finalize())
    }
}
