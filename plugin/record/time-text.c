/* SPDX-License-Identifier: Apache-2.0 */

/* Points in time as text; see time-text.h. */

#include <config.h>

#include "time-text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "record-util.h"

/* Reads exactly 'n' digits at '*s' into '*value' and steps over them. */
static bool
get_digits(const char **s, int n, int *value)
{
    *value = 0;
    for (int i = 0; i < n; i++, (*s)++) {
        if (**s < '0' || **s > '9') {
            return false;
        }
        *value = *value * 10 + (**s - '0');
    }
    return true;
}

static bool
skip_char(const char **s, char c)
{
    if (**s != c) {
        return false;
    }
    ++*s;
    return true;
}

/* Reads digits at '*s', at least one and few enough to stay below 'max', into
 * '*value'. */
static bool
get_number(const char **s, uint64_t max, uint64_t *value)
{
    const char *start = *s;

    *value = 0;
    while (**s >= '0' && **s <= '9') {
        *value = *value * 10 + (*(*s)++ - '0');
        if (*value > max) {
            return false;
        }
    }
    return *s != start;
}

/* Reads a fraction of a second, as in ".25", at '*s' into '*ns' if there is
 * one.  Returns false if there is half of one. */
static bool
get_fraction(const char **s, uint64_t *ns)
{
    uint64_t unit = NSEC_PER_SEC;

    *ns = 0;
    if (!skip_char(s, '.')) {
        return true;
    }
    if (**s < '0' || **s > '9') {
        return false;
    }
    for (; **s >= '0' && **s <= '9'; ++*s) {
        unit /= 10;
        *ns += (**s - '0') * unit;
    }
    return true;
}

/* Reads "HH:MM", "HH:MM:SS" or that with a fraction. */
static bool
get_clock(const char **s, struct tm *tm, uint64_t *ns)
{
    *ns = 0;
    tm->tm_sec = 0;
    if (!get_digits(s, 2, &tm->tm_hour) || !skip_char(s, ':')
        || !get_digits(s, 2, &tm->tm_min)
        || (skip_char(s, ':')
            && (!get_digits(s, 2, &tm->tm_sec) || !get_fraction(s, ns)))) {
        return false;
    }
    return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec <= 60;
}

/* Turns '*tm', which is 'east' seconds east of UTC, or local time if 'local',
 * and 'ns' into '*result'. */
static bool
put_time(struct tm *tm, bool local, int east, uint64_t ns, uint64_t *result)
{
    time_t t;

    tm->tm_isdst = -1;
    t = local ? mktime(tm) : timegm(tm) - east;
    if (t < 0 || (uint64_t) t > UINT64_MAX / NSEC_PER_SEC - 1) {
        return false;
    }
    *result = t * NSEC_PER_SEC + ns;
    return true;
}

/* Reads how far the zone is east of UTC, "Z" or "+HH:MM"; nothing means local
 * time. */
static bool
get_zone(const char **s, bool *local, int *east)
{
    int hours, minutes;
    bool west = **s == '-';

    *local = !**s;
    *east = 0;
    if (*local || skip_char(s, 'Z') || skip_char(s, 'z')) {
        return true;
    }
    if (!(skip_char(s, '+') || skip_char(s, '-'))
        || !get_digits(s, 2, &hours)) {
        return false;
    }
    skip_char(s, ':');
    if (!get_digits(s, 2, &minutes)) {
        return false;
    }
    *east = (hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

/* As in RFC 3339, "2026-01-31T23:59:59.5+01:00"; a space does instead of the
 * "T", and without a zone it is local time. */
static bool
parse_date(const char *s, uint64_t *result)
{
    struct tm tm = { 0 };
    uint64_t ns;
    bool local;
    int east, day;

    if (!get_digits(&s, 4, &tm.tm_year) || !skip_char(&s, '-')
        || !get_digits(&s, 2, &tm.tm_mon) || !skip_char(&s, '-')
        || !get_digits(&s, 2, &tm.tm_mday)
        || !(skip_char(&s, 'T') || skip_char(&s, 't') || skip_char(&s, ' '))
        || !get_clock(&s, &tm, &ns) || !get_zone(&s, &local, &east) || *s
        || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1) {
        return false;
    }
    tm.tm_year -= 1900;
    tm.tm_mon--;
    day = tm.tm_mday;
    /* The 31st of February would become the 3rd of March. */
    return put_time(&tm, local, east, ns, result) && tm.tm_mday == day;
}

/* "HH:MM", "HH:MM:SS": today, local time. */
static bool
parse_today(const char *s, uint64_t now, uint64_t *result)
{
    time_t t = now / NSEC_PER_SEC;
    struct tm tm;
    uint64_t ns;

    localtime_r(&t, &tm);
    return get_clock(&s, &tm, &ns) && !*s
           && put_time(&tm, true, 0, ns, result);
}

/* "-10m": so long ago; units are s, m, h and d. */
static bool
parse_ago(const char *s, uint64_t now, uint64_t *result)
{
    static const char units[] = "smhd";
    static const uint64_t seconds[] = { 1, 60, 3600, 86400 };
    const char *unit;
    uint64_t n;

    if (!skip_char(&s, '-') || !get_number(&s, UINT32_MAX, &n)) {
        return false;
    }
    unit = *s ? strchr(units, *s) : units;
    if (!unit || (*s && s[1])) {
        return false;
    }
    n *= seconds[unit - units];
    *result = n < now / NSEC_PER_SEC ? now - n * NSEC_PER_SEC : 0;
    return true;
}

/* "1769903999.25": seconds since 1970. */
static bool
parse_epoch(const char *s, uint64_t *result)
{
    uint64_t seconds, ns;

    if (!get_number(&s, UINT64_MAX / NSEC_PER_SEC - 1, &seconds)
        || !get_fraction(&s, &ns) || *s) {
        return false;
    }
    *result = seconds * NSEC_PER_SEC + ns;
    return true;
}

/* Reads the time that 's' names, of which 'now' may be needed, into '*ns',
 * nanoseconds since 1970.  Returns false if it names none. */
bool
time_text_parse(const char *s, uint64_t now, uint64_t *ns)
{
    if (!strcmp(s, "now")) {
        *ns = now;
        return true;
    }
    return (parse_epoch(s, ns) || parse_ago(s, now, ns)
            || parse_today(s, now, ns) || parse_date(s, ns));
}

/* Writes 'ns', nanoseconds since 1970, in UTC and with all its digits, to
 * 'buffer', and returns that. */
const char *
time_text_format(uint64_t ns, char buffer[TIME_TEXT_SIZE])
{
    time_t t = ns / NSEC_PER_SEC;
    struct tm tm;
    size_t n;

    gmtime_r(&t, &tm);
    n = strftime(buffer, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(buffer + n, TIME_TEXT_SIZE - n, ".%09uZ",
             (unsigned int) (ns % NSEC_PER_SEC));
    return buffer;
}
