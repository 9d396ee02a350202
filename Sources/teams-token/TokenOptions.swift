// What the commands take that hand a token to a job.

import ArgumentParser
import TokenCore

struct TokenOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("User, as in user_id.", valueName: "user"), completion: .user)
    var user: String

    @Option(
        help: ArgumentHelp(
            "How long the token is to be valid at least (\(TokenRequest.ordinaryMinimumValidity)).",
            valueName: "duration"))
    var minValid: String?

    var request: TokenRequest {
        TokenRequest(
            user: user, minimumValidity: minValid ?? TokenRequest.ordinaryMinimumValidity)
    }
}
