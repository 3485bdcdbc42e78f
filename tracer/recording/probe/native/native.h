/* What the parts of the extension share.

   The extension is the hot half of the recorder: it hears from sys.monitoring that functions begin and end
   and writes that down in the spool's own format (../format.py). All of it runs under the interpreter's lock. */

#ifndef STACKWALK_NATIVE_H
#define STACKWALK_NATIVE_H

#include "tape.h"

/* What every event looks at, side by side: since the event before, the program may have pushed it out of the
   processor's nearest memory. */
extern struct Nearby {
    struct _gil_runtime_state *lock;
    uint64_t thread, context; /* of which it is known */
    /* What records of calls need of the strand and of its tape, taken from them while only such are written;
       see open_page. */
    struct Page {
        unsigned char *at;
        unsigned char *volatile due; /* the clock is to be looked at for the record here, or after; see there */
        Running *top, *end; /* of the strand's stack */
        uint64_t span;
        Site *sites;
        size_t site_mask;
        unsigned char *limit; /* the same as at where no page is open */
        uint64_t last, started;
    } page;
    Strand *strand; /* what is recorded on; NULL for nothing */
    int values_mode;
    struct Lookout {
        uint64_t seen;         /* ticks at the last look at the clock */
        volatile char beaten;  /* its thread has said since that it is time for the next */
        volatile char thick;   /* not each event has a look of its own */
    } lookout __attribute__((aligned(64))); /* away from the rest: that thread writes here */
} nearby;

/* The last thread to take the interpreter's lock. */
static always_inline PyThreadState *last_to_run(void) {
#if PY_VERSION_HEX >= 0x030d0000
    return (PyThreadState *)_Py_atomic_load_ptr_relaxed(&nearby.lock->last_holder);
#else
    return (PyThreadState *)_Py_atomic_load_relaxed(&nearby.lock->last_holder);
#endif
}

/* The running thread's state. Where it is kept for each thread costs more to ask than all else that an event
   does; that the last to take the interpreter's lock is the one who runs the code shows that it is this thread. */
static inline PyThreadState *running_thread(PyObject *code) {
    PyThreadState *state = last_to_run();
    Frame *frame = state ? RUNNING_FRAME(state) : NULL;
    return frame != NULL && (PyObject *)frame_code(frame) == code ? state : PyThreadState_GetUnchecked();
}

/* ---- the clock ---- */

extern int unit_bits;
extern int tsc_is_steady;
extern uint64_t clock_first_ticks;
extern int64_t clock_first_ns;
uint64_t clock_ns(void);
void clock_start(void);

#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t ticks(void) { return tsc_is_steady ? __rdtsc() : clock_ns(); }
#else
static inline uint64_t ticks(void) { return clock_ns(); }
#endif

/* Looking at the clock costs as much as all else that an event does. Where calls come thick, only every few are
   given a look of their own, those that begin a stretch of the page on which so many have room; the others have
   the time of the last look. So that none misses a pause, a thread of its own says ten thousand times a second
   that it is time to look again: a time is never further off than that. Where calls come slower each has its own
   time, and there is no such thread. */
enum { LOOK_EVERY = 32 };

uint64_t look_at_clock(void);

/* Units from last until ticks, of which started is the first; last becomes what is later. */
static inline uint64_t passed_until(uint64_t ticks, uint64_t started, uint64_t *last) {
    uint64_t now = ticks > started ? (ticks - started) >> unit_bits : 0;
    uint64_t passed = now > *last ? now - *last : 0;
    *last += passed;
    return passed;
}

/* Begins a record on the tape, which has room for it. */
static inline void put_head(Tape *tape, uint64_t ticks, int kind) {
    put_number(&tape->bytes, passed_until(ticks, tape->started, &tape->last) << 2 | kind);
}

/* Writes which call a record is of, after its head, at a place that has room for a record; the end of it. */
static inline unsigned char *site_at(unsigned char *at, Site *site) {
    memcpy(at, site->call + 1, SITE_AT_MOST);
    return at + site->length - 1;
}

/* The tape has room for it. */
static inline void put_site(Tape *tape, Site *site) {
    tape->bytes.length = site_at(tape->bytes.data + tape->bytes.length, site) - tape->bytes.data;
}

static inline int strand_push(Strand *strand, Frame *frame, Function *function) {
    if (strand->depth + 1 >= strand->room && strand_grow(strand) < 0)
        return -1;
    strand->stack[++strand->depth] = (Running){frame, ++strand->tape->span, function};
    return 0;
}

