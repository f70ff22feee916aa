"""Waiting for events. A timeout here is for what never comes: it says nothing about speed."""

import threading
import time

TIMEOUT = 30.0


def wait_until(condition, what, timeout=TIMEOUT):
    """Looks until `condition()` is true, for what sends no event (the graph, /proc); gives what it returned."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {timeout} s")
        time.sleep(0.02)
    return value


class Recorder:
    """Keeps what arrives, in order, and wakes up who waits for it."""

    def __init__(self, what):
        self.what = what
        self._items = []
        self._news = threading.Condition()

    def __call__(self, item):
        with self._news:
            self._items.append(item)
            self._news.notify_all()

    def mark(self):
        """The present moment, to give to `since`."""
        with self._news:
            return len(self._items)

    def since(self, mark=0):
        """All that arrived after `mark`."""
        with self._news:
            return self._items[mark:]

    @property
    def last(self):
        """The newest item; waits for the first."""
        self.wait_for(lambda _: True)
        with self._news:
            return self._items[-1]

    def wait_for(self, condition, since=0, timeout=TIMEOUT, what=""):
        """The first item after `since` for which `condition(item)` is true."""
        end = time.monotonic() + timeout
        position = since
        with self._news:
            while True:
                for item in self._items[position:]:
                    if condition(item):
                        return item
                position = len(self._items)
                if not self._news.wait(end - time.monotonic()) and time.monotonic() >= end:
                    seen = self._items[since:][-3:]
                    raise AssertionError(f"{self.what} {what}: not within {timeout} s; the last of {position - since}: {seen}")

    def wait_for_count(self, count, since=0, timeout=TIMEOUT):
        """At least `count` items after `since`."""
        with self._news:
            if not self._news.wait_for(lambda: len(self._items) - since >= count, timeout):
                raise AssertionError(f"{self.what}: {len(self._items) - since} of {count} within {timeout} s")
            return self._items[since:]
