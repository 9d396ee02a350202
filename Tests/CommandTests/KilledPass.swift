/// What a killed pass leaves behind, and what had become of each answer at that instant. The program is
/// stopped first (SIGSTOP), so that the picture stands still while it is looked at, and then killed: it
/// never runs another instruction in between.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct KilledPass {
    /// Where the newest tokens of a user were that are in no file: nobody can have them back.
    enum Loss: String, CaseIterable {
        /// The server had spent the token and not sent its answer.
        case unsent
        /// The answer was in the kernel, and the program had not read all of it.
        case unread
        /// The program had read it, and not yet written it down. One thread reads, one answer at a
        /// time: there can't be two.
        case inHand
    }

    private(set) var losses: [Int: Loss] = [:]
    /// Answers that were in the spool and not in the table.
    private(set) var spooled = 0
    /// Answers that the program had read whole.
    private(set) var read = 0

    /// Stops a pass, looks at every answer, and kills it.
    init(_ running: RunningProgram, _ world: PassWorld, users: ClosedRange<Int>) async throws {
        running.send(SIGSTOP)
        await running.isStopped()
        await world.sandbox.isQuiet()
        // In this order: what was sent by now is in the client's kernel, or was read from it.
        let requests = world.sandbox.requests
        let unreadBytes = try LoopbackConnections.unreadBytes(toPort: world.sandbox.port)
        running.send(SIGKILL)
        _ = await running.ended()
        // What the program had sent is still answered, to nobody: it spends tokens all the same.
        await world.sandbox.hasReadEverything()

        var latest: [Int: (place: Int, request: SandboxKit.RecordedRequest)] = [:]
        var lastOnPort: [Int: Int] = [:]
        for (place, request) in requests.enumerated() {
            if let port = request.clientPort { lastOnPort[port] = place }
            if let user = request.user.flatMap({ Int($0) }) { latest[user] = (place, request) }
        }
        let stored = try world.refreshTokens()
        let kept = try Spool.leftovers(at: world.database.directory.file(world.spoolName))
        for user in users {
            let newest = world.sandbox.generation(of: String(user))
            let token = try #require(stored[user])
            let isStored = token.sandboxGeneration == newest
            let isKept = !isStored && kept.contains { $0.renews(token, of: user, to: newest) }
            if isKept { spooled += 1 }
            var loss = Loss.unsent
            if let (place, request) = latest[user], request.status == 200, request.isSent {
                // A connection carries one request at a time: the next one proves the answer read.
                let isLast = request.clientPort.flatMap { lastOnPort[$0] } == place
                let unread = try #require(request.clientPort.flatMap { unreadBytes[$0] })
                loss = isLast && unread > 0 ? .unread : .inHand
                if loss == .inHand { read += 1 }
            }
            if !isStored, !isKept { losses[user] = loss }
        }
    }

    func count(_ loss: Loss) -> Int { losses.values.count { $0 == loss } }
}

extension PassWorld {
    /// Of every user, as the table holds it.
    fileprivate func refreshTokens() throws -> [Int: String] {
        let rows = try database.session().query("SELECT user_id, refresh_token FROM oauth_tokens")
        return Dictionary(
            rows.map { (Int($0[0] ?? "") ?? 0, $0[1] ?? "") }, uniquingKeysWith: { $1 })
    }
}

extension String {
    /// Of a refresh token; without looking at its checksum, which is slow for hundreds of them.
    fileprivate var sandboxGeneration: Int? {
        let parts = split(separator: ".")
        return parts.count > 2 ? Int(parts[2]) : nil
    }
}

extension Spool.Record {
    /// Whether storing it gives a user, whose row holds `token`, the token of a generation.
    fileprivate func renews(_ token: String, of user: Int, to generation: Int) -> Bool {
        guard connection.userID == .integer(Int64(user)), sent == .ofToken(Secret(token)),
            let tokens = try? TokenResponse.decode(body, requestedAt: requestedAt)
        else { return false }
        return tokens.refreshToken?.exposed.sandboxGeneration == generation
    }
}

extension RunningProgram {
    /// Whether it is only waiting to be waited for (proc(5): a zombie).
    var hasEnded: Bool {
        let status = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)
        return status?.split(separator: ")").last?.hasPrefix(" Z") ?? true
    }

    /// Returns once every thread has stopped, or the program has ended.
    fileprivate func isStopped() async {
        while true {
            let threads =
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(identifier)/task"))
                ?? []
            let states = threads.compactMap { thread in
                // proc(5): the state is the first word behind the name in parentheses.
                (try? String(
                    contentsOfFile: "/proc/\(identifier)/task/\(thread)/stat", encoding: .utf8))?
                    .split(separator: ")").last?.split(separator: " ").first
            }
            if states.allSatisfy({ $0 == "T" || $0 == "Z" }) { return }
            await Task.yield()
        }
    }
}

extension Sandbox {
    /// Returns once each answer that was begun is the kernel's.
    fileprivate func isQuiet() async {
        while requests.contains(where: { $0.status == 200 && !$0.isSent }) { await Task.yield() }
    }
}

extension Sandbox {
    /// Returns once no client is connected and no request is under way.
    fileprivate func hasReadEverything() async {
        while (try? LoopbackConnections.areOpen(onPort: port)) != false || inFlight > 0 {
            await Task.yield()
        }
    }
}

/// TCP connections on 127.0.0.1 as the kernel sees them (proc(5), /proc/net/tcp).
enum LoopbackConnections {
    /// For each client's port of a server, the bytes that the kernel has for the client.
    static func unreadBytes(toPort server: Int) throws -> [Int: Int] {
        var unread: [Int: Int] = [:]
        for fields in try table() where port(fields[2]) == server {
            unread[port(fields[1])] = Int(fields[4].split(separator: ":")[1], radix: 16) ?? 0
        }
        return unread
    }

    /// Whether the server has a connection that it has not closed.
    static func areOpen(onPort server: Int) throws -> Bool {
        // 01 is ESTABLISHED, 08 CLOSE_WAIT.
        try table().contains { port($0[1]) == server && ["01", "08"].contains($0[3]) }
    }

    private static func port(_ address: Substring) -> Int {
        Int(address.split(separator: ":")[1], radix: 16) ?? 0
    }

    private static func table() throws -> [[Substring]] {
        // Other programs' connections are in it too: it may be long.
        let table = try FileDescriptor(path: "/proc/net/tcp", flags: O_RDONLY).read(
            count: 8 << 20, at: 0)
        return String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst()
            .map { $0.split(separator: " ") }
    }
}
