/* What JACK can do at best here: a client that only looks at the clock when it is called.

   idle SERVER PERIOD_US - prints a line when it runs; when its input ends, one with its periods, how many of them began
   more than a period late, and the longest time between two (us); then the moments of the server's xruns (ns, as many
   as there is room for), a line each. It must never do more.
   JACK's functions are declared here, so that its library alone is needed. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct client client;
client *jack_client_open(const char *name, int options, int *status, ...);
int jack_set_process_callback(client *, int (*call)(uint32_t frames, void *), void *);
int jack_set_xrun_callback(client *, int (*call)(void *), void *);
int jack_activate(client *);
int jack_client_close(client *);
enum { NO_START_SERVER = 1, SERVER_NAME = 4 };

static int64_t period_ns, last_ns, longest_ns;
static long periods, late, xruns;
enum { ROOM = 10000 };
static int64_t moments_ns[ROOM];

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int process(uint32_t frames, void *nothing)
{
    int64_t now_ns = now();
    int64_t gap_ns = last_ns ? now_ns - last_ns : 0;
    last_ns = now_ns;
    periods++;
    late += gap_ns > 2 * period_ns;
    longest_ns = gap_ns > longest_ns ? gap_ns : longest_ns;
    return 0;
}

static int xrun(void *nothing)
{
    if (xruns < ROOM)
        moments_ns[xruns++] = now();
    return 0;
}

int main(int count, char **words)
{
    int status;
    if (count != 3)
        return 2;
    period_ns = atol(words[2]) * 1000;
    client *idle = jack_client_open("idle", NO_START_SERVER | SERVER_NAME, &status, words[1]);
    if (idle == NULL)
        return 1;
    jack_set_process_callback(idle, process, NULL);
    jack_set_xrun_callback(idle, xrun, NULL);
    if (jack_activate(idle))
        return 1;
    puts("runs");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    printf("%ld %ld %ld\n", periods, late, (long)(longest_ns / 1000));
    for (long i = 0; i < xruns; i++)
        printf("%lld\n", (long long)moments_ns[i]);
    fflush(stdout);
    jack_client_close(idle);
    return 0;
}
