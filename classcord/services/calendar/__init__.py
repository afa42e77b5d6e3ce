"""From the days and times of a school to moments: when quiet hours hold, in its time zone. Knows no chat."""
