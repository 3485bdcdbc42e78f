/* The time of events; see Lookout in native.h. */

#include "native.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

int unit_bits = 5;
int tsc_is_steady = 0;
uint64_t clock_first_ticks;
int64_t clock_first_ns;

static uint64_t thick; /* ticks that LOOK_EVERY events take at most where they come thick */
static uint32_t looks; /* in a row that were thick, each of one event */
static uint64_t looks_from;

enum { BEAT_NS = 50000, BEATS_UNNEEDED = 50, THICK_NS = 1600 };

uint64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

/* ---- the thread that says when to look ---- */

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER; /* for beating, and for beginning to be thick */
static int beating = 0;

static void *beat(void *unused) {
    const struct timespec pause = {0, BEAT_NS};
    for (int unneeded = 0;;) {
        nanosleep(&pause, NULL);
        /* Nobody has looked since the last beat, or each event looks anyway. */
        unneeded = nearby.lookout.beaten || !nearby.lookout.thick ? unneeded + 1 : 0;
        nearby.lookout.beaten = 1;
        nearby.page.due = NULL;
        if (unneeded > BEATS_UNNEEDED) {
            pthread_mutex_lock(&guard);
            nearby.lookout.thick = 0;
            __atomic_thread_fence(__ATOMIC_SEQ_CST);
            nearby.page.due = NULL;
            beating = 0;
            pthread_mutex_unlock(&guard);
            return NULL;
        }
    }
}

static void become_thick(void) {
    pthread_mutex_lock(&guard);
    if (!beating) {
        pthread_t thread;
        pthread_attr_t attributes;
        sigset_t all, before;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, 1 << 16);
        sigfillset(&all); /* the program's signals are none of its business */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        beating = pthread_create(&thread, &attributes, beat, NULL) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        pthread_attr_destroy(&attributes);
    }
    nearby.lookout.beaten = 0;
    nearby.lookout.thick = (char)beating;
    pthread_mutex_unlock(&guard);
}

static void before_fork(void) { pthread_mutex_lock(&guard); }

static void after_fork(void) { pthread_mutex_unlock(&guard); }

static void in_child(void) {
    beating = 0;
    nearby.lookout.thick = 0;
    nearby.page.due = NULL;
    pthread_mutex_unlock(&guard);
}

/* ---- what callbacks see ---- */

static seldom void count_looks(uint64_t now) {
    looks = 0;
    if (now - looks_from < 4 * thick)
        become_thick();
}

/* The place on the page at which LOOK_EVERY more events were written, as long as such are as a rule. */
static unsigned char *next_look(void) {
    ptrdiff_t stretch = LOOK_EVERY * (values_mode == VALUES_NONE ? 2 : 16);
    struct Page *page = &nearby.page;
    return page->limit - page->at > stretch ? page->at + stretch : page->limit;
}

static kept_apart uint64_t look_while_thick(uint64_t now) {
    if (now - nearby.lookout.seen >= thick && !nearby.lookout.beaten)
        nearby.lookout.thick = 0;
    nearby.lookout.seen = now;
    nearby.lookout.beaten = 0;
    /* What the thread writes may be lost here; then the next time it does is soon enough. */
    nearby.page.due = nearby.lookout.thick ? next_look() : NULL;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!nearby.lookout.thick) /* the thread has ended meanwhile */
        nearby.page.due = NULL;
    return now;
}

uint64_t look_at_clock(void) {
    uint64_t now = ticks();
    if (nearby.lookout.thick)
        return look_while_thick(now);
    nearby.lookout.seen = now;
    if (looks++ == 0)
        looks_from = now;
    else if (unlikely(looks > 4 * LOOK_EVERY))
        count_looks(now);
    return now;
}

void clock_start(void) {
#if defined(__x86_64__)
    /* Where the kernel itself keeps time by the processor's counter, it runs evenly and alike on all cores. */
    char source[8] = "";
    FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "r");
    if (file != NULL) {
        if (fgets(source, sizeof source, file) != NULL && strncmp(source, "tsc", 3) == 0) {
            tsc_is_steady = 1;
            unit_bits = 6;
        }
        fclose(file);
    }
#endif
    int64_t now_ns;
    clock_first_ns = clock_ns();
    clock_first_ticks = ticks();
    do
        now_ns = clock_ns();
    while (now_ns - clock_first_ns < 100000);
    thick = (ticks() - clock_first_ticks) * LOOK_EVERY * THICK_NS / (now_ns - clock_first_ns);
    pthread_atfork(before_fork, after_fork, in_child);
}
