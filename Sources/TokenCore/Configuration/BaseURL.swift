/// A URL that others are built on: https (http on loopback), a host, perhaps a port and a path.

enum BaseURL {
    /// - Returns: The URL without its trailing slashes.
    static func check(_ value: String) throws(Complaint) -> String {
        // A URL with a user in it may hold a password: nothing of it is echoed.
        guard !value.contains("@") else {
            throw Complaint("holds a user name or an @; remove it from the URL")
        }
        guard let colon = value.firstIndex(of: ":"), value[colon...].hasPrefix("://") else {
            throw Complaint(value, "is not a URL; begin it with https://")
        }
        let scheme = value[..<colon].lowercased()
        guard scheme == "https" || scheme == "http" else {
            throw Complaint(value, "is not an https URL; begin it with https://")
        }
        guard !value.contains("?"), !value.contains("#") else {
            throw Complaint(value, "has a query or a fragment; end it before the ? or #")
        }
        let rest = value[colon...].dropFirst(3)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let host = host(of: rest[..<slash]) else {
            throw Complaint(value, "has no usable host; write https://host or https://host:port")
        }
        guard scheme == "https" || isLoopback(host) else {
            throw Complaint(value, "would send secrets in the clear; begin it with https://")
        }
        var path = rest[slash...]
        while path.last == "/" { path.removeLast() }
        guard path.utf8.allSatisfy(isPathByte) else {
            throw Complaint(value, "has a character that no URL may have; write it as %XX")
        }
        return "\(scheme)://\(rest[..<slash])\(path)"
    }

    /// `localhost`, 127.0.0.0/8 and `[::1]`: what is sent there never leaves the machine.
    static func isLoopback(_ host: Substring) -> Bool {
        if host.lowercased() == "localhost" || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127"
            && octets.allSatisfy {
                $0.count <= 3 && $0.utf8.allSatisfy(\.isASCIIDigit) && UInt8($0) != nil
            }
    }

    /// The host of `host` or `host:port`, brackets included; `nil` when either is malformed.
    private static func host(of authority: Substring) -> Substring? {
        var host = authority
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            let port = authority[authority.index(after: colon)...]
            guard port.utf8.allSatisfy(\.isASCIIDigit), let number = UInt16(port), number > 0 else {
                return nil
            }
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inside = host.dropFirst().dropLast().utf8
            let isAddress = inside.allSatisfy { $0.isASCIIHexDigit || ":.".utf8.contains($0) }
            return isAddress && inside.contains(UInt8(ascii: ":")) ? host : nil
        }
        let isName = host.utf8.allSatisfy(isHostByte)
        return isName && !host.isEmpty && !host.hasPrefix(".") && !host.hasPrefix("-") ? host : nil
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || ".-_".utf8.contains(byte)
    }

    /// RFC 3986 §3.3, without the characters that only confuse a reader.
    private static func isPathByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || "/-._~%!$&'()*+,;=:".utf8.contains(byte)
    }
}
