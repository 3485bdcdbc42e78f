/* What the parts of the extension share.

   The extension is the hot half of the recorder: it hears from sys.monitoring that functions begin and end
   and writes that down in the spool's own format (../format.py). All of it runs under the interpreter's lock.
   It reads the interpreter's frames as they are, for which there is no public way; those are laid out
   differently in each minor version, so it is built for each. */

#ifndef STACKWALK_NATIVE_H
#define STACKWALK_NATIVE_H

#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE 1
#include <Python.h>

#if PY_VERSION_HEX < 0x030c0000 || PY_VERSION_HEX >= 0x030e0000 || defined(Py_GIL_DISABLED)
#error "The native collector knows CPython 3.12 and 3.13 with an interpreter lock."
#endif

#include "internal/pycore_frame.h"
#include "internal/pycore_code.h"
#include "internal/pycore_interp.h"
#include "bytes.h"
#include <stdint.h>

typedef struct _PyInterpreterFrame Frame;

#if PY_VERSION_HEX >= 0x030d0000
#define RUNNING_FRAME(state) ((state)->current_frame)
#define INSTRUCTION(frame) ((void *)(frame)->instr_ptr)
#else
#define PyThreadState_GetUnchecked _PyThreadState_UncheckedGet
#define RUNNING_FRAME(state) ((state)->cframe->current_frame)
#define INSTRUCTION(frame) ((void *)(frame)->prev_instr)
#endif

