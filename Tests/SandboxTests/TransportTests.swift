import Foundation
import SandboxKit
import Testing

struct TransportTests {
    @Test func `TLS is trusted through the authority file and not without it`() async throws {
        try await Sandbox.withSandbox { sandbox in
            let curl = Curl(sandbox: sandbox)
            #expect(sandbox.baseURL.hasPrefix("https://127.0.0.1:"))
            #expect(try await curl.refresh(user: "7").status == 200)
            let byName = "https://localhost:\(sandbox.port)/v1.0/me"
            #expect(try await curl.get(byName).status == 401)
            let (exitCode, _) = try await launch(
                "/usr/bin/env", ["curl", "-s", "--noproxy", "*", sandbox.baseURL])
            #expect(exitCode == 60)
        }
    }

    @Test func `the certificate's directory is private, holds no key and goes away`() async throws {
        let sandbox = try await Sandbox.start()
        let file = try #require(sandbox.certificateFile)
        let directory = URL(filePath: file).deletingLastPathComponent().path
        let files = FileManager.default
        let mode = try files.attributesOfItem(atPath: directory)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        #expect(
            try files.contentsOfDirectory(atPath: directory).sorted() == ["ca.pem", "server.pem"])
        await sandbox.stop()
        await sandbox.stop()
        #expect(!files.fileExists(atPath: directory))
    }

    @Test(arguments: [(Fault.CutPoint.beforeHeaders, 0), (.midBody, 200)])
    func `a cut under TLS leaves the client without its answer`(point: Fault.CutPoint, status: Int)
        async throws
    {
        try await Sandbox.withSandbox { sandbox in
            sandbox.script(user: "7", faults: [Fault(.cut(point))])
            let answer = try await Curl(sandbox: sandbox).refresh(user: "7")
            #expect(answer.status == status)
            // 56 (OpenSSL's "unexpected eof while reading") from newer versions of curl.
            #expect([18, 52, 56].contains(answer.exitCode))
            #expect(answer.json.isEmpty)
        }
    }

    @Test func `many requests share a connection`() async throws {
        try await Sandbox.withSandbox { sandbox in
            let url = sandbox.graphURL + "/me"
            let answer = try await Curl(sandbox: sandbox).run(Array(repeating: url, count: 50))
            #expect(answer.exitCode == 0)
            #expect(sandbox.counts.received == 50)
            #expect(sandbox.counts.connections == 1)
        }
    }

    @Test func `a client that asks to close is obeyed`() async throws {
        try await withSandbox { sandbox, curl in
            let answer = try await curl.get(sandbox.graphURL + "/me", ["-H", "Connection: close"])
            #expect(answer.status == 401)
            #expect(answer.headers["connection"] == "close")
        }
    }

    @Test func `a request body beyond a mebibyte is cut off`() async throws {
        try await withSandbox { sandbox, curl in
            let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            try Data(count: 3 << 20).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let answer = try await curl.run(["--data-binary", "@\(file.path)", curl.tokenURL])
            #expect(answer.exitCode != 0)
            #expect(sandbox.counts.received == 0)
        }
    }

    @Test func `two sandboxes share nothing`() async throws {
        try await withSandbox { first, firstCurl in
            try await withSandbox { second, secondCurl in
                first.script(user: "7", faults: [Fault(.status(500))])
                let (failed, served) = try await (
                    firstCurl.refresh(user: "7"), secondCurl.refresh(user: "7")
                )
                #expect(failed.status == 500)
                #expect(served.status == 200)
                #expect(first.port != second.port)
            }
        }
    }
}
