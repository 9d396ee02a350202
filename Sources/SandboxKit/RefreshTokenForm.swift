/// `sandbox-rt.<base64url of the user>.<generation>.<filler>.<checksum>`: a refresh token that says
/// whose it is, so that a database can be seeded without asking the server.
///
/// The checksum covers all before it; a truncated or altered token is recognised as malformed.
struct RefreshTokenForm: Equatable {
    /// Whose it is.
    var user: String
    /// 0 for the token of the enrolment, one more for each that the server handed out since.
    var generation: Int

    private static let prefix = "sandbox-rt"
    private static let checksumLength = 11

    init(user: String, generation: Int) {
        self.user = user
        self.generation = generation
    }

    /// Always the same text for the same user, generation and length.
    func text(length: Int) -> String {
        let name = TokenText.base64URL(user.utf8)
        let head = "\(Self.prefix).\(name).\(generation)."
        let fillerLength = max(0, length - head.utf8.count - 1 - Self.checksumLength)
        let body = head + TokenText.filler(for: head.utf8, length: fillerLength)
        return body + "." + TokenText.filler(for: body.utf8, length: Self.checksumLength)
    }

    /// `nil` for anything that ``text(length:)`` can't have made.
    init?(_ text: String) {
        // Bytes, not characters: finding grapheme clusters in a token costs more than all the rest.
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].elementsEqual(Self.prefix.utf8),
            let generation = Int(Substring(parts[2])), generation >= 0,
            let name = TokenText.bytes(base64URL: parts[1]),
            let user = String(validating: name, as: UTF8.self),
            parts[4].count == Self.checksumLength
        else { return nil }
        let body = text.utf8.dropLast(Self.checksumLength + 1)
        let checksum = TokenText.filler(for: body, length: Self.checksumLength)
        guard checksum.utf8.elementsEqual(parts[4]) else { return nil }
        self.init(user: user, generation: generation)
    }
}
