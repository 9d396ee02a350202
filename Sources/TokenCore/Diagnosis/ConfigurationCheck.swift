/// The settings: complete and readable, and in a sound relation to each other.

internal import FoundationEssentials

struct ConfigurationCheck {
    let result: Result<Configuration, ConfigurationFailure>

    var findings: [CheckupFinding] {
        switch result {
        case .failure(let failure): return failure.problems.map(CheckupFinding.init)
        case .success(let configuration):
            let aboutTimes = ConfigurationLoader.warningsAboutTimes(configuration)
            let warnings = configuration.warnings.filter { !aboutTimes.contains($0) }
            let source = configuration.file.map { "in \($0.sanitized())" } ?? "in the environment"
            return warnings.map { CheckupFinding(.configuration, .warning, sentence: $0) }
                + [CheckupFinding(.configuration, .ok, "the settings \(source) are complete")]
                + secret(configuration) + timing(configuration)
        }
    }

    /// Entra shows both beside each other; a value is never a GUID.
    private func secret(_ configuration: Configuration) -> [CheckupFinding] {
        guard let secret = configuration.clientSecret, UUID(uuidString: secret.exposed) != nil
        else { return [] }
        return [
            CheckupFinding(
                .configuration, .warning, "the client secret has the form of a secret's ID",
                why: "Microsoft wants the value and refuses the ID (AADSTS7000215)",
                remedy:
                    "in the Entra admin center, Certificates & secrets, copy the Value; it is shown "
                    + "only once, so an older secret must be made anew")
        ]
    }

    private func timing(_ configuration: Configuration) -> [CheckupFinding] {
        let text = DurationText.text(of:)
        let interval = configuration.passInterval
        var findings: [CheckupFinding] = []
        if configuration.refreshBefore < interval {
            findings.append(
                CheckupFinding(
                    .schedule, .problem(.config),
                    "TEAMS_REFRESH_BEFORE is \(text(configuration.refreshBefore)), less than the "
                        + "\(text(interval)) from one pass to the next",
                    why: "tokens expire between two passes, while all passes are well",
                    remedy: "TEAMS_REFRESH_BEFORE=\(text(interval * 3)), or passes more often"))
        } else if configuration.refreshBefore < interval * 2 {
            findings.append(
                CheckupFinding(
                    .schedule, .warning,
                    "TEAMS_REFRESH_BEFORE is \(text(configuration.refreshBefore)), less than two pass "
                        + "intervals of \(text(interval))",
                    why: "one pass that is missed can cost a token",
                    remedy: "TEAMS_REFRESH_BEFORE=\(text(interval * 3)), or passes more often"))
        }
        if configuration.maxDuration >= interval {
            findings.append(
                CheckupFinding(
                    .schedule, .warning,
                    "TEAMS_MAX_DURATION is \(text(configuration.maxDuration)), and the next pass "
                        + "starts after \(text(interval))",
                    why: "the next pass finds the lock taken and ends with BUSY (11)",
                    remedy: "TEAMS_MAX_DURATION=\(text(interval * 4 / 5))"))
        }
        if findings.isEmpty {
            findings.append(
                CheckupFinding(
                    .schedule, .ok,
                    "a token is due \(text(configuration.refreshBefore)) before it expires, and a "
                        + "pass comes every \(text(interval)), as TEAMS_PASS_INTERVAL says"))
        }
        return findings
    }
}

extension CheckupFinding {
    init(_ problem: ConfigurationProblem) {
        let status: ExitStatus = problem.kind == .permission ? .permission : .config
        self.init(
            .configuration, .problem(status), sentence: problem.description,
            why: "every pass ends with \(status.name) (\(status.code)) until it is mended")
    }
}
