#!/usr/bin/env python3
"""A day of a million connections, as docs/scaling.md tells it: how much has to be refreshed, and whose token
expires when Microsoft does not answer for 40 minutes, or the machine restarts.

A sample of connections is followed one by one; each stands for as many as are needed to make a million, and a
request of it takes as long as all of theirs. The rules are those of CandidateSource, PassScheduler and
BackoffPolicy. Nothing is measured: the same seed gives the same numbers on every machine.

    simulate-day.py                          prints the tables
    simulate-day.py --update docs/scaling.md puts them between their markers in the page
    simulate-day.py --check docs/scaling.md  tells by its exit status whether the page has them
    simulate-day.py --plot docs/scaling.svg  draws the bad day (needs matplotlib)
"""

import argparse
import math
import random
import re
import sys
from dataclasses import dataclass, replace

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
CONNECTIONS = 1_000_000
SHORTEST, LONGEST = 60 * MINUTE, 90 * MINUTE  # of an access token's life
REFRESHES_PER_CPU_SECOND = 8_000  # of a machine with two cores, TLS and storing included
WARM_UP = 4 * HOUR
# (share of the users, their noon in UTC): Europe, the Americas, East Asia.
ZONES = ((0.45, 11 * HOUR), (0.35, 17 * HOUR), (0.20, 4 * HOUR))


@dataclass(frozen=True)
class Machine:
    """What carries the load, as it is configured."""
    concurrency: int = 500
    latency: float = 0.3  # seconds from a request to its answer
    margin: int = 30 * MINUTE  # TEAMS_REFRESH_BEFORE
    interval: int = 15 * MINUTE  # TEAMS_PASS_INTERVAL

    @property
    def budget(self):  # TEAMS_MAX_DURATION
        return 0.8 * self.interval

    @property
    def rate(self):
        return min(self.concurrency / self.latency, REFRESHES_PER_CPU_SECOND)

    @property
    def cycle(self):
        """The mean time between two refreshes of a connection: its token's life without the margin, and half an
        interval until the next pass comes. Where a pass takes long, half of that comes to it."""
        return (SHORTEST + LONGEST) / 2 - self.margin + self.interval / 2


@dataclass(frozen=True)
class Weather:
    """What goes wrong, as (begin, end) in seconds of the day."""
    outage: tuple = (0, 0)
    restart: tuple = (0, 0)
    limit: float = math.inf  # refreshes a second that Microsoft takes, counted over WINDOW
    retry_after: float = 60


WINDOW = 10
QUIET = Weather()
# The outage begins and ends so that three passes of a 15-minute schedule fall into it: the worst case.
BAD = Weather(outage=(13 * HOUR + 50 * MINUTE, 14 * HOUR + 30 * MINUTE),
              restart=(9 * HOUR, 9 * HOUR + 10 * MINUTE))


def during(span, instant):
    return span[0] <= instant < span[1]


