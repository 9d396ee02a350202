// `access-token USER` and `exec USER -- COMMAND`, without options: what background jobs call a hundred times a
// second. Looking these up among all commands and options takes as long as the rest of such a call, so
// they are told apart by hand. Whatever else is given goes the way of all commands.

import TokenCore

enum PlainTokenCall {
    case accessToken(TokenRequest)
    case exec(TokenRequest, command: Int)

    init?(_ arguments: [String]) {
        guard arguments.count >= 2, let first = arguments[1].first, first != "-" else { return nil }
        let request = TokenRequest(user: arguments[1])
        switch arguments[0] {
        case "access-token" where arguments.count == 2: self = .accessToken(request)
        case "exec" where arguments.count > 3 && arguments[2] == "--":
            self = .exec(request, command: arguments.count - 3)
        default: return nil
        }
    }

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let invocation = PassInvocation(program: "teams-token", environment: environment)
        return switch self {
        case .accessToken(let request):
            AccessToken.program(request, invocation, showsOnTerminal: false)
        case .exec(let request, let command): Exec.program(request, invocation, words: command)
        }
    }
}
