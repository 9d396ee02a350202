// A shell's Tab on a user: the users of the database that the rest of the line names.

import ArgumentParser
import TokenCore

extension CompletionKind {
    static let user = custom { words, _, prefix in
        UserCompletion.candidates(
            words: words, prefix: prefix,
            shell: CompletionShell.requesting.flatMap {
                UserCompletion.Shell(rawValue: $0.rawValue)
            },
            environment: ProcessSetup.environment)
    }
}