static inline PyCodeObject *frame_code(Frame *frame) {
#if PY_VERSION_HEX >= 0x030d0000
    return (PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define always_inline inline __attribute__((always_inline))
#define kept_apart __attribute__((noinline))
#define seldom __attribute__((noinline, cold))

struct Strand;

/* What every event looks at, side by side: since the event before, the program may have pushed it out of the
   processor's nearest memory. */
extern struct Nearby {
    struct _gil_runtime_state *lock;
    uint64_t thread, context; /* of which it is known */
    struct Strand *strand;    /* what is recorded on; NULL for nothing */
    struct Lookout {          /* see the clock */
        uint64_t seen;        /* ticks */
        volatile int32_t left; /* events until the next look; the thread ends the waiting */
        volatile char beaten;  /* it did */
        volatile char thick;   /* not each has its own */
    } lookout;
    int values_mode;
    /* What records of calls need of the strand and of its tape, taken from them while only such are written;
       see open_page. */
    struct Page {
        unsigned char *at, *limit; /* the same where no page is open */
        struct Running *top, *end; /* of the strand's stack */
        uint64_t span, last, started;
        struct Site *sites;
        size_t site_mask;
    } page;
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

/* ---- the records' numbers; see ../format.py ---- */

enum { KIND_RETURN, KIND_CALL, KIND_RICH, KIND_OTHER };
enum { OP_NAME = 2, OP_FUNCTION, OP_THREAD, OP_SITE, OP_STRAND, OP_OUTGOING, OP_NOTICE, OP_CLOSE, OP_SWITCH, OP_TYPE };
enum { RICH_END = 1, RICH_ACTIVATION = 2, RICH_VALUES = 4, RICH_OUTCOME = 1, RICH_VALUE = 8 };
enum { VALUE_TEXT = 1, VALUE_SIZE = 2, VALUE_MASKED = 4 };
enum { RETURNED, RAISED, YIELDED };

/* ---- chosen code ---- */

typedef struct {
    PyObject *code; /* borrowed: the function table keeps it */
    PyObject *id, *file;
    uint32_t number;
    int resumable;
    int secret_result;
    int leaf; /* whose texts pass between the program and a library outside of Python */
    int count;
    struct Argument {
        int index; /* in the frame's locals */
        int cell;
        int secret;
        uint32_t number; /* the same for all arguments with this name */
        PyObject *name;
    } arguments[1];
} Function;

Function *function_of(PyObject *code);
int functions_configure(void);
PyObject *add_function(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

/* ---- tapes and strands ---- */

enum { SITE_AT_MOST = 4, RECORD_AT_MOST = NUMBER_AT_MOST + 1 + SITE_AT_MOST + NUMBER_AT_MOST };

typedef struct Site {
    void *instruction; /* of the caller; NULL at the bottom of a strand */
    PyObject *code;
    Function *function;
    unsigned char number[SITE_AT_MOST]; /* as it is written */
    uint8_t length;
    uint8_t more; /* is to be said of its calls than that they happen */
} Site;

typedef struct {
    Frame *frame;
    uint64_t count;
} Activation;

typedef struct {
    PyObject *of; /* a dict of names to numbers, forgotten when it has become long: */
    int64_t next; /* a name then gets another number */
} Numbers;

typedef struct { /* of small numbers */
    unsigned char *bits;
    size_t room;
} Set;

enum { BUILTIN_TYPES = 12 };

typedef struct {
    PyObject_HEAD
    /* What every event looks at: */
    Bytes bytes;
    size_t limit; /* of bytes, from which on a call is not to be taken without a thought */
    struct Strand *current; /* borrowed; the one that the last record concerns */
    uint64_t span; /* the last one's number */
    uint64_t started; /* ticks at which this block begins */
    uint64_t last; /* units since, of the last record */
    Site *sites;
    size_t site_room;
    Activation *activations;
    size_t activation_room;
    /* and what few do: */
    size_t site_count, activation_count;
    uint64_t id; /* no two tapes have the same */
    uint64_t block;
    uint64_t first_span; /* of this block */
    int64_t started_ns;
    uint64_t skipped;
    char stopped;
    uint32_t strands;
    Set functions, names; /* that were written */
    Numbers threads, types;
    uint32_t builtin_types[BUILTIN_TYPES]; /* a builtin type's number + 1 */
} Tape;

typedef struct Running {
    Frame *frame;
    uint64_t span;
    Function *function; /* NULL where nothing is to be said of its return but that it happens */
} Running;

#define NOBODYS_FRAME ((Frame *)-1)

typedef struct Strand {
    PyObject_HEAD
    Tape *tape;
    PyObject *incoming;
    PyObject *thread; /* NULL before the first function */
    Running *stack; /* whose first entry is nobody's: there is always one at the top */
    size_t depth, room;
    uint64_t block; /* the last one that describes it */
    uint32_t number;
    uint32_t thread_number;
} Strand;

extern PyTypeObject TapeType, StrandType;

int tape_turn_to(Tape *tape, Strand *strand);
Site *new_sites(size_t room);
Site *tape_new_site(Tape *tape, void *instruction, PyObject *code, Frame *caller);
Activation *tape_new_activation(Tape *tape, Frame *frame);
void tape_forget_activation(Tape *tape, Activation *activation);
int tape_notice(Tape *tape, PyObject *said);
int64_t tape_type(Tape *tape, PyObject *name);
int64_t tape_thread(Tape *tape, PyObject *name);
int strand_grow(Strand *strand);

#define PENDING_MUCH ((size_t)1 << 20)
#define PENDING_TOO_MUCH ((size_t)16 << 20)

static inline size_t site_slot(void *instruction, PyObject *code, size_t mask) {
    uint64_t mixed = ((uint64_t)(uintptr_t)instruction ^ (uintptr_t)code >> 3) * 0x9E3779B97F4A7C15u;
    return mixed >> 40 & mask;
}

/* The place of a call among sites, or the free one where it is to be put. */
static always_inline Site *site_among(Site *sites, size_t mask, void *instruction, PyObject *code) {
    size_t slot = site_slot(instruction, code, mask);
    while (sites[slot].code != NULL && (sites[slot].instruction != instruction || sites[slot].code != code))
        slot = (slot + 1) & mask;
    return &sites[slot];
}

static inline Activation *activation_slot(Tape *tape, Frame *frame) {
    size_t mask = tape->activation_room - 1;
    size_t slot = (((uintptr_t)frame >> 4) * 0x9E3779B1u >> 7) & mask;
    while (tape->activations[slot].frame != NULL && tape->activations[slot].frame != frame)
        slot = (slot + 1) & mask;
    return &tape->activations[slot];
}

/* How often a generator or coroutine went on after a yield; NULL where there is no room to count it. */
static inline Activation *tape_activation(Tape *tape, Frame *frame) {
    Activation *found = activation_slot(tape, frame);
    return found->frame != NULL ? found : tape_new_activation(tape, frame);
}

static inline void tape_ended(Tape *tape, Frame *frame) {
    Activation *found = activation_slot(tape, frame);
    if (found->frame != NULL)
        tape_forget_activation(tape, found);
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
   given a look of their own; the others have the time of the last look. So that none misses a pause, a
   thread of its own says ten thousand times a second that it is time to look again: a time is never further
   off than that. Where calls come slower each has its own time, and there is no such thread. */
enum { LOOK_EVERY = 32 };

uint64_t look_at_clock(void);

static inline uint64_t event_ticks(void) {
    /* What the thread writes may be lost here; then the next time it does is soon enough. */
    int32_t left = nearby.lookout.left - 1;
    nearby.lookout.left = left;
    return left > 0 ? nearby.lookout.seen : look_at_clock();
}

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

/* The tape has room for it. */
static inline void put_site(Tape *tape, Site *site) {
    memcpy(tape->bytes.data + tape->bytes.length, site->number, SITE_AT_MOST);
    tape->bytes.length += site->length;
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
                                .limit = tape->bytes.data + tape->limit,
                                .top = &strand->stack[strand->depth],
                                .end = &strand->stack[strand->room - 1],
                                .span = tape->span,
                                .last = tape->last,
                                .started = tape->started,
                                .sites = tape->sites,
                                .site_mask = tape->site_room - 1};
    nearby.lookout.left = 0; /* the last look may have been for another tape */
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
    page->at = page->limit = NULL;
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
