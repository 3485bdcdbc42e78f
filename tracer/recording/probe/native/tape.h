/* Tapes take a trace's records, strands are the stacks of running functions that the records concern. */

#ifndef STACKWALK_TAPE_H
#define STACKWALK_TAPE_H

#include "interpreter.h"
#include "bytes.h"

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
    unsigned char call[1 + SITE_AT_MOST]; /* the record of one at the same time as the record before */
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
    return (((uintptr_t)instruction << 4) + (uintptr_t)code) / sizeof(Site) & mask;
}

/* The place of a call among sites, or the free one where it is to be put. */
static always_inline Site *site_among(Site *sites, size_t mask, void *instruction, PyObject *code) {
    size_t slot = site_slot(instruction, code, mask);
    while ((sites[slot].instruction != instruction || sites[slot].code != code) && sites[slot].code != NULL)
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

#endif