class Day:
    OUTAGE_PATIENCE = 60
    THROTTLE_PATIENCE = 30
    REGROWTH = 300  # seconds in which the width doubles after a refusal
    START = 1  # from cron's tick to the first request

    def __init__(self, machine, weather, sample, seed=1):
        self.machine, self.weather = machine, weather
        self.weight = CONNECTIONS / sample
        self.random = random.Random(seed).random
        self.expires = [-WARM_UP + self.random() * self.lifetime() for _ in range(sample)]
        self.failed = [False] * sample
        self.paused_until = -WARM_UP
        self.expired_minutes = [0.0] * 24
        self.expired = [set() for _ in range(24)]
        self.refreshes_by_minute = [0] * (DAY // MINUTE)
        self.least_left = LONGEST
        self.passes = []  # durations
        self.sign_ins = sorted(self.sign_in(user) for user in range(sample))
        self.next_sign_in = 0
        self.run()

    def lifetime(self):
        return SHORTEST + self.random() * (LONGEST - SHORTEST)

    def sign_in(self, user):
        """When a user signs in to the application, which stores new tokens: once a day, mostly in the morning."""
        place = self.random()
        for share, noon in ZONES:
            if place < share:
                break
            place -= share
        # Between 5 hours before noon and 6 after it, most often 3 before.
        at, peak = self.random(), 2 / 11
        hours = 11 * math.sqrt(at * peak) if at < peak else 11 * (1 - math.sqrt((1 - at) * (1 - peak)))
        instant = (noon - 5 * HOUR + hours * HOUR) % DAY
        if during(self.weather.outage, instant):  # tried again when it works
            instant = self.weather.outage[1] + self.random() * 5 * MINUTE
        return instant, user

    def run(self):
        # At :07, :22, :37, :52, as in crontab.example.
        tick = -WARM_UP + 7 * MINUTE
        while tick < DAY:
            if not during(self.weather.restart, tick):
                self.one_pass(tick + self.START)
            tick += self.machine.interval
        self.apply_sign_ins(DAY)
        for user in range(len(self.expires)):
            self.account(user, DAY)

    def one_pass(self, began):
        machine, weather, now = self.machine, self.weather, began
        self.apply_sign_ins(now)
        if now < self.paused_until:
            return
        horizon, deadline = now + machine.margin, now + machine.budget
        due = sorted((self.failed[user], at, user) for user, at in enumerate(self.expires) if at <= horizon)
        width, throttled, in_window, window = machine.concurrency, 0, 0, 0
        grows_from = now
        fastest = self.weight / REFRESHES_PER_CPU_SECOND
        unanswered, is_ending = 0, False
        for _, _, user in due:
            if now >= deadline or during(weather.restart, now) or (is_ending and unanswered == 0):
                break
            self.apply_sign_ins(now)
            if self.expires[user] > horizon:
                continue
            if unanswered > 0:  # those that were in flight with one that failed, or asked meanwhile
                unanswered -= 1
                self.failed[user] = True
                continue
            if during(weather.outage, now):
                self.failed[user] = True
                now = min(now + self.OUTAGE_PATIENCE, max(now + 1, weather.outage[1]))
                is_ending = during(weather.outage, now)
                unanswered = max(0, round((width + self.OUTAGE_PATIENCE) / self.weight) - 1)
                continue
            if now // WINDOW != window:
                window, in_window = now // WINDOW, 0
            if in_window + self.weight > weather.limit * WINDOW:
                self.failed[user] = True
                unanswered = max(0, round(width / self.weight) - 1)
                if throttled + weather.retry_after > self.THROTTLE_PATIENCE:
                    self.paused_until, is_ending = now + weather.retry_after, True
                    continue
                throttled += weather.retry_after
                now += weather.retry_after
                width, grows_from = max(1, width / 2), now
                continue
            in_window += self.weight
            now += max(self.weight / width * machine.latency, fastest)
            if now > grows_from:  # full width from the start, until a refusal
                width = min(machine.concurrency, width * 2 ** ((now - grows_from) / self.REGROWTH))
                grows_from = now
            self.failed[user] = False
            self.renew(user, now + machine.latency)
            if 0 <= now < DAY:
                self.refreshes_by_minute[int(now) // MINUTE] += 1
        if began >= 0:
            self.passes.append(now - began)

    def apply_sign_ins(self, now):
        while self.next_sign_in < len(self.sign_ins) and self.sign_ins[self.next_sign_in][0] <= now:
            instant, user = self.sign_ins[self.next_sign_in]
            self.next_sign_in += 1
            self.failed[user] = False
            self.renew(user, instant, by_pass=False)

    def renew(self, user, now, by_pass=True):
        self.account(user, now)
        if by_pass and now >= 0:
            self.least_left = min(self.least_left, max(0, self.expires[user] - now))
        self.expires[user] = now + self.lifetime()

    def account(self, user, now):
        """Counts the time for which the stored token was past its expiry."""
        begin, end = max(0, self.expires[user]), min(now, DAY)
        while begin < end:
            hour = int(begin // HOUR)
            until = min(end, (hour + 1) * HOUR)
            self.expired_minutes[hour] += (until - begin) / MINUTE
            self.expired[hour].add(user)
            begin = until

    def real(self, count):
        return count * self.weight

    @property
    def per_second(self):
        return self.real(sum(self.refreshes_by_minute)) / DAY

    @property
    def peak(self):
        return self.real(max(self.refreshes_by_minute)) / MINUTE

    @property
    def users_expired(self):
        return self.real(len(set().union(*self.expired)))

    @property
    def hours_expired(self):
        return self.real(sum(self.expired_minutes)) / 60


def number(value, digits=3):
    if value <= 0:
        return "0"
    rest = max(0, int(math.floor(math.log10(value))) + 1 - digits)
    return f"{round(value / 10 ** rest) * 10 ** rest:,.0f}"


def about(value):
    """Of what a sample says about a few minutes no third digit means anything."""
    return number(value, 2)


def duration(seconds):
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.1f} min"


def table(head, rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in [head] + rows]
    return "\n".join([lines[0], "|" + "---|" * len(head)] + lines[1:])


class Report:
    MARGINS = (15, 30, 45)

    def __init__(self, sample, seed):
        self.sample, self.seed = sample, seed
        self.days = {}

    def simulate(self, machine, weather):
        if (machine, weather) not in self.days:
            self.days[machine, weather] = Day(machine, weather, self.sample, self.seed)
        return self.days[machine, weather]

    def tables(self):
        return {"need": self.need(), "carried": self.carried(), "bad-day": self.bad_day(),
                "levers": self.levers(), "machines": self.machines(), "throttling": self.throttling()}

    def need(self):
        rows = []
        for margin in self.MARGINS:
            machine = Machine(margin=margin * MINUTE)
            day = self.simulate(machine, QUIET)
            rows.append([f"{margin} min", f"{machine.cycle / MINUTE} min", number(CONNECTIONS / machine.cycle),
                         number(day.per_second), number(CONNECTIONS / machine.cycle * machine.interval),
                         number(day.peak), duration(sorted(day.passes)[len(day.passes) // 2]),
                         f"{day.least_left / MINUTE:.0f} min"])
        return table(["margin", "time between two refreshes", "refreshes/s by the formula", "simulated",
                      "refreshes per pass", "in the busiest minute, refreshes/s", "median pass",
                      "least life left at a refresh"], rows)

    def carried(self):
        rows = []
        for concurrency in (16, 100, 500):
            for latency in (0.1, 0.3):
                machine = Machine(concurrency, latency)
                rows.append([str(concurrency), f"{latency * 1000:.0f} ms", number(machine.rate)] + [
                    number(machine.rate * machine.budget / machine.interval
                           * replace(machine, margin=margin * MINUTE).cycle) for margin in self.MARGINS]
                            + [number(machine.rate * machine.budget)])
        return table(["concurrency", "answer after", "refreshes/s"]
                     + [f"carries at {margin} min" for margin in self.MARGINS] + ["all of them in one pass"], rows)

    def bad_day(self):
        days = [self.simulate(Machine(margin=margin * MINUTE), BAD) for margin in self.MARGINS]
        quiet = [self.simulate(Machine(margin=margin * MINUTE), QUIET) for margin in self.MARGINS]

        def pair(users, minutes):
            return f"{about(users)}, {about(minutes)} min" if users else "0"

        rows = [["any hour of a quiet day, at most"] + [
            pair(day.real(max(map(len, day.expired))), day.real(max(day.expired_minutes))) for day in quiet]]
        for hour in range(24):
            # What every hour of the quiet day has is no news.
            if any(day.real(day.expired_minutes[hour]) > 2 * calm.real(max(calm.expired_minutes))
                   for day, calm in zip(days, quiet)):
                rows.append([f"{hour:02}:00 to {hour + 1:02}:00"] + [
                    pair(day.real(len(day.expired[hour])), day.real(day.expired_minutes[hour])) for day in days])
        rows.append(["the day"] + [pair(day.users_expired, 60 * day.hours_expired) for day in days])
        rows.append(["busiest minute, refreshes/s"] + [number(day.peak) for day in days])
        rows.append(["longest pass"] + [duration(max(day.passes)) for day in days])
        return table(["UTC"] + [f"margin {margin} min" for margin in self.MARGINS], rows)

    def levers(self):
        rows = []
        for interval, margin in ((15, 30), (5, 30), (15, 45), (5, 45)):
            machine = Machine(margin=margin * MINUTE, interval=interval * MINUTE)
            day = self.simulate(machine, BAD)
            rows.append([f"{interval} min", f"{margin} min", number(CONNECTIONS / machine.cycle),
                         about(day.users_expired), about(day.hours_expired),
                         about(day.hours_expired * 60 / day.users_expired) + " min"
                         if day.users_expired else "–"])
        return table(["a pass every", "margin", "refreshes/s", "users with an expired token",
                      "expired, in connection-hours", "mean time each"], rows)

    def machines(self):
        rows = []
        for concurrency, latency in ((16, 0.1), (100, 0.1), (100, 0.3), (500, 0.1), (500, 0.3)):
            machine = Machine(concurrency, latency)
            quiet, bad = self.simulate(machine, QUIET), self.simulate(machine, BAD)
            rows.append([str(concurrency), f"{latency * 1000:.0f} ms", about(quiet.hours_expired),
                         about(bad.hours_expired), duration(max(quiet.passes)), duration(max(bad.passes)),
                         str(sum(took >= machine.budget for took in bad.passes))])
        return table(["concurrency", "answer after", "expired on a quiet day, connection-hours", "on the bad day",
                      "longest pass, quiet", "bad", "passes cut off by the budget, bad"], rows)

    def throttling(self):
        rows = []
        for concurrency in (500, 90, 45):
            for retry_after in (10, 60):
                machine = Machine(concurrency, 0.1)
                day = self.simulate(machine, Weather(limit=500, retry_after=retry_after))
                rows.append([str(concurrency), number(machine.rate), f"{retry_after} s", about(day.per_second),
                             about(day.hours_expired / 24)])
        return table(["concurrency", "asks for, refreshes/s", "`Retry-After`", "gets, on average of the day",
                      "expired at any time"], rows)

    def plot(self, path):
        import matplotlib
        matplotlib.use("svg")
        from matplotlib import pyplot
        pyplot.rcParams.update({"svg.hashsalt": "maintain-teams", "svg.fonttype": "none", "font.size": 9})
        figure, (above, below) = pyplot.subplots(2, 1, figsize=(8, 5.5), sharex=True)
        for margin in self.MARGINS:
            day = self.simulate(Machine(margin=margin * MINUTE), BAD)
            above.stairs([day.real(minutes) / 60 / 1000 for minutes in day.expired_minutes], range(25),
                         linewidth=1.5, label=f"margin {margin} min")
            quarters = [sum(day.refreshes_by_minute[at:at + 15]) for at in range(0, DAY // MINUTE, 15)]
            below.step([at / 4 for at in range(96)], [day.real(count) / 900 for count in quarters],
                       where="post", label=f"margin {margin} min")
        for axes in (above, below):
            axes.axvspan(*(at / HOUR for at in BAD.outage), color="0.85")
            axes.axvspan(*(at / HOUR for at in BAD.restart), color="0.85")
            axes.set_ylim(bottom=0)
            axes.spines[["top", "right"]].set_visible(False)
        above.set_ylabel("expired tokens,\nmean of the hour, thousands")
        below.set_ylabel("refreshes/s,\nmean of 15 minutes")
        below.set_xlabel("hour of the day, UTC; grey: restart of 10 min, outage of 40 min")
        below.set_xlim(0, 24)
        above.legend(frameon=False)
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None})


def filled(page, tables):
    """The page with the tables between their markers."""
    for name, text in tables.items():
        begin, end = f"<!-- simulate-day.py: {name} -->\n", f"\n<!-- end of {name} -->"
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        page, count = re.subn(pattern, lambda _: begin + text + end, page, flags=re.DOTALL)
        if count != 1:
            sys.exit(f"simulate-day: the page has {count} places for the table {name}, not one")
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--update", metavar="PAGE", help="put the tables between their markers")
    parser.add_argument("--check", metavar="PAGE", help="fail if the page has other tables")
    parser.add_argument("--plot", metavar="SVG", help="draw the bad day")
    parser.add_argument("--sample", type=int, default=2_500, help="connections followed (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    report = Report(arguments.sample, arguments.seed)
    if arguments.plot:
        report.plot(arguments.plot)
        return
    tables = report.tables()
    path = arguments.update or arguments.check
    if path is None:
        print("\n\n".join(f"{name}\n\n{text}" for name, text in tables.items()))
        return
    with open(path, encoding="utf-8") as file:
        page = file.read()
    wanted = filled(page, tables)
    if arguments.update:
        with open(path, "w", encoding="utf-8") as file:
            file.write(wanted)
    elif page != wanted:
        sys.exit(f"simulate-day: {path} has other numbers; docs/scripts/simulate-day.py --update {path}")


if __name__ == "__main__":
    main()
