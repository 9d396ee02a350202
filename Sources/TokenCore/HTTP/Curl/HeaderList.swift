/// The header lines of a request as libcurl wants them (CURLOPT_HTTPHEADER(3)), in memory that the next
/// request uses again: built by curl_slist_append(3), each line would cost three allocations.

internal import CCurl

final class HeaderList {
    private var nodes = UnsafeMutableBufferPointer<curl_slist>.allocate(capacity: 8)
    private var text = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 512)

    deinit {
        nodes.deallocate()
        text.deallocate()
    }

    /// Puts these lines in the place of those before, which no transfer may use any more.
    /// - Returns: The first of the list; nil when there is none. Valid until the next call.
    func hold(
        _ headers: [(name: String, value: Secret)]
    ) -> UnsafeMutablePointer<curl_slist>? {
        makeRoom(for: headers)
        var end = 0
        for (index, header) in headers.enumerated() {
            let isLast = index == headers.count - 1
            nodes.initializeElement(
                at: index,
                to: curl_slist(
                    data: text.baseAddress! + end,
                    next: isLast ? nil : nodes.baseAddress! + index + 1))
            append(header.name, at: &end)
            append(": ", at: &end)
            append(header.value.exposed, at: &end)
            text[end] = 0
            end += 1
        }
        return headers.isEmpty ? nil : nodes.baseAddress
    }

    private func makeRoom(for headers: [(name: String, value: Secret)]) {
        if headers.count > nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: headers.count)
        }
        let size = headers.reduce(0) {
            $0 + $1.name.utf8.count + $1.value.exposed.utf8.count + ": ".utf8.count + 1
        }
        if size > text.count {
            text.deallocate()
            text = .allocate(capacity: size)
        }
    }

    private func append(_ string: String, at end: inout Int) {
        var string = string
        string.withUTF8 { bytes in
            let place = UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(text)[end...])
            place.copyMemory(from: UnsafeRawBufferPointer(bytes))
            end += bytes.count
        }
    }
}
