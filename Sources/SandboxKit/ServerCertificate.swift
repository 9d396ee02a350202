import Foundation
import Glibc

/// A certificate authority for one run and a server certificate under it, made by `openssl`.
///
/// Both live for a week in a private temporary directory; the keys leave the disk as soon as the
/// server has read its own, so that nothing else can ever be signed.
struct ServerCertificate {
    /// Mode 0700; holds ``authorityFile`` and, until they are erased, the rest.
    let directory: String

    var authorityFile: String { directory + "/ca.pem" }
    var chainFile: String { directory + "/server.pem" }
    var keyFile: String { directory + "/server.key" }
    private var authorityKeyFile: String { directory + "/ca.key" }

    static func make() async throws -> ServerCertificate {
        let certificate = ServerCertificate(directory: try makePrivateDirectory())
        do {
            try await certificate.sign()
        } catch {
            certificate.erase()
            throw error
        }
        return certificate
    }

    func eraseKeys() {
        for file in [keyFile, authorityKeyFile] { unlink(file) }
    }

    /// Removes the directory; what is gone already is no mistake.
    func erase() {
        eraseKeys()
        for file in [authorityFile, chainFile] { unlink(file) }
        rmdir(directory)
    }

    private func sign() async throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await openssl(
            ["req", "-x509", "-days", "7", "-subj", "/CN=teams-sandbox CA"] + key + [
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout", authorityKeyFile, "-out", authorityFile,
            ])
        try await openssl(
            ["req", "-x509", "-days", "7", "-subj", "/CN=localhost"] + key + [
                "-CA", authorityFile, "-CAkey", authorityKeyFile,
                "-addext", "basicConstraints=critical,CA:FALSE",
                "-addext", "extendedKeyUsage=serverAuth",
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
                "-keyout", keyFile, "-out", chainFile,
            ])
    }

    private func openssl(_ arguments: [String]) async throws {
        let complaints = directory + "/openssl.log"
        defer { unlink(complaints) }
        let status = try await SystemCommand.run(["openssl"] + arguments, complaints: complaints)
        guard status != 0 else { return }
        let text = (try? String(contentsOfFile: complaints, encoding: .utf8)) ?? ""
        throw SandboxError("openssl exited with \(status): \(text)")
    }

    private static func makePrivateDirectory() throws -> String {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/teams-sandbox.XXXXXX".utf8CString)
        // mkdtemp(3) creates it 0700 under a name that nobody could guess.
        guard mkdtemp(&template) != nil else {
            throw SandboxError("mkdtemp in \(parent): \(String(cString: strerror(errno)))")
        }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Why a sandbox could not start.
public struct SandboxError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) { self.description = description }
}