/* ---- the page ---- */

/* Most records are of calls on the strand that runs. So that these need look at little, what
   they need is kept nearby while nothing else is recorded. Whoever else looks at a strand or a tape closes the
   page first. */
static inline void open_page(Strand *strand) {
    Tape *tape = strand->tape;
    if (nearby.strand != strand || tape->current != strand || strand->depth == 0 ||
        tape->bytes.length >= tape->limit)
        return;
    nearby.page = (struct Page){.at = tape->bytes.data + tape->bytes.length,
                                .due = NULL, /* the last look may have been for another tape */
                                .limit = tape->bytes.data + tape->limit,
                                .top = &strand->stack[strand->depth],
                                .end = &strand->stack[strand->room - 1],
                                .span = tape->span,
                                .last = tape->last,
                                .started = tape->started,
                                .sites = tape->sites,
                                .site_mask = tape->site_room - 1};
}

static inline void close_page(void) {
    struct Page *page = &nearby.page;
    if (page->limit == NULL)
        return;
    Strand *strand = nearby.strand;
    Tape *tape = strand->tape;
    tape->bytes.length = page->at - tape->bytes.data;
    tape->span = page->span;
    tape->last = page->last;
    strand->depth = page->top - strand->stack;
    page->at = page->due = page->limit = NULL;
}

/* ---- values ---- */

enum { VALUES_NONE, VALUES_IDS, VALUES_SHORT };
#define values_mode nearby.values_mode

enum { TEXT_UNCLEAR, TEXT_SHOWN, TEXT_CUT, TEXT_HIDDEN };
int texts_configure(PyObject *capture);
int look_at_text(PyObject *value);
unsigned char *text_at(unsigned char *at, PyObject *value, int look);
extern size_t value_at_most; /* bytes that one takes which needs no thought */

int objects_configure(PyObject *capture);
unsigned char *object_at(unsigned char *at, Tape *tape, PyObject *value);
int64_t kind_number(Tape *tape, PyTypeObject *type, int *learnt);
enum { DIGITS_AT_MOST = 24 };
size_t digits_of(PyObject *value, char digits[DIGITS_AT_MOST]);

int nothing_to_remember(PyObject *name, PyObject *value);
int nothing_secret_in(PyObject *container);
int secrets_configure(PyObject *capture);

int values_configure(PyObject *capture, PyObject *mode);
unsigned char *arguments_at(unsigned char *at, Tape *tape, Function *function, Frame *frame);
unsigned char *result_at(unsigned char *at, Tape *tape, Function *function, int outcome, PyObject *value);
int put_arguments(Tape *tape, Bytes *bytes, Function *function, Frame *frame);
int put_result(Tape *tape, Bytes *bytes, Function *function, int outcome, PyObject *value);

/* ---- calls ---- */

/* Whether the running thread and its context are those of which it is kept nearby what to record on. */
static always_inline int is_known(PyThreadState *state) {
    return nearby.context == state->context_ver && nearby.thread == state->id;
}

/* Where, in the stack of frames below frame, the function at the strand's top stands; NULL for nowhere. */
static always_inline Frame *caller_of(Running *top, Frame *frame) {
    /* Looked for, not taken as given: only a frame met on the way is sure to be there still. */
    do
        frame = frame->previous;
    while (frame != NULL && frame != top->frame);
    return frame;
}

/* How often the generator or coroutine with the frame went on after a yield; -1 where there is no room to count. */
static inline int64_t count_activation(Tape *tape, Frame *frame, int resumed) {
    Activation *activation = tape_activation(tape, frame);
    if (unlikely(activation == NULL))
        return -1;
    return activation->count = resumed ? activation->count + 1 : 0;
}

/* Of these -1 is returned where an error is set, for failed() to tell of; that returns -1 where it is the
   program's own. */
int begin(PyThreadState *state, PyObject *code, Frame *frame, int resumed);
int end(PyThreadState *state, PyObject *code, Frame *frame, int outcome, PyObject *value);
int thrown(PyObject *code);
int failed(void);
PyObject *configure(PyObject *module, PyObject *args);
PyObject *forget(PyObject *module, PyObject *unused);
PyObject *enter_caller(PyObject *module, PyObject *code);

/* ---- callbacks ---- */

PyObject *join_pairs(PyObject *module, PyObject *code);
extern PyMethodDef event_methods[], block_methods[];
int events_ready(PyObject *module);

#endif
