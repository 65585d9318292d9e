/* What this machine can do at best: wakes on the grid of 120 BPM with clock, and stamps instead of sending.

   floor QUARTERS - prints "fifo" or "other", then a line for each message: 1 for a note or 0 for a clock, due, stamp (ns).
   It must never do more between waking up and stamping than that. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int main(int count, char **words)
{
    long clocks = count > 1 ? atol(words[1]) * 24 : 0;
    int64_t *stamps = calloc(2 * clocks + 1, sizeof *stamps);
    struct sched_param priority = {.sched_priority = 70};
    int fifo = sched_setscheduler(0, SCHED_FIFO, &priority) == 0;
    if (clocks <= 0 || stamps == NULL)
        return 2;
    mlockall(MCL_CURRENT | MCL_FUTURE);
    int64_t start = now() + 100000000;
    for (long i = 0; i < clocks; i++) {
        int64_t due = start + i * INT64_C(500000000) / 24;
        struct timespec until = {due / 1000000000, due % 1000000000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
            ;
        stamps[2 * i] = now();
        if (i % 6 == 0)
            stamps[2 * i + 1] = now();
    }
    puts(fifo ? "fifo" : "other");
    for (long i = 0; i < clocks; i++) {
        long long due = start + i * INT64_C(500000000) / 24;
        printf("0 %lld %lld\n", due, (long long)stamps[2 * i]);
        if (i % 6 == 0)
            printf("1 %lld %lld\n", due, (long long)stamps[2 * i + 1]);
    }
    return 0;
}
