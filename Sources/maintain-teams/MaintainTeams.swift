import ArgumentParser
@main struct MaintainTeams: ParsableCommand { func run() {} }
