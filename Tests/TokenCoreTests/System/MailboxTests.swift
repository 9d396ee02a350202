/// Nothing that is posted is lost, and nobody waits for what has come.

import TestSupport
import Testing

@testable import TokenCore

struct MailboxTests {
    @Test func `all that has come is picked up at once, in order`() async {
        let mailbox = Mailbox<Int>()
        for number in 1...5 { mailbox.post(number) }
        #expect(await mailbox.next() == [1, 2, 3, 4, 5])
        mailbox.post(6)
        #expect(await mailbox.next() == [6])
    }

    @Test func `a reader who came first is woken`() async {
        let mailbox = Mailbox<Int>()
        async let first = mailbox.next()
        for _ in 0..<100 { await Task.yield() }
        mailbox.post(1)
        #expect(await first == [1])
    }

    @Test func `many threads post at once`() async {
        let mailbox = Mailbox<(thread: Int, number: Int)>()
        let (threads, each) = (8, 1000)
        for thread in 0..<threads {
            Thread.start(named: "poster") {
                for number in 0..<each { mailbox.post((thread, number)) }
            }
        }
        var received: [[Int]] = Array(repeating: [], count: threads)
        var count = 0
        while count < threads * each {
            for (thread, number) in await mailbox.next() {
                received[thread].append(number)
                count += 1
            }
        }
        #expect(received == Array(repeating: Array(0..<each), count: threads))
    }
}
