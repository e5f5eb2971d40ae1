"""Lets a Python program live faster: its clock runs, and its sleeps pass, BENCH_FACTOR times as fast.

Python imports a module of this name at its start. The clocks of all programs of one bench agree: they are scaled
from the same moment, BENCH_ANCHOR in epoch seconds. The programs themselves are not changed.
"""
import datetime
import os
import time

FACTOR = float(os.environ["BENCH_FACTOR"])
ANCHOR = float(os.environ["BENCH_ANCHOR"])

_time, _sleep, _monotonic = time.time, time.sleep, time.monotonic
_started = _monotonic()

time.time = lambda: ANCHOR + (_time() - ANCHOR) * FACTOR
time.monotonic = lambda: _started + (_monotonic() - _started) * FACTOR
time.sleep = lambda seconds: _sleep(seconds / FACTOR)

_datetime = datetime.datetime


class _AnyDatetime(type):
    """What was made before, or in C, is a datetime too."""

    def __instancecheck__(cls, instance):
        return isinstance(instance, _datetime)


class ScaledDatetime(_datetime, metaclass=_AnyDatetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)


datetime.datetime = ScaledDatetime
