/// Variables of the environment that are secrets, or lead to them.

enum SecretVariables {
    /// systemd's directory of credentials, where our client secret may be (systemd.exec(5)).
    static let credentialsDirectory = "CREDENTIALS_DIRECTORY"
    /// A token that we hand to a program with its environment.
    static let accessToken = "TEAMS_ACCESS_TOKEN"

    /// What no program that we start is to get. Whoever knows the ping's URL can ping.
    static let names: Set<String> = Set(
        Setting.table.filter(\.isSecret).map(\.key.rawValue)
            + [SettingKey.clientSecretFile, .apiKeysFile, .pingURL].map(\.rawValue)
            + [credentialsDirectory])
}
