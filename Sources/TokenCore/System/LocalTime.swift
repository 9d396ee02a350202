/// Naive times in a zone's local time. UTC is plain arithmetic; a named zone is looked up by glibc,
/// whose only way to name one is the TZ variable of the process (tzset(3)).

internal import Glibc
internal import Synchronization

public enum LocalTime: Equatable, Sendable {
    case utc
    /// A name under /usr/share/zoneinfo, for example `Europe/Berlin`.
    case named(String)

    public init(zone: String) {
        self = zone == "UTC" || zone == "Etc/UTC" ? .utc : .named(zone)
    }

    /// Seconds since 1970 of a local time. Of an ambiguous hour the earlier; a time that the clock
    /// skipped is taken as if it had not.
    func seconds(of local: CalendarTime) -> Int64 {
        guard case .named(let zone) = self else { return local.utcSeconds }
        return Self.inZone(zone) {
            let readings = [Int32(1), 0].compactMap { daylight -> Int64? in
                var fields = tm(local, daylight: daylight)
                let seconds = Int64(mktime(&fields))
                return CalendarTime(fields) == local ? seconds : nil
            }
            if let earliest = readings.min() { return earliest }
            var fields = tm(local, daylight: -1)
            return Int64(mktime(&fields))
        }
    }

    /// The local time of an instant.
    func calendar(ofSeconds seconds: Int64) -> CalendarTime {
        guard case .named(let zone) = self else { return CalendarTime(utcSeconds: seconds) }
        return Self.inZone(zone) {
            var instant = time_t(seconds)
            var fields = tm()
            localtime_r(&instant, &fields)
            return CalendarTime(fields)
        }
    }

    private static let current = Mutex("")

    /// TZ belongs to the whole process, so one zone is looked up at a time.
    private static func inZone<Value>(_ zone: String, _ body: () -> Value) -> Value {
        current.withLock { current in
            if current != zone {
                setenv("TZ", ":\(zone)", 1)
                tzset()
                current = zone
            }
            return body()
        }
    }
}

extension tm {
    fileprivate init(_ time: CalendarTime, daylight: Int32) {
        self.init()
        tm_year = Int32(clamping: time.year - 1900)
        tm_mon = Int32(clamping: time.month - 1)
        tm_mday = Int32(clamping: time.day)
        tm_hour = Int32(clamping: time.hour)
        tm_min = Int32(clamping: time.minute)
        tm_sec = Int32(clamping: time.second)
        tm_isdst = daylight
    }
}

extension CalendarTime {
    fileprivate init(_ fields: tm) {
        self.init(
            year: Int(fields.tm_year) + 1900, month: Int(fields.tm_mon) + 1,
            day: Int(fields.tm_mday), hour: Int(fields.tm_hour), minute: Int(fields.tm_min),
            second: Int(fields.tm_sec))
    }
}
