/// A directory of its own for each test, open to everybody, so that only the modes of files count.

import FoundationEssentials
import Glibc

@testable import TokenCore

final class ConfigurationFixture {
    let directory: String

    init() throws {
        // Beside /tmp nothing is sure to be open to the world and writable for us.
        var template = Array("/tmp/maintain-teams-configuration-XXXXXX".utf8CString)
        guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else {
            throw SystemError.last("mkdtemp")
        }
        directory = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        chmod(directory, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    @discardableResult
    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o600) throws -> String {
        let path = "\(directory)/\(name)"
        var parent = directory
        for part in name.split(separator: "/").dropLast() {
            parent += "/\(part)"
            mkdir(parent, 0o755)
        }
        let file = try FileDescriptor(path: path, flags: O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(bytes)
        chmod(path, mode)
        return path
    }

    func setMode(_ mode: mode_t, of name: String) { chmod("\(directory)/\(name)", mode) }

    /// Loads with this directory's `etc` in the place of /etc and its `home` as the home.
    func load(
        options: [SettingKey: String] = [:], configOption: String? = nil,
        environment: [String: String] = [:], needsClient: Bool = true, isRoot: Bool = false,
        refusing refused: Set<String> = []
    ) throws(ConfigurationFailure) -> Configuration {
        let places = DefaultPlaces(
            environment: environment, isRoot: isRoot, home: "\(directory)/home",
            etc: "\(directory)/etc")
        return try ConfigurationLoader.load(
            options: Dictionary(uniqueKeysWithValues: options.map { ($0.key.rawValue, $0.value) }),
            configOption: configOption, environment: environment, needsClient: needsClient,
            places: places,
            read: { path throws(SystemError) in
                // Tests run as root too, whom no mode keeps out.
                guard !refused.contains(path) else {
                    throw SystemError(code: EACCES, action: "open")
                }
                return try FilePaths.contents(of: path)
            })
    }

    /// Loads a config file of these lines.
    func load(
        lines: String, mode: mode_t = 0o600, environment: [String: String] = [:],
        needsClient: Bool = true
    ) throws -> Configuration {
        let path = try write(lines, to: "config.env", mode: mode)
        return try load(
            configOption: path, environment: environment, needsClient: needsClient)
    }

    /// What is wrong with a config file of these lines.
    func problems(
        lines: String, mode: mode_t = 0o600, environment: [String: String] = [:],
        needsClient: Bool = true
    ) throws -> [ConfigurationProblem] {
        do {
            _ = try load(
                lines: lines, mode: mode, environment: environment, needsClient: needsClient)
            return []
        } catch let failure as ConfigurationFailure {
            return failure.problems
        }
    }

    /// What is wrong with one value in the environment.
    func problem(_ key: SettingKey, _ value: String) -> ConfigurationProblem? {
        var environment = ["TEAMS_CLIENT_ID": "sandbox", "TEAMS_DATABASE": "/d/t.sqlite3"]
        environment[key.rawValue] = value
        do {
            _ = try load(environment: environment)
            return nil
        } catch {
            return error.problems.first
        }
    }
}
