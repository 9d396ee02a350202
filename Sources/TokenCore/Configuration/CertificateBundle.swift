/// What keeps a file from being a bundle of certificates at all; libcurl judges the certificates themselves.

internal import Glibc

enum CertificateBundle {
    /// - Returns: What is wrong, after a semicolon the way out; nil where it holds a certificate.
    /// - Throws: ``SystemError`` when it can't be read.
    static func fault(_ file: FileStatus) throws(SystemError) -> String? {
        let wayOut = "; name a PEM bundle, or take the setting out to trust the system's store"
        guard file.isRegular else {
            return (file.isDirectory ? "is a directory" : "is no ordinary file") + wayOut
        }
        guard file.size > 0 else { return "is empty" + wayOut }
        guard try holdsCertificate(file) else {
            return "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)" + wayOut
        }
        return nil
    }

    static func isUsable(_ path: String) -> Bool {
        guard FilePaths.canRead(path), let status = try? FileStatus(path: path) else {
            return false
        }
        do { return try fault(status) == nil } catch { return false }
    }

    private static let marks = ["CERTIFICATE", "TRUSTED CERTIFICATE"].map { label in
        Array("-----BEGIN \(label)-----".utf8)
    }

    private static func holdsCertificate(_ file: FileStatus) throws(SystemError) -> Bool {
        let descriptor = try FileDescriptor(path: file.path, flags: O_RDONLY)
        // A mark may lie across the border of two parts.
        let (step, overlap) = (1 << 16, 64)
        for offset in stride(from: 0, to: file.size, by: step) {
            let part = try descriptor.read(count: step + overlap, at: offset)
            if marks.contains(where: { part.firstRange(of: $0) != nil }) { return true }
        }
        return false
    }
}
