import ArgumentParser
@main struct TeamsToken: ParsableCommand { func run() {} }
