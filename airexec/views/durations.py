"""Lengths of time and moments as people read them. Pure; no clock in here."""


def duration_text(seconds: float) -> str:
    """Return `0.3 s`, `12.3 s`, `2 m 03 s`, `1 h 02 m` or `3 d 04 h`; what is negative counts as nothing."""
    if seconds < 59.95:
        return f"{max(0.0, seconds):.1f} s"
    return _clock_text(round(seconds))


def rough_duration_text(seconds: float) -> str:
    """As `duration_text` in whole seconds: for times that change while one reads them."""
    whole = max(0, int(seconds))
    return f"{whole} s" if whole < 60 else _clock_text(whole)


def delay_text(seconds: float) -> str:
    """As `duration_text`, with a decimal only where there is one to show: `5 s`, `0.5 s`."""
    text = duration_text(seconds)
    return text.replace(".0 s", " s")


def time_text(moment: float) -> str:
    """Return a moment (Unix seconds) in local time: `2026-11-21 01:33:12`."""
    import time

    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


def _clock_text(whole: int) -> str:
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02} h"
    if hours:
        return f"{hours} h {minutes:02} m"
    return f"{minutes} m {seconds:02} s"
